"""What is started is what was built from the source, never a binary or an object that was handed in."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Final

import pytest

from harness.engine.targets import prepare, prepare_all
from harness.subject.subject import Subject
from harness.subject.submission import BuildOptions

SERVER: Final = """\
#include <stdio.h>
#include <sys/socket.h>
#include "say.h"
int main(void) { int fd = socket(AF_INET, SOCK_STREAM, 0); listen(fd, 5); accept(fd, 0, 0);
puts("the server"); return say(); }
"""
CLIENT: Final = """\
#include <stdio.h>
#include <sys/socket.h>
int main(void) { int fd = socket(AF_INET, SOCK_STREAM, 0); connect(fd, 0, 0);
puts("the client"); return fd; }
"""
OLD: Final = SERVER.replace("the server", "the old server").replace("return say()", "return 0")
SAY: Final = '#include <stdio.h>\nint say(void) { return puts("new words") < 0; }\n'
OLD_SAY: Final = SAY.replace("new", "old")
BOTH: Final = """\
all: server client
server: server.o say.o
\t$(CC) -o $@ $^
client: client.o
\t$(CC) -o $@ $^
"""

pytestmark = pytest.mark.xdist_group("class")


def put(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def source(folder: Path, makefile: str = BOTH) -> Path:
    return put(
        folder,
        {
            "server.c": SERVER,
            "client.c": CLIENT,
            "say.c": SAY,
            "say.h": "int say(void);\n",
            "Makefile": makefile,
        },
    )


def compiled(text: str, into: Path, *flags: str) -> Path:
    """A program or object of the text, made long before or long after all else."""
    (into.parent / "old.c").write_text(text)
    include = f"-I{into.parent}"
    subprocess.run(
        ["cc", include, *flags, "-o", str(into), str(into.parent / "old.c")], check=True, timeout=60
    )
    (into.parent / "old.c").unlink()
    return into


def started(folder: Path) -> tuple[Subject, bytes]:
    subject = prepare(str(folder))
    assert not subject.failure, subject.failure
    return subject, Path(subject.argv[0]).read_bytes()


@pytest.mark.parametrize("name", ["server", "tcpserver", "a.out", "bin/server"])
def test_an_old_binary_is_never_started(tmp_path: Path, name: str) -> None:
    work = source(tmp_path / "work")
    (work / name).parent.mkdir(exist_ok=True)
    shutil.move(compiled(OLD, work / "binary"), work / name)
    subject, words = started(work)
    assert Path(subject.argv[0]).name == "server"
    assert b"the server" in words
    assert b"the old server" not in words


@pytest.mark.parametrize("age_s", [-9000, 9000])
def test_a_stale_object_is_made_again(tmp_path: Path, age_s: int) -> None:
    work = source(tmp_path / "work")
    compiled(OLD_SAY, work / "say.o", "-c")
    now = (work / "say.c").stat().st_mtime + age_s
    os.utime(work / "say.o", (now, now))
    _, words = started(work)
    assert b"new words" in words


def test_an_object_without_its_source_is_a_part(tmp_path: Path) -> None:
    work = source(tmp_path / "work")
    compiled(OLD_SAY, work / "say.o", "-c")
    (work / "say.c").unlink()
    _, words = started(work)
    assert b"old words" in words


def test_a_script_beside_a_makefile_is_not_what_it_makes(tmp_path: Path) -> None:
    work = source(tmp_path / "work")
    (work / "try.sh").write_text("#!/bin/sh\n./server\n")
    (work / "try.sh").chmod(0o755)
    subject, _ = started(work)
    assert Path(subject.argv[0]).name == "server"


def test_a_tool_that_was_handed_in_builds_what_needs_it(tmp_path: Path) -> None:
    makefile = "server: server.c say.c\n\t./generate\n\t$(CC) -o $@ $^\n"
    work = source(tmp_path / "work", makefile)
    compiled("int main(void) { return 0; }\n", work / "generate")
    subject, _ = started(work)
    assert Path(subject.argv[0]).name == "server"


def test_a_binary_alone_is_what_was_handed_in(tmp_path: Path) -> None:
    work = put(tmp_path / "work", {"Makefile": "run:\n\t./server\n", "say.h": "int say(void);\n"})
    compiled(OLD, work / "server")
    (work / "Makefile").write_text("all:\n")
    _, words = started(work)
    assert b"the old server" in words


def test_what_was_generated_stays_younger_than_its_source(tmp_path: Path) -> None:
    makefile = "server: server.c say.c\n\t$(CC) -o $@ $^\nsay.c: zzz.say\n\texit 1\n"
    work = put(source(tmp_path / "work", makefile), {"zzz.say": "words"})
    for age, name in enumerate(["zzz.say", "say.c", "server.c"]):
        os.utime(work / name, (1_700_000_000 + age, 1_700_000_000 + age))
    started(work)
    archive = tmp_path / "work.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(work.iterdir(), reverse=True):
            file.write(path, path.name)
    started(archive)


@pytest.mark.parametrize("is_alone", [True, False])
def test_source_in_utf_16_is_told_as_that(tmp_path: Path, is_alone: bool) -> None:  # noqa: FBT001
    work = source(tmp_path / "work")
    (work / "server.c").write_text(SERVER, encoding="utf-16")
    subject = prepare(str(work / "server.c" if is_alone else work))
    assert subject.failure.startswith(
        "server.c: this file is UTF-16, and compilers and interpreters read UTF-8"
    )


HELP: Final = """\
help:
\t@echo make server, make client
server: server.c say.c
\t$(CC) -o bin-server $^
client: client.c
\t$(CC) -o bin-client $^
"""
CLIENT_FIRST: Final = """\
client: client.c
\t$(CC) -o client $^
server: server.c say.c
\t$(CC) -o server $^
"""
SERVER_FIRST: Final = """\
server: server.c say.c
\t$(CC) -o server $^
client: client.c
\t$(CC) -o client $^
"""


@pytest.mark.parametrize("makefile", [HELP, CLIENT_FIRST, SERVER_FIRST, BOTH])
def test_a_server_is_never_started_as_the_client_nor_a_client_as_the_server(
    tmp_path: Path, makefile: str
) -> None:
    work = source(tmp_path / "work", makefile)
    for folder in (work, source(tmp_path / "again", makefile)):  # whichever is asked for first
        server, client, _ = prepare_all(str(folder), BuildOptions())
        assert not server.failure + client.failure
        assert b"the server" in Path(server.argv[0]).read_bytes()
        assert b"the client" in Path(client.argv[0]).read_bytes()
