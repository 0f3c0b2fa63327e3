"""What students hand in, in the shapes of real life: built and started, or refused with a sentence."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import shutil
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest

import harness
from harness.engine import targets
from harness.engine.session import Options, Session
from harness.judge.verdict import Outcome
from harness.subject.folder import UnusableTarget
from harness.subject.submission import BuildOptions
from tests import command

LISTENS: Final = "contract/listens"
C: Final = """#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0 || listen(s, 5) < 0) return 1;
    for (;;) { int c = accept(s, 0, 0); if (c < 0) return 1; close(c); }
}
"""
SERVER_C: Final = C.replace("PORT", "54321")
PYTHON: Final = """import socket
with socket.create_server(("", 54321)) as s:
    while True:
        s.accept()[0].close()
"""
CLIENT_C: Final = "int main(void) { return 0; }\n"
Make = Callable[[Path], object]


@dataclass(frozen=True)
class Shape:
    """One hand-in: what makes it, and the sentence that refuses it, or what stays of its verdict."""

    make: Make
    says: str = ""
    fails: str = ""
    needs: str = ""
    entry: str = ""
    file: str = ""


def files(**contents: str) -> Make:
    """Files by name; "__" stands for a dot, "_in_" for a slash."""

    def make(folder: Path) -> None:
        for name, text in contents.items():
            path = folder / name.replace("_in_", "/").replace("__", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())

    return make


def in_bytes(**contents: bytes) -> Make:
    def make(folder: Path) -> None:
        for name, data in contents.items():
            (folder / name.replace("__", ".")).write_bytes(data)

    return make


def also(*makes: Make) -> Make:
    def make(folder: Path) -> None:
        for each in makes:
            each(folder)

    return make


def named(name: str, text: str, mode: int = 0o644) -> Make:
    def make(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
        (folder / name).chmod(mode)

    return make


def link(name: str, target: str) -> Make:
    return lambda folder: (folder / name).symlink_to(target)


def zipped(entries: dict[str, str], name: str = "alice.zip") -> Make:
    def make(folder: Path) -> None:
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, text in entries.items():
                archive.writestr(entry, text)

    return make


def tarred(entries: dict[str, str], name: str = "alice.tar.gz") -> Make:
    def make(folder: Path) -> None:
        with tarfile.open(folder / name, "w:gz") as archive:
            for entry, text in entries.items():
                told = tarfile.TarInfo(entry)
                told.size = len(text.encode())
                archive.addfile(told, io.BytesIO(text.encode()))

    return make


def bomb(folder: Path) -> None:
    """Two hundred MiB of zeros in two hundred KiB."""
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("server.c", bytes(200 << 20))


def foreign(folder: Path) -> None:
    """A program for another architecture."""
    (folder / "server").write_bytes(struct.pack("<16sHH", b"\x7fELF\x02\x01\x01", 2, 243) + bytes(64))


def for_macos(folder: Path) -> None:
    (folder / "server").write_bytes(b"\xcf\xfa\xed\xfe" + bytes(64))


def without_run_bit(folder: Path) -> None:
    source = folder / "server.c"
    source.write_text(SERVER_C)
    assert os.system(f"cc -o '{folder}/server' '{source}'") == 0  # noqa: S605
    source.unlink()
    (folder / "server").chmod(0o644)


def many(folder: Path) -> None:
    for number in range(2100):
        (folder / f"{number}.txt").touch()


MAKEFILE: Final = "server: server.c\n\t$(CC) -Wall -o $@ server.c\n"
CLEAN_FIRST: Final = "clean:\n\trm -f server\n" + MAKEFILE
ONLY_CLEAN: Final = "clean:\n\trm -f server\n"
FOR_EVER: Final = "server: server.c\n\tsleep 300\n"
CMAKE: Final = "cmake_minimum_required(VERSION 3.10)\nproject(s C)\nadd_executable(server server.c)\n"
WITH_ARGUMENT: Final = C.replace(
    "PORT", 'atoi(argc == ARGC && argv[WHERE] ? argv[WHERE] : (exit(2), ""))'
)
NODE: Final = "require('net').createServer(c => c.end()).listen(54321)\n"
JAVA: Final = """import java.net.*;
public class Server {
    public static void main(String[] args) throws Exception {
        try (ServerSocket s = new ServerSocket(54321)) { while (true) s.accept().close(); }
    }
}
"""
GO: Final = "package main\n\nfunc main() { select {} }\n"
RUN_ALONE: Final = """[submission]
run = '''python3 -c "import socket; s = socket.create_server(('', {port}))
while True: s.accept()[0].close()"'''
"""
ASKS_FIRST: Final = SERVER_C.replace("int s =", "char b[9]; if (read(0, b, 9) < 1) return 1; int s =")

INDENTED: Final = "".join(f"    {line}\n" for line in PYTHON.splitlines())

SHAPES: Final = {
    "one-c-file": Shape(files(server__c=SERVER_C)),
    "one-c-file-by-name": Shape(files(server__c=SERVER_C), file="server.c"),
    "one-cpp-file": Shape(files(server__cpp=SERVER_C)),
    "one-cc-file": Shape(files(server__cc=SERVER_C)),
    "one-python-file": Shape(files(server__py=PYTHON)),
    "two-c-files-one-main": Shape(
        files(main__c="void serve(void);\nint main(void) { serve(); }\n",
              serve__c=SERVER_C.replace("int main(int argc, char **argv)", "void serve(void)")
              .replace("return 1", "return"))
    ),
    "source-that-is-included": Shape(
        files(server__c='#include "port.c"\n' + C.replace("PORT", "port"), port__c="int port = 54321;\n")
    ),
    "source-of-a-subfolder-that-is-included": Shape(
        files(server__cpp='#include "lib/port.cpp"\n' + C.replace("PORT", "port"),
              lib_in_port__cpp="int port = 54321;\n")
    ),
    "header-beside": Shape(files(server__c='#include "port.h"\n' + C, port__h="#define PORT 54321\n")),
    "server-and-client": Shape(files(server__c=SERVER_C, client__c=CLIENT_C)),
    "lectures-names": Shape(files(tcpserver__c=SERVER_C, tcpclient__c=CLIENT_C, tcpclient2__c=CLIENT_C)),
    "three-servers": Shape(
        files(tcpserver__c=SERVER_C, tcpserver2__c=f"{SERVER_C}/**/", tcpserver3__c=SERVER_C),
        says="more than one server (tcpserver.c, tcpserver2.c, tcpserver3.c); choose one: --entry",
    ),
    "copies-of-one-server": Shape(
        files(**{"server__c": SERVER_C, "server (1)__c": SERVER_C, "Copy of server__c": SERVER_C})
    ),
    "copies-with-other-line-ends": Shape(
        files(server__c=SERVER_C, server_win__c=SERVER_C.replace("\n", "\r\n"))
    ),
    "old-copy-beside": Shape(
        files(server__c=SERVER_C, server_old__c="int main(void) { return 1; }\n"), file="server.c"
    ),
    "old-copies-in-a-folder": Shape(
        files(**{
            "server__py": PYTHON,
            "backup 2/server__py": "import sys; sys.exit('server')\n",
            "Copy of server - old__py": "import sys; sys.exit('server')\n",
        }),
        file="server.py",
    ),
    "old-copy-beside-a-folder-of-the-last-one": Shape(
        files(final_in_server__c=SERVER_C, old_in_server__c="int main(void) { return 1; }\n")
    ),
    "old-server-alone": Shape(files(server_old__c=SERVER_C, client__c=CLIENT_C)),
    "source-behind-txt": Shape(
        files(server__c__txt='#include "port.h"\n' + C, port__h__txt="#define PORT 54321\n")
    ),
    "makefile-behind-txt": Shape(files(Makefile__txt=MAKEFILE, server__c__TXT=SERVER_C), needs="make"),
    "script-without-suffix-and-bit": Shape(files(server="#!/usr/bin/env python3\n" + PYTHON)),
    "three-servers-one-chosen": Shape(
        files(tcpserver__c=CLIENT_C, tcpserver2__c=SERVER_C, tcpserver3__c=CLIENT_C), entry="tcpserver2"
    ),
    "two-mains": Shape(files(a__c=SERVER_C, b__c=CLIENT_C), says="more than one server (a.c, b.c)"),
    "entry-that-is-not-there": Shape(files(a__c=SERVER_C), entry="b.c", says="no b.c in it (a.c)"),
    "makefile": Shape(files(Makefile=MAKEFILE, server__c=SERVER_C), needs="make"),
    "makefile-cleans-by-default": Shape(
        files(Makefile=CLEAN_FIRST, server__c=SERVER_C), needs="make"
    ),
    "makefile-that-only-cleans": Shape(files(Makefile=ONLY_CLEAN, server__c=SERVER_C), needs="make"),
    "makefile-makes-server-and-client": Shape(
        also(files(server__c=SERVER_C, client__c=CLIENT_C),
             named("Makefile", "all: server client\n")), needs="make"
    ),
    "makefile-that-fails": Shape(
        files(Makefile=MAKEFILE, server__c="int main(void) { return x; }\n"),
        fails="undeclared", needs="make",
    ),
    "cmake": Shape(files(CMakeLists__txt=CMAKE, server__c=SERVER_C), needs="cmake"),
    "node": Shape(files(server__js=NODE), needs="node"),
    "node-with-a-package": Shape(
        files(server__js=NODE, package__json="{}", lib_in_more__js="exports.x = 1\n"), needs="node"
    ),
    "java": Shape(files(Server__java=JAVA), needs="javac"),
    "java-with-a-mark": Shape(in_bytes(Server__java=JAVA.encode("utf-8-sig")), needs="javac"),
    "java-of-windows": Shape(
        in_bytes(Server__java=f"// Grüße\n{JAVA}".encode("cp1252")), needs="javac"
    ),
    "java-in-utf-8": Shape(files(Server__java=f"// Grüße, 日本\n{JAVA}"), needs="javac"),
    "java-classes-alone": Shape(in_bytes(A__class=b"\xca\xfe\xba\xbe\0"), says="it holds A.class"),
    "a-language-that-nobody-builds-here": Shape(
        in_bytes(A__cs=b"class A {}", A__exe=b"MZ\0\0"), says="it holds A.cs, A.exe"
    ),
    "python-with-modules": Shape(
        files(server__py="import serving\nserving.serve()\n",
              serving__py="def serve():\n" + INDENTED)
    ),
    "python-package-with-a-console-script": Shape(
        files(**{"pyproject__toml": '[project.scripts]\nupper-d = "upperd.app:main"\n',
                 "src/upperd/app__py": "from upperd.serving import serve\ndef main():\n    serve()\n",
                 "src/upperd/serving__py": "def serve():\n" + INDENTED})
    ),
    "python-module-with-a-console-script": Shape(
        files(setup__py="from setuptools import setup\nsetup(py_modules=['upper'], entry_points="
              "{'console_scripts': ['upper=upper:serve']})\n",
              upper__py="def serve():\n" + INDENTED)
    ),
    "python-with-tests": Shape(files(server__py=PYTHON, test_server__py="x = 1\n", setup__py="x = 1\n")),
    "python-script-without-suffix-and-its-module": Shape(
        files(**{"bin/upperd": "#!/usr/bin/env python3\nimport sys\n"
                 "sys.path.insert(0, 'lib')\nimport serving\n",
                 "lib/serving__py": PYTHON})
    ),
    "ruby-script-without-suffix-and-its-module": Shape(
        files(**{"bin/server": "#!/usr/bin/env ruby\nrequire_relative '../lib/upper'\nUpper.run\n",
                 "lib/upper__rb": "require 'socket'\nmodule Upper\n  def self.run\n"
                 "    s = TCPServer.new(54321)\n    loop { s.accept.close }\n  end\nend\n"}),
        needs="ruby",
    ),
    "shell": Shape(named("server.sh", f"#!/bin/sh\nexec python3 -c '{PYTHON}'\n")),
    "program-without-run-bit": Shape(without_run_bit),
    "program-for-another-machine": Shape(foreign, fails="is a program for riscv64"),
    "program-for-macos": Shape(for_macos, fails="is a program for macOS"),
    "names-with-spaces-and-umlauts": Shape(named("mein Übungs-Server (1).c", SERVER_C)),
    "crlf": Shape(files(server__c=SERVER_C.replace("\n", "\r\n"))),
    "byte-order-mark": Shape(files(server__c="\ufeff" + SERVER_C)),
    "python-with-a-byte-order-mark": Shape(files(server__py="\ufeff" + PYTHON.replace("\n", "\r\n"))),
    "one-folder-in-another": Shape(files(abgabe_in_a3_in_server__c=SERVER_C)),
    "litter-of-macos": Shape(
        also(files(server__c=SERVER_C), named("__MACOSX/._server.c", "\0"), named(".DS_Store", "\0"),
             named("._server.c", "\0"))
    ),
    "folder-of-an-editor": Shape(also(files(server__c=SERVER_C), named(".vscode/main.c", CLIENT_C))),
    "git-checkout": Shape(also(files(server__c=SERVER_C), named(".git/hooks/server.py", PYTHON))),
    "link-out-of-the-folder": Shape(also(files(server__c=SERVER_C), link("notes", "/etc/passwd"))),
    "nothing-but-a-link-out": Shape(link("server.c", "/etc/passwd"), says="leads out of it"),
    "link-to-itself": Shape(also(files(server__c=SERVER_C), link("loop", "."))),
    "nothing": Shape(lambda _: None, says="nothing to run in this folder: it is empty"),
    "only-text": Shape(files(report__txt="it works\n"), says="nothing to run in this folder"),
    "too-many-files": Shape(many, says="more than 2000 files"),
    "zip": Shape(zipped({"server.c": SERVER_C}), file="alice.zip"),
    "zip-with-a-folder-and-litter": Shape(
        zipped({"a3/server.c": SERVER_C, "__MACOSX/a3/._server.c": "x"}), file="alice.zip"
    ),
    "tar": Shape(tarred({"a3/server.c": SERVER_C}), file="alice.tar.gz"),
    "zip-that-reaches-out": Shape(
        zipped({"../server.c": SERVER_C}), file="alice.zip", says="reaches out of the archive; refused"
    ),
    "tar-that-reaches-out": Shape(
        tarred({"../server.c": SERVER_C}), file="alice.tar.gz", says="refused"
    ),
    "bomb": Shape(bomb, file="bomb.zip", says="more than 2000 files or 64 MiB"),
    "broken-zip": Shape(
        named("alice.zip", "PK\x03\x04broken"), file="alice.zip", says="cannot be unpacked"
    ),
    "port-as-argument": Shape(files(server__c=WITH_ARGUMENT.replace("ARGC", "2").replace("WHERE", "1"))),
    "host-and-port": Shape(files(server__c=WITH_ARGUMENT.replace("ARGC", "3").replace("WHERE", "2"))),
    "option-p": Shape(
        files(server__py="import getopt, sys\n"
              'port = int(dict(getopt.getopt(sys.argv[1:], "p:")[0])["-p"])\n'
              + PYTHON.replace("54321", "port"))
    ),
    "another-fixed-port": Shape(files(server__c=C.replace("PORT", "8080"))),
    "waits-for-input": Shape(files(server__c=ASKS_FIRST), fails="asleep in read()"),
    "says-how-to-build-and-run": Shape(
        files(odd__txt=WITH_ARGUMENT.replace("ARGC", "2").replace("WHERE", "1"),
              forkspec__toml='[submission]\nbuild = "cc -x c -o odd odd.txt"\nrun = "./odd {port}"\n')
    ),
    "says-how-to-run": Shape(
        files(odd__py=PYTHON.replace("54321", "int(sys.argv[2])").replace("import ", "import sys, "),
              forkspec__toml='[submission]\nrun = "python3 odd.py --listen {port}"\nport = 7000\n')
    ),
    "says-how-to-run-and-nothing-else": Shape(files(forkspec__toml=RUN_ALONE)),
    "says-how-to-run-by-a-path": Shape(
        files(server__c=SERVER_C,
              forkspec__toml='[submission]\nrun = "/bin/sh -c ./forkspec-program"\n')
    ),
    "says-how-to-run-by-a-path-that-is-not-there": Shape(
        files(server__c=SERVER_C, forkspec__toml='[submission]\nrun = "/usr/bin/no-such"\n'),
        says="run: no /usr/bin/no-such on this machine",
    ),
    "says-how-to-run-one-of-two": Shape(
        files(a__py=PYTHON, b__py=PYTHON, forkspec__toml='[submission]\nrun = "python3 b.py"\n')
    ),
    "says-which": Shape(
        files(a__c=CLIENT_C, b__c=SERVER_C, forkspec__toml='[submission]\nentry = "b.c"\n')
    ),
    "says-it-wrongly": Shape(
        files(b__c=SERVER_C, forkspec__toml='[submission]\nentri = "b.c"\n'),
        says='forkspec.toml:2: unknown key "entri" in [submission]; did you mean "entry"?',
    ),
    "main-is-missing": Shape(files(serve__c="void serve(void) {}\n"), fails="undefined reference"),
}  # fmt: skip


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(Options(only=(LISTENS,), seed=1)) as one:
        yield one


@pytest.mark.parametrize("name", SHAPES)
def test_a_hand_in_is_judged_or_refused_with_a_sentence(
    name: str, tmp_path: Path, session: Session
) -> None:
    shape = SHAPES[name]
    if shape.needs and not shutil.which(shape.needs):
        pytest.skip(f"no {shape.needs} here")
    folder = tmp_path / "alice"
    folder.mkdir()
    tmp_path.chmod(0o755)
    shape.make(folder)
    before = sorted(folder.rglob("*"))
    target = str(folder / shape.file if shape.file else folder)
    if shape.says:
        with pytest.raises(harness.HarnessError) as refused:
            targets.prepare(target, BuildOptions(shape.entry))
        assert shape.says in str(refused.value)
        assert "\n" not in str(refused.value)
    else:
        result = session.examine(targets.prepare(target, BuildOptions(shape.entry)))
        told = " ".join(verdict.evidence.observed for verdict in result.verdicts.values())
        if shape.fails:
            assert shape.fails in told
        else:
            assert result.verdicts[LISTENS].outcome is Outcome.PASS, told
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("make", "tool"),
    [
        (files(main__go=GO, go__mod="module s\n"), "go"),
        (files(Cargo__toml="[package]\n", src_in_main__rs="fn main() {}\n"), "cargo"),
        (files(CMakeLists__txt=CMAKE, server__c=SERVER_C), "cmake"),
        (files(Server__java=JAVA), "Java compiler"),
        (files(server__js=NODE), "node"),
        (files(Makefile=MAKEFILE, server__c=SERVER_C), "make"),
        (files(server__c=SERVER_C), "C compiler"),
    ],
    ids=["go", "cargo", "cmake", "java", "node", "make", "c"],
)
def test_a_tool_that_is_missing_is_named(
    make: Make, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(harness.HarnessError, match=f"no {tool} on this machine; install"):
        targets.prepare(str(tmp_path))


def test_a_build_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.subject.build_sandbox.GUARD_S", 0.5)
    files(Makefile=FOR_EVER, server__c=SERVER_C)(tmp_path)
    subject = targets.prepare(str(tmp_path))
    assert "did not finish" in subject.failure


@contextlib.contextmanager
def _failing_writes(monkeypatch: pytest.MonkeyPatch, place: Path, number: int) -> Iterator[None]:
    """Make every write below a place fail, as on a full disk."""
    real = Path.write_bytes, shutil.copyfile, shutil.copyfileobj

    def refuse(path: object) -> None:
        if Path(str(path)).is_relative_to(place):
            raise OSError(number, os.strerror(number))

    def write_bytes(path: Path, data: bytes) -> int:
        refuse(path)
        return real[0](path, data)

    def copyfile(source: Path, target: Path) -> Path:
        refuse(target)
        real[1](source, target)
        return target

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", write_bytes)
        patched.setattr(shutil, "copyfile", copyfile)
        patched.setattr("harness.subject.archive._copy", lambda *_: refuse(place))
        yield


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "make room, or set FORKSPEC_CACHE"),
        (errno.EDQUOT, "make room, or set FORKSPEC_CACHE"),
        (errno.EIO, "see to the disk, or set FORKSPEC_CACHE"),
        (errno.EROFS, "see to the disk, or set FORKSPEC_CACHE"),
        (errno.EMFILE, r"raise the limit on open files \(ulimit -n\)$"),
        (errno.ENFILE, r"raise the limit on open files \(ulimit -n\)$"),
    ],
    ids=errno.errorcode.get,
)
@pytest.mark.parametrize("shape", ["file", "folder", "archive"])
def test_what_the_machine_lacks_is_not_the_submissions(
    shape: str, number: int, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, folder = tmp_path / "cache", tmp_path / "kim"
    monkeypatch.setenv("FORKSPEC_CACHE", str(cache))
    tmp_path.chmod(0o755)
    folder.mkdir()
    files(server__py=PYTHON)(folder)
    target = {"file": folder / "server.py", "folder": folder, "archive": tmp_path / "kim.zip"}[shape]
    if shape == "archive":
        with zipfile.ZipFile(target, "w") as packed:
            packed.write(folder / "server.py", "server.py")
    monkeypatch.setattr("harness.subject.content_store.is_reachable", lambda _: True)
    with _failing_writes(monkeypatch, cache, number), pytest.raises(harness.HarnessError) as slip:
        targets.prepare(str(target))
    assert type(slip.value) is harness.HarnessError, "neither the user's nor a missing tool's"
    assert re.search(f"^the build cache {cache}/.*: {os.strerror(number)}: {remedy}", str(slip.value))
    assert targets.prepare(str(target)).argv, "and nothing of it stays"


def test_a_folder_of_the_cache_that_is_not_ours_is_the_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.subject.content_store.is_reachable", lambda _: True)
    monkeypatch.setenv("FORKSPEC_CACHE", str(tmp_path / "cache"))
    files(server__py=PYTHON)(tmp_path)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "kept").write_text("")
    with pytest.raises(harness.HarnessError, match=r"cache/kept: .*, or set FORKSPEC_CACHE") as slip:
        targets.prepare(str(tmp_path / "server.py"))
    assert type(slip.value) is harness.HarnessError


def test_two_entries_of_an_archive_in_one_place_are_the_submissions(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "kim.zip", "w") as packed:
        packed.writestr("src", "a file")
        packed.writestr("src/server.py", PYTHON)
    with pytest.raises(UnusableTarget, match=r"kim\.zip: "):
        targets.prepare(str(tmp_path / "kim.zip"))


def test_a_hand_in_on_a_broken_disk_is_not_the_submissions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(server__c=SERVER_C)(tmp_path)

    def fails(_: Path) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "read_bytes", fails)
    with pytest.raises(harness.HarnessError, match=r"server\.c: Input/output error: see to") as slip:
        targets.prepare(str(tmp_path / "server.c"))
    assert type(slip.value) is harness.HarnessError


def test_a_build_that_fails_for_want_of_room_is_not_the_submissions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(server__c=f"#error {tmp_path}\n")(tmp_path)
    assert "#error" in targets.prepare(str(tmp_path / "server.c")).failure
    monkeypatch.setattr(
        "harness.subject.build_sandbox.shutil.disk_usage", lambda _: SimpleNamespace(free=4096)
    )
    with pytest.raises(harness.HarnessError, match=r"only 4 KiB were free.*set TMPDIR") as slip:
        targets.prepare(str(tmp_path / "server.c"))
    assert type(slip.value) is harness.HarnessError


def test_what_was_built_once_is_not_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files(Makefile=MAKEFILE, server__c=SERVER_C)(tmp_path)
    first = targets.prepare(str(tmp_path))
    monkeypatch.delattr("harness.subject.build_folder.workshop")
    assert targets.prepare(str(tmp_path)).argv == first.argv


def test_a_form_of_an_installed_package_is_built_and_judged(tmp_path: Path) -> None:
    script = "mkdir objects\ncc -o objects/no server.c\ncc -o yes server.c\n"
    files(server__c=SERVER_C, build__sh=script)(tmp_path)
    tmp_path.chmod(0o755)
    path = str(Path(__file__).parents[1] / "stranger")
    checked = command.run("check", tmp_path, "--only", LISTENS, PYTHONPATH=path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
