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
VARIABLE = re.compile(r"'(\w+)': '([^']*)'")
# What is the same from start to start on a machine that people log in to, too: who they are, the system
# and its files, what their shell sets, and what the kernel tells of each process of one program.
OF_A_MACHINE = re.compile(
    r"session|user|names|folder|passwd|group|hosts|hostname|os-release|"
    r"variable (HOME|USER|LOGNAME|SHELL|PATH|LANG|PWD|TERM)|"
    r"/proc/(self|parent|1)/(comm|environ|cgroup|exe|cwd|root|maps)|/proc/(self|1)/cmdline|"
    r"/proc/(self|parent|1)/status (Name|Umask|State|Ngid|TracerPid|Uid|Gid|FDSize|Groups|Kthread|"
    r"Vm\w+|Rss\w+|HugetlbPages|CoreDumping|THP_enabled|untag_mask|Threads|SigQ|SigPnd|ShdPnd|SigBlk|"
    r"SigIgn|SigCgt|CapInh|CapPrm|CapEff|CapAmb|Speculation\w+|Cpus_allowed\w*|Mems_allowed\w*|"
    r"x86_\w+|\w+_ctxt_switches)|/proc/1/(status (Tgid|Pid|PPid|NStgid|NSpid|NSpgid|NSsid)|fd)"
)
# What is the same in every cell, and is not on such a machine: SECURITY.md says so.
OF_THE_SANDBOX = re.compile(
    r"root|limits|oom|variable (PORT|SERVER_PORT|TCP_PORT|LISTEN_PORT)|/proc/parent/(cmdline|fd)|"
    r"/proc/(self|parent|1)/(limits|mounts|mountinfo)|/proc/parent/status PPid|/proc/self/fd|"
    r"/proc/(self|parent|1)/status (NoNewPrivs|Seccomp|Seccomp_filters|CapBnd)"
)
chooses_pids = pytest.mark.skipif(
    not Path("/proc/sys/kernel/ns_last_pid").exists(), reason="the kernel has no such file"
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


def facts(tale: str) -> dict[str, str]:
    """All that was told, each fact by its name: variables and lines of a status stand alone."""
    ids = IDS.search(tale)
    assert ids is not None
    found, name = dict[str, str](), ""
    for each in tale.replace("\r", "").replace(f"/proc/{ids[2]}/", "/proc/parent/").split("\n"):
        told = re.match(r"([a-z]+|os-release|/proc/\w+/\w+): ", each)
        name, line = (told[1], each[told.end() :]) if told else (name, each)
        if name == "environment":
            found |= {f"variable {key}": value for key, value in VARIABLE.findall(line)}
        elif name.endswith("/status"):
            rows = (row.partition(":") for row in line[2:].split(r"\n") if ":" in row)
            found |= {f"{name} {key}": value for key, _, value in rows}
        else:
            found[name] = found.get(name, "") + line
    return found


@pytest.fixture(scope="module")
def seen() -> tuple[str, ...]:
    """Three starts in bubblewrap: two may get the same pid by chance."""
    return tuple(told("bubblewrap") for _ in range(3))


def test_no_word_names_a_judge(seen: tuple[str, ...]) -> None:
    assert [OURS.findall(each) for each in seen] == [[]] * len(seen)


@chooses_pids
def test_nothing_is_the_same_at_each_start_that_no_machine_has(seen: tuple[str, ...]) -> None:
    first, *others = map(facts, seen)
    same = {name for name in first if all(each.get(name) == first[name] for each in others)}
    assert same >= {"passwd", "variable HOME", "/proc/self/status Uid"}
    strange = {name for name in same if not OF_A_MACHINE.fullmatch(name)}
    assert {name for name in strange if not OF_THE_SANDBOX.fullmatch(name)} == set()


@chooses_pids
def test_pids_are_others_at_each_start(seen: tuple[str, ...]) -> None:
    told = [facts(each) for each in seen]
    for name in ("ids", "/proc/self/status Pid", "/proc/parent/status Pid"):
        assert len({each[name] for each in told}) > 1


def test_it_is_a_user_who_has_logged_in(seen: tuple[str, ...]) -> None:
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


def test_the_root_has_the_folders_of_any_machine(seen: tuple[str, ...]) -> None:
    for each in seen:
        for name in ("boot", "home", "media", "mnt", "opt", "root", "run", "srv", "sys", "var"):
            assert f"'{name}'" in facts(each)["root"]


def test_its_parent_is_called_a_shell(seen: tuple[str, ...]) -> None:
    for each in seen:
        ids = IDS.search(each)
        assert ids is not None
        assert f"/proc/{ids[2]}/comm: b'bash\\n'" in each


@chooses_pids
def test_others_were_started_before_it(seen: tuple[str, ...]) -> None:
    assert min(int(ids[1]) for each in seen if (ids := IDS.search(each))) > 100


def test_namespaces_alone_give_a_user_too() -> None:
    seen = told("namespaces")
    assert re.search(r"^ids: \(1000, 1000, 1000\) \(1000, 1000, 1000\)", seen, re.MULTILINE)
    assert "pw_name='student'" in seen
    own = [
        line for line in seen.splitlines() if re.match(r"names|folder|environment|/proc/(self|1)/", line)
    ]
    assert [OURS.findall(line) for line in own if "mount" not in line and OURS.search(line)] == []
