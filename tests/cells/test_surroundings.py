"""What a subject can read of itself and of what is around it names no judge."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import pytest

from harness.cell import cells
from harness.cell.subject_protocol import ReadOutput
from harness.engine import targets
from harness.subject.launch import launch

TELLS_ALL = Path(__file__).parent / "touched" / "tells_all.py"
CLIENTS = 10
GUARD_NS = 60_000_000_000
OURS = re.compile(
    r".{0,40}\b(?:forkspec|harness|zygote|keeper|pytest|bwrap|judge)\b.{0,40}", re.IGNORECASE
)
IDS = re.compile(r"^ids: .* (\d+) (\d+)$", re.MULTILINE)


def told(kind: cells.CellKind) -> str:
    """What a program prints that tells all it can read, in such a cell."""

    async def run() -> str:
        subject = targets.prepare(str(TELLS_ALL))
        with cells.Cells(kind) as some:
            if (await some.grant()).kind != kind:
                pytest.skip("this machine does not give such a cell")
            async with some.cell(folders=subject.shown) as cell:
                await launch(cell, subject, CLIENTS, time.monotonic_ns() + GUARD_NS)
                printed = await cell.ask(ReadOutput())
        assert "Traceback" not in printed.head
        assert printed.total == len(printed.head), "it prints more than is kept"
        return printed.head

    return asyncio.run(run())


@pytest.fixture(scope="module")
def seen() -> tuple[str, str]:
    """Two starts in bubblewrap."""
    return told("bubblewrap"), told("bubblewrap")


def test_no_word_names_a_judge(seen: tuple[str, str]) -> None:
    assert [OURS.findall(each) for each in seen] == [[], []]


def test_it_is_a_user_who_has_logged_in(seen: tuple[str, str]) -> None:
    for each in seen:
        assert re.search(
            r"^ids: \(1000, 1000, 1000\) \(1000, 1000, 1000\) \[\] \d+ \d+$", each, re.MULTILINE
        )
        assert "pw_name='student'" in each
        assert "\nfolder: /home/student " in each
        for name in ("HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "PWD", "TERM"):
            assert f"'{name}': " in each
        assert "/proc/1/comm: b'systemd\\n'" in each
        assert "/proc/1/cmdline: b'/sbin/init\\x00'" in each
        assert "/proc/1/environ: (Permission denied)" in each


def test_its_parent_is_called_a_shell(seen: tuple[str, str]) -> None:
    for each in seen:
        ids = IDS.search(each)
        assert ids is not None
        assert f"/proc/{ids[2]}/comm: b'bash\\n'" in each


@pytest.mark.skipif(
    not Path("/proc/sys/kernel/ns_last_pid").exists(), reason="the kernel has no such file"
)
def test_others_were_started_before_it(seen: tuple[str, str]) -> None:
    assert min(int(ids[1]) for each in seen if (ids := IDS.search(each))) > 100


def test_namespaces_alone_give_a_user_too() -> None:
    seen = told("namespaces")
    assert re.search(r"^ids: \(1000, 1000, 1000\) \(1000, 1000, 1000\)", seen, re.MULTILINE)
    assert "pw_name='student'" in seen
    own = [
        line for line in seen.splitlines() if re.match(r"names|folder|environment|/proc/(self|1)/", line)
    ]
    assert [OURS.findall(line) for line in own if "mount" not in line and OURS.search(line)] == []
