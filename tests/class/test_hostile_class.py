"""A class of which most look for what is not theirs, or poison what others get; all judged as they are.

Who finds something ends at once, and fails: so a verdict says what came of it. The words that are looked
for stand in the assignment and in others' work, and are put together in the programs that look for them.
"""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from harness.cell import bubblewrap
from tests.command import run
from tests.open_folder import open_folder

LECTURE: Final = Path(__file__).parents[2] / "servers" / "lecture"
ASSIGNMENT: Final = """
[points]
"service/reply" = 1
"reaping/sequential" = 1
[feedback]
hidden = ["reaping/sequential"]
until = 2099-01-01
[hints]
"reaping/sequential" = "QUINCETREE"
"""
WORDS: Final = "QUINCETREE", "MEDLARTREE", "gradebook.csv"  # the assignment's, another's, the results'
SERVES: Final = """
import signal, socket
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.create_server(("", int(sys.argv[-1]) if sys.argv[1:] else 54321), backlog=64)
while True:
    client = listener.accept()[0]
    with client:
        if os.fork() == 0:
            listener.close()
            client.sendall(client.makefile("rb").readline().upper())
            os._exit(0)
"""
LOOKS: Final = """
import os, sys
words = [b"QUINCE" + b"TREE", b"MEDLAR" + b"TREE", b"grade" + b"book.csv"]
def look(path):
    try:
        if os.path.isfile(path) and os.path.getsize(path) < 1 << 22:
            with open(path, "rb") as file:
                text = file.read(1 << 22)
            found = [word for word in words if word in text or word in path.encode(errors="replace")]
            if found:
                sys.exit(f"found {found} in {path}")
    except OSError:
        pass
"""
IN_FILES: Final = (
    LOOKS
    + """
for place, folders, names in os.walk("/"):
    if place == "/":
        folders[:] = [name for name in folders if name not in ("proc", "sys", "usr")]
    for name in names:
        look(os.path.join(place, name))
"""
)
IN_PROCESSES: Final = (
    LOOKS
    + """
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) == os.getpid():
        continue
    for name in ("cmdline", "environ", "maps", "mountinfo", "comm"):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as file:
                text = file.read()
        except OSError:
            continue
        if any(word in text for word in words) or b"assignment" in text:
            sys.exit(f"found in {name} of {pid}: {text[:200]}")
    for place in ("cwd", "root"):
        try:
            names = os.listdir(f"/proc/{pid}/{place}")
        except OSError:
            continue
        for name in names:
            look(f"/proc/{pid}/{place}/{name}")
    try:
        fds = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        continue
    for fd in fds:
        look(f"/proc/{pid}/fd/{fd}")
"""
)
BUILD_LOOKS: Final = """\
WORDS = QUINCE[T]REE|MEDLAR[T]REE|grade[b]ook.csv
server.out: server.py
\t! grep -rslE '$(WORDS)' --exclude-dir=proc --exclude-dir=sys --exclude-dir=usr /
\t! cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | grep -aE '$(WORDS)|week[3]'
\tcp server.py server.out && chmod 755 server.out
"""
# It writes where others' builds are kept, and leaves links that lead out of what it hands in.
BUILD_POISONS: Final = """\
server.out: server.py
\t-for each in CACHE/builds CACHE/builds/*; do touch $$each/poison; cp server.py $$each/server; done
\tln -s CACHE/builds kept
\tln -s CLASS/ada/tcpserver4.py others.txt
\tln -s /etc/shadow shadow.txt
\tcp server.py server.out && chmod 755 server.out
"""
READS_LINKS: Final = (
    LOOKS
    + """
for name in ("others.txt", "shadow.txt"):
    look(name)
    try:
        open(name).read()
        sys.exit(f"{name} can be read")
    except OSError:
        pass
"""
)
SHEBANG: Final = "#!/usr/bin/env python3\n"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bubblewrap.find() is None, reason="no bubblewrap here"),
    pytest.mark.skipif(not shutil.which("make"), reason="no make here"),
]


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that others can reach, as a teacher's may be, with a build cache of its own."""
    with open_folder(0o755) as folder:
        monkeypatch.setenv("FORKSPEC_CACHE", str(folder / "cache"))
        yield folder


def handed_in(place: Path) -> Path:
    """The class."""
    work = place / "class"
    programs = {
        "bob": {"server.py": IN_FILES + SERVES},
        "cyd": {"server.py": IN_PROCESSES + SERVES},
        "dan": {"server.py": SHEBANG + "import os, sys\n" + SERVES, "Makefile": BUILD_LOOKS},
        "eve": {"server.py": SHEBANG + READS_LINKS + SERVES, "Makefile": BUILD_POISONS},
    }
    for student, files in programs.items():
        (work / student).mkdir(parents=True)
        for name, text in files.items():
            told = text.replace("CACHE", str(place / "cache")).replace("CLASS", str(work))
            (work / student / name).write_text(told)
    for student, server in {"ada": "tcpserver4.py", "zoe": "tcpserver2.py"}.items():
        (work / student).mkdir()
        text = (LECTURE / server).read_text()
        (work / student / server).write_text(f"{text}\n# MEDLARTREE\n")
    return work


def kept(place: Path) -> dict[str, str]:
    """What is kept of builds, by content."""
    return {
        str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (place / "cache").rglob("*")
        if path.is_file() and not path.is_symlink()
    }


@pytest.mark.one_in_turn("a class that is broken off")
def test_nobody_finds_what_is_not_theirs_and_all_are_judged_the_same(place: Path) -> None:
    work, out = handed_in(place), place / "results"
    (place / "week3.toml").write_text(ASSIGNMENT)
    first = run("check", work / "ada", "--only", "service/reply")
    assert first.returncode == 0, first.stdout
    before = kept(place)
    done = run(
        "grade", work, "--assignment", place / "week3.toml", "--out", out, "--format", "csv", cwd=place
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    with (out / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
        points = {row["student"]: float(row["points"]) for row in csv.DictReader(file)}
    assert points == {"ada": 2, "bob": 2, "cyd": 2, "dan": 2, "eve": 2, "zoe": 1}
    after = kept(place)
    assert {name: after.get(name) for name in before} == before
    assert [name for name in after if "poison" in name] == []
    assert os.getuid() != 0 or all(path.stat().st_uid == 0 for path in out.rglob("*"))
