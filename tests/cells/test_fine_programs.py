"""Fine programs in the shapes of real life, built and started; and what this machine lacks for them."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from harness.engine import targets
from harness.engine.session import Options, Session
from harness.judge.verdict import Outcome
from harness.subject.tools import NoTool

LISTENS: Final = "contract/listens"
C: Final = """#include "port.h"
#include <arpa/inet.h>
#include <unistd.h>
int main(void) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0 || listen(s, 5) < 0) return 1;
    for (;;) { int c = accept(s, 0, 0); if (c < 0) return 1; close(c); }
}
"""
JAVA: Final = """package org.lab;
import java.net.*;
public class Server {
    public static void main(String[] args) throws Exception {
        try (ServerSocket s = new ServerSocket(org.lab.config.Port.NUMBER)) {
            while (true) s.accept().close();
        }
    }
}
"""
PORT_JAVA: Final = (
    "package org.lab.config;\npublic class Port { public static final int NUMBER = 54321; }\n"
)
RUN: Final = """import socket
def run(port=54321):
    with socket.create_server(("", int(port))) as s:
        while True:
            s.accept()[0].close()
"""
WORD_FIRST: Final = f"""{RUN}
import sys
if len(sys.argv) < 2 or sys.argv[1] not in ("start", "stop"):
    sys.exit("usage: server.py start|stop [PORT]")
if sys.argv[1] == "start":
    run(*sys.argv[2:])
"""
SUBPARSER: Final = f"""{RUN}
import argparse
parser = argparse.ArgumentParser()
orders = parser.add_subparsers(required=True, dest="order")
orders.add_parser("serve").add_argument("--port", required=True)
orders.add_parser("ask")
run(parser.parse_args().port)
"""
PERL: Final = """use IO::Socket::INET;
my $s = IO::Socket::INET->new(LocalPort => 54321, Listen => 5, ReuseAddr => 1) or die;
while (my $c = $s->accept) { close $c }
"""
NODE: Final = "require('net').createServer(c => c.end()).listen(require('told').port)\n"
TOLD: Final = {"node_modules/told/index.js": "exports.port = 54321\n"}
MAKEFILE: Final = "bin/server: src/server.c\n\tmkdir -p bin\n\t$(CC) -Iinclude -o $@ $<\n"
CMAKE: Final = """cmake_minimum_required(VERSION 3.10)
project(s C)
include_directories(include)
add_executable(server src/server.c)
"""
CPP_20: Final = """#include <arpa/inet.h>
#include <span>
#include <thread>
#include <unistd.h>
int main() {
    sockaddr_in a{.sin_family = AF_INET, .sin_port = htons(54321), .sin_addr = {}, .sin_zero = {}};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s, reinterpret_cast<sockaddr *>(&a), sizeof a) < 0 || listen(s, 5) < 0) return 1;
    std::jthread serving([s] { for (;;) close(accept(s, nullptr, nullptr)); });
}
"""
COROUTINE: Final = """#include <arpa/inet.h>
#include <coroutine>
#include <unistd.h>
struct Task {
    struct promise_type {
        Task get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() {}
    };
};
Task serve(int s) {
    for (;;) { close(accept(s, nullptr, nullptr)); co_await std::suspend_never{}; }
}
int main() {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_port = htons(54321);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s, reinterpret_cast<sockaddr *>(&a), sizeof a) < 0 || listen(s, 5) < 0) return 1;
    serve(s);
}
"""
IN_C: Final = """#include <arpa/inet.h>
#include <stdlib.h>
#include "listener.h"
int listener(int port) {
    struct sockaddr_in *a = calloc(1, sizeof *a);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    a->sin_family = AF_INET;
    a->sin_port = htons(port);
    return bind(s, (struct sockaddr *)a, sizeof *a) || listen(s, 5) ? -1 : s;
}
"""
IN_CPP: Final = """#include <sys/socket.h>
#include <unistd.h>
extern "C" {
#include "listener.h"
}
int main() {
    int s = listener(54321);
    while (s >= 0) close(accept(s, nullptr, nullptr));
}
"""
PYTHON_LISTENER: Final = """import socket
def listener(port):
    return socket.create_server(("", port))
"""
PYTHON_SERVER: Final = """import sys
from .net import listener
with listener(int(sys.argv[1])) as listening:
    while True:
        listening.accept()[0].close()
"""
PERL_ASKS_FOR_IPV4: Final = """
use IO::Socket::IP;
use Socket qw(AF_INET);
my @how = (LocalPort => 54321, Listen => 9, ReuseAddr => 1, Family => AF_INET);
my $listener = IO::Socket::IP->new(@how) or die $@;
$listener->accept while 1;
"""
C_ASKS_FOR_IPV4: Final = r"""
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void)
{
    struct addrinfo wanted = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
    wanted.ai_flags = AI_PASSIVE | AI_ADDRCONFIG;
    if (getaddrinfo(NULL, "54321", &wanted, &found) != 0) return 1;
    int sock = socket(found->ai_family, found->ai_socktype, 0);
    if (bind(sock, found->ai_addr, found->ai_addrlen) < 0 || listen(sock, 9) < 0) return 1;
    for (;;) close(accept(sock, NULL, NULL));
}
"""
FINE: Final[Mapping[str, tuple[str, dict[str, str]]]] = {
    "makefile-below": (
        "make",
        {"report.pdf": "%PDF", "code/Makefile": MAKEFILE, "code/src/server.c": C}
        | {"code/include/port.h": "#define PORT 54321\n"},
    ),
    "cmake-below": (
        "cmake",
        {"notes.txt": "", "a3/CMakeLists.txt": CMAKE, "a3/src/server.c": C}
        | {"a3/include/port.h": "#define PORT 54321\n"},
    ),
    "java-packages": (
        "javac",
        {"src/org/lab/Server.java": JAVA, "src/org/lab/config/Port.java": PORT_JAVA},
    ),
    "java-flat": ("javac", {"report.md": "", "Server.java": JAVA, "Port.java": PORT_JAVA}),
    "c-in-c++": (
        "g++",
        {"server.cpp": IN_CPP, "listener.c": IN_C, "listener.h": "int listener(int port);\n"},
    ),
    "python-package": (
        "",
        {"README.md": "python -m chat 54321", "chat/net.py": PYTHON_LISTENER}
        | {"chat/__init__.py": "", "chat/__main__.py": PYTHON_SERVER},
    ),
    "python-module": (
        "",
        {"src/lab/__init__.py": "", "src/lab/tcp/__init__.py": "", "src/lab/tcp/net.py": PYTHON_LISTENER}
        | {"src/lab/tcp/server.py": PYTHON_SERVER},
    ),
    "python-package-alone": (
        "",
        {"srv/__init__.py": "", "srv/__main__.py": "from .net import run\nrun()\n", "srv/net.py": RUN},
    ),
    "python-package-that-names-itself": (
        "",
        {
            "srv/__init__.py": "",
            "srv/__main__.py": "from srv import net\nnet.run()\n",
            "srv/net.py": RUN,
        },
    ),
    "word-first": ("", {"server.py": WORD_FIRST}),
    "subparser": ("", {"server.py": SUBPARSER}),
    "perl": ("perl", {"server.pl": PERL}),
    "perl-ipv4": ("perl", {"server.pl": PERL_ASKS_FOR_IPV4}),
    "c-ipv4": ("gcc", {"server.c": C_ASKS_FOR_IPV4}),
    "node-modules": ("node", {"server.js": NODE, **TOLD}),
}
LACKING: Final = {
    "python": ("server.py", "import falcon_of_nowhere\n", "", "no Python package falcon_of_nowhere"),
    "node": ("server.js", "require('express-of-nowhere')\n", "node", "Node package express-of-nowhere"),
    "perl": ("server.pl", "use Nowhere::Server;\n", "perl", "Perl module Nowhere::Server"),
    "java": (
        "Server.java",
        "import org.nowhere.X;\nclass Server { public static void main(String[] a) {} }\n",
        "javac",
        "Java package org.nowhere",
    ),
}


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(Options(only=(LISTENS,), seed=1)) as one:
        yield one


def needs(tool: str) -> None:
    if tool and not shutil.which(tool):
        pytest.skip(f"no {tool} here")


@pytest.fixture(scope="module")
def knows_cpp_20(tmp_path_factory: pytest.TempPathFactory) -> None:
    needs("g++")
    source = tmp_path_factory.mktemp("tried") / "tried.cpp"
    source.write_text(COROUTINE)
    words = ("g++", "-std=gnu++20", "-fsyntax-only", str(source))
    if subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("g++ does not know C++20 here")


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    folder.parent.chmod(0o755)
    return folder


@pytest.mark.parametrize("name", FINE)
def test_a_fine_program_is_built_and_listens(name: str, tmp_path: Path, session: Session) -> None:
    tool, files = FINE[name]
    needs(tool)
    subject = targets.prepare(str(written(tmp_path / "alice", files)))
    assert not subject.failure
    verdict = session.examine(subject).verdicts[LISTENS]
    assert verdict.outcome is Outcome.PASS, verdict.evidence


@pytest.mark.usefixtures("knows_cpp_20")
@pytest.mark.parametrize("text", [CPP_20, COROUTINE], ids=["jthread", "coroutine"])
@pytest.mark.parametrize("handed_in", ["", "server.cpp"], ids=["folder", "file"])
def test_a_newer_standard_is_found(text: str, handed_in: str, tmp_path: Path, session: Session) -> None:
    folder = written(tmp_path / "alice", {"server.cpp": text})
    subject = targets.prepare(str(folder / handed_in))
    assert "-std=gnu++20" in subject.built_by
    assert session.examine(subject).verdicts[LISTENS].outcome is Outcome.PASS


def test_packages_in_an_archive_do_not_count(tmp_path: Path, session: Session) -> None:
    needs("node")
    with zipfile.ZipFile(tmp_path / "alice.zip", "w") as archive:
        for name, text in {"server.js": NODE, **TOLD}.items():
            archive.writestr(name, text)
        for number in range(2100):
            archive.writestr(f"node_modules/p{number}/index.js", "")
    tmp_path.chmod(0o755)
    subject = targets.prepare(str(tmp_path / "alice.zip"))
    assert session.examine(subject).verdicts[LISTENS].outcome is Outcome.PASS


@pytest.mark.parametrize("name", LACKING)
def test_a_package_that_the_machine_lacks_is_named(name: str, tmp_path: Path, session: Session) -> None:
    file, text, tool, says = LACKING[name]
    needs(tool)
    folder = written(tmp_path / "alice", {file: text})
    with pytest.raises(NoTool, match=f"^alice: this machine has .*{says}: install it"):
        session.examine(targets.prepare(str(folder)))


def test_a_module_of_its_own_that_fails_is_the_works(tmp_path: Path, session: Session) -> None:
    files = {"server.py": "import serving.nothing\n", "serving/__init__.py": ""}
    subject = targets.prepare(str(written(tmp_path / "alice", files)))
    assert session.examine(subject).verdicts["contract/starts"].outcome is Outcome.FAIL
