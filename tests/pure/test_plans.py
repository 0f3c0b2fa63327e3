"""How hand-ins of real life are to be built: recognised and planned, by tools that need not be here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from harness.record.role import Role
from harness.subject import lacks
from harness.subject.command_words import as_typed, at_base
from harness.subject.folder import work_in
from harness.subject.form import PROGRAM
from harness.subject.shapes import shape_of

C: Final = "int main(void) { listen(3, 5); }\n"
CLIENT_C: Final = "int main(void) { connect(3, 0, 0); }\n"
JAVA: Final = "class {} {{ public static void main(String[] a) {{ new ServerSocket(1); }} }}\n"
GO: Final = 'package main\n\nfunc main() { net.Listen("tcp", ":1") }\n'
GO_CLIENT: Final = 'package main\n\nfunc main() { net.Dial("tcp", ":1") }\n'
RUST: Final = "mod echo;\nfn main() { std::net::TcpListener::bind(0); }\n"
NODE: Final = "require('net').createServer()\n"
Plan = tuple[str, str, list[str]]

PLANS: Final[Mapping[str, tuple[dict[str, str], Plan]]] = {
    "makefile-below-beside-a-report": (
        {"report.pdf": "%PDF", "code/Makefile": "", "code/src/server.c": C, "code/include/a.h": ""},
        ("make", "code", ["make"]),
    ),
    "makefile-beside-the-source-below": (
        {"README": "", "test_load.py": "x = 1", "a3/Makefile": "", "a3/server.c": C,
         "a3/client.c": CLIENT_C},
        ("make", "a3", ["make"]),
    ),
    "makefile-of-the-tests-alone": (
        {"server.c": C, "tests/Makefile": "", "tests/check.sh": ""},
        ("c", ".", ["cc", "server.c"]),
    ),
    "two-servers-and-one-makefile": (
        {"notes.txt": "", "src/Makefile": "", "src/tcpserver.c": C, "src/tcpserver2.c": C},
        ("make", "src", ["make"]),
    ),
    "cmake-below": (
        {"report.md": "", "project/CMakeLists.txt": "", "project/src/main.cpp": C},
        ("cmake", "project", ["cmake", "-S"]),
    ),
    "meson-below": (
        {"report.md": "", "server/meson.build": "", "server/server.c": C},
        ("meson", "server", ["meson", "setup"]),
    ),
    "java-packages": (
        {"src/com/example/net/Server.java": "package com.example.net;\npublic " + JAVA.format("Server"),
         "src/com/example/util/Log.java": "package com.example.util;\npublic class Log {}\n"},
        ("java", ".", ["net/Server.java", "util/Log.java", "com.example.net.Server"]),
    ),
    "java-packages-beside-a-report": (
        {"report.pdf": "%PDF", "src/com/example/net/Server.java":
         "package com.example.net;\npublic " + JAVA.format("Server"),
         "src/com/example/util/Log.java": "package com.example.util;\npublic class Log {}\n"},
        ("java", ".", ["-sourcepath", "src", "src/com/example/net/Server.java"]),
    ),
    "java-flat-with-a-package": (
        {"EchoServer.java": "// package none;\npackage lab3;\npublic " + JAVA.format("EchoServer"),
         "Worker.java": "package lab3;\nclass Worker {}\n"},
        ("java", ".", ["EchoServer.java", "Worker.java", "lab3.EchoServer"]),
    ),
    "java-of-maven": (
        {"pom.xml": "", "src/main/java/org/x/App.java": "package org.x;\n" + JAVA.format("App"),
         "src/test/java/org/x/AppTest.java": "package org.x;\nclass AppTest {}\n"},
        ("java", ".", ["src/main/java/org/x/App.java", "-sourcepath", "src/main/java", "org.x.App"]),
    ),
    "java-class-called-otherwise": (
        {"Main.java": JAVA.format("Echo")}, ("java", ".", ["Main.java", "Echo"]),
    ),
    "go-module": (
        {"go.mod": "module x\n", "cmd/server/main.go": GO, "cmd/client/main.go": GO_CLIENT,
         "internal/echo/echo.go": "package echo\n"},
        ("go", ".", ["build", "./cmd/server"]),
    ),
    "go-module-below": (
        {"report.pdf": "", "lab/go.mod": "module x\n", "lab/cmd/tcpd/main.go": GO},
        ("go", "lab", ["build", "./cmd/tcpd"]),
    ),
    "go-module-with-main-at-its-top": (
        {"go.mod": "module x\n", "main.go": GO, "main_test.go": "package main\n"},
        ("go", ".", ["build", "."]),
    ),
    "go-without-a-module": (
        {"server.go": GO, "echo.go": "package main\n"}, ("go", ".", ["server.go", "echo.go"]),
    ),
    "rust-alone": ({"server.rs": RUST, "echo.rs": "fn x() {}"}, ("rust", ".", ["rustc", "server.rs"])),
    "rust-alone-below": ({"a.txt": "", "src/main.rs": RUST}, ("rust", ".", ["rustc", "src/main.rs"])),
    "cargo-below": (
        {"report.pdf": "", "echo/Cargo.toml": "", "echo/src/main.rs": RUST},
        ("cargo", "echo", ["cargo", "build", "--offline"]),
    ),
    "perl": (
        {"server.pl": "require './lib.pl';\n$s->listen(5);", "lib.pl": "1;"},
        ("perl", ".", ["perl", "server.pl"]),
    ),
    "perl-alone": ({"echo.pl": "use IO::Socket;"}, ("perl", ".", ["perl", "echo.pl"])),
    "ruby": (
        {"main.rb": "require_relative 'lib/echo'\n", "lib/echo.rb": "TCPServer.new(1)\n"},
        ("ruby", ".", ["ruby", "main.rb"]),
    ),
    "ruby-alone": ({"server.rb": "TCPServer.new(54321)\n"}, ("ruby", ".", ["ruby", "server.rb"])),
    "php": (
        {"run.php": "<?php require __DIR__ . '/echo.php';", "echo.php": "<?php\n"},
        ("php", ".", ["php", "run.php"]),
    ),
    "php-alone": ({"server.php": "<?php socket_listen($s);"}, ("php", ".", ["php", "server.php"])),
    "node-with-modules": (
        {"index.js": "require('./net/echo')\n", "net/echo.js": NODE, "package.json": "{}",
         "node_modules/express/index.js": NODE, "node_modules/ws/server.js": NODE},
        ("node", ".", ["node", "index.js"]),
    ),
    "node-with-tests": (
        {"server.js": "require('./chat')\n", "chat.js": NODE, "package.json": "{}",
         "test/test.server.js": "require('chai'); require('../server')\n",
         "spec/chat-server.js": "require('../server')\n", "chat.test.js": "require('./server')\n"},
        ("node", ".", ["server.js"]),
    ),
    "python-with-tests": (
        {"chatserver.py": "s.listen(5)\n", "tests/fake_server.py": "import chatserver\n",
         "tests/conftest.py": "", "server-test.py": "s.listen(5)\n"},
        ("python", ".", ["chatserver.py"]),
    ),
    "scripts-that-build-and-start-it": (
        {"build.sh": "docker build -t lab .\n", "main.c": C, "run.sh": "docker run lab\n"},
        ("c", ".", ["cc", "main.c"]),
    ),
    "a-script-that-starts-it": (
        {"start.sh": "#!/bin/sh\npython3 main.py 8080\n", "main.py": "s.listen(5)\n"},
        ("python", ".", ["main.py"]),
    ),
    "node-with-a-folder-of-its-own": (
        {"main.mjs": "import x from './lib/index.mjs'\n", "lib/index.mjs": NODE},
        ("node", ".", ["main.mjs"]),
    ),
}  # fmt: skip


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("name", PLANS)
def test_a_hand_in_is_planned(name: str, tmp_path: Path) -> None:
    files, (form, base, words) = PLANS[name]
    shape = shape_of(work_in(written(tmp_path, files)))
    tools = {tool.name: tool.name for tool in shape.form.tools}
    planned = [word for command in shape.form.commands(shape, tools) for word in command]
    if shape.form.start is not None:
        planned += [w.removeprefix("/r/") for w in shape.form.start(shape, Path("/r"), tools).words]
    assert (shape.form.name, str(shape.base)) == (form, base)
    assert not set(words) - set(planned), planned


def test_commands_are_told_as_they_would_be_typed() -> None:
    told = as_typed(
        [
            ("/usr/bin/cc", "-o", "my server", "s.c"),
            at_base(Path("a b"), ("/usr/bin/make", "all")),
            ("/bin/sh", "-c", "./run me"),
            ("./server", "54321"),
        ]
    )
    assert told.splitlines() == [
        "cc -o 'my server' s.c", "cd 'a b' && make all", "sh -c './run me'", "./server 54321"
    ]  # fmt: skip


def test_where_cargo_is_out_of_reach_the_compiler_is_called(tmp_path: Path) -> None:
    files = {"report.pdf": "", "echo/Cargo.toml": "", "echo/src/bin/server.rs": RUST}
    shape = shape_of(work_in(written(tmp_path, files)))
    ((compiler, *words),) = shape.form.commands(shape, {"cargo": "/usr/bin/rustc"})
    assert (compiler, words[-3:]) == ("/usr/bin/rustc", ["-o", PROGRAM, "src/bin/server.rs"])


def test_of_a_module_the_client_is_planned_too(tmp_path: Path) -> None:
    shape = shape_of(work_in(written(tmp_path, PLANS["go-module"][0])), role=Role.CLIENT)
    assert "./cmd/client" in shape.form.commands(shape, {"go": "go"})[0]


def test_others_packages_are_taken_along_and_not_counted(tmp_path: Path) -> None:
    files = {f"node_modules/p{n}/index.js": "" for n in range(2100)}
    work = work_in(written(tmp_path, {"server.js": NODE, "README": "", **files}))
    assert len(work.files) == 2102
    assert set(work.own) == {Path("server.js"), Path("README")}


LACKS: Final = {
    "error: no matching package named `tokio` found\nlocation": "Rust crate tokio",
    "error[E0433]: use of unresolved module or unlinked crate `serde`": "Rust crate serde",
    "error[E0432]: unresolved import `mio`\n help: or an extern crate":
        "Rust crate mio",
    "main.go:5:2: no required module provides package github.com/gorilla/websocket; to add it":
        "Go package github.com/gorilla/websocket",
    "go: golang.org/x/sync@v0.7.0: module lookup disabled": "Go package golang.org/x/sync",
    "go: downloading github.com/spf13/viper v1.10.1\nmain.go:6:2: module lookup disabled by GOPROXY=off":
        "Go package github.com/spf13/viper",
    "Server.java:3: error: package org.json does not exist": "Java package org.json",
    "Server.java:3: error: package io.netty.channel does not exist": "Java package io.netty.channel",
    "Traceback\nModuleNotFoundError: No module named 'flask'\n": "Python package flask",
    "Traceback\nModuleNotFoundError: No module named 'zmq.asyncio'\n": "Python package zmq",
    "Error: Cannot find module 'express'\nRequire stack:": "Node package express",
    "Error [ERR_MODULE_NOT_FOUND]: Cannot find package '@hapi/hapi'": "Node package @hapi/hapi",
    "cannot load such file -- eventmachine (LoadError)": "Ruby gem eventmachine",
    "Could not find gem 'async' in locally installed gems.": "Ruby gem async",
    "Can't locate AnyEvent/Socket.pm in @INC (you may need": "Perl module AnyEvent::Socket",
    "Can't locate EV.pm in @INC": "Perl module EV",
    "Uncaught Error: Call to undefined function socket_create()": "PHP extension socket",
    "s.c:1:10: fatal error: pcap/pcap.h: No such file or directory": "pcap/pcap.h: package libpcap-dev",
    "s.c:2:10: fatal error: 'event2/event.h' file not found": "event2/event.h: package libevent-dev",
    "/usr/bin/ld: cannot find -luv: No such file or directory": "-luv: package libuv1-dev",
    "/usr/bin/ld: cannot find -lncurses\ncollect2: error": "-lncurses: package libncurses-dev",
}  # fmt: skip
THEIRS: Final = (
    "server.c:3:5: error: 'x' undeclared",
    "ModuleNotFoundError: No module named 'serving'\n",
    "ModuleNotFoundError: No module named 'asyncore'\n",
    "Error: Cannot find module './lib/echo'",
    "Server.java:2: error: package java.nett does not exist",
    "Server.java:2: error: package com.alice.utils does not exist",
    "error[E0583]: file not found for module `echo`",
    "cannot load such file -- /work/lib/echo (LoadError)",
    "s.c:1:10: fatal error: net.h: No such file or directory",
    "s.c:1:10: fatal error: winsock2.h: No such file or directory",
    "s.c:1:10: fatal error: sys/event.h: No such file or directory",
    "s.c:1:10: fatal error: ../event.h: No such file or directory",
    "s.c:1:10: fatal error: check.h: No such file or directory",
    "/usr/bin/ld: cannot find -lnet: No such file or directory",
)


@pytest.mark.parametrize("text", LACKS)
def test_what_the_machine_lacks_is_named(text: str) -> None:
    own = ["server.py", "src/com/alice/Server.java", "src/main.rs"]
    told = lacks.of_build(text, own) or lacks.of_start(text, own)
    end = "" if "package lib" in LACKS[text] else ": install it"
    assert told.startswith(f"this machine has no {LACKS[text]}{end}")


@pytest.mark.parametrize("text", LACKS)
def test_what_an_assignment_does_not_promise_is_the_works_own_risk(text: str) -> None:
    name = LACKS[text].partition(": ")[0].split()[-1]
    package = LACKS[text].partition("package ")[2] or name
    for promised, is_machines in (((), False), (("numpy",), False), ((name,), True), ((package,), True)):
        told = lacks.of_build(text, (), promised) or lacks.of_start(text, (), promised)
        assert bool(told) is is_machines, promised


@pytest.mark.parametrize("text", THEIRS)
def test_what_the_work_lacks_is_not_the_machines(text: str) -> None:
    own = ["serving/__init__.py", "src/com/alice/Server.java", "include/check.h"]
    if "asyncore" in text:
        own.append("asyncore.py")
    assert not lacks.of_build(text, own)
    assert not lacks.of_start(text, own)
