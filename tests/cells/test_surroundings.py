"""What a subject can read of itself and of what is around it names no judge."""

from __future__ import annotations

import asyncio
import ctypes
import platform
import re
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest

from harness.cell import cells
from harness.cell.memory_group import MemoryGroup
from harness.cell.subject_protocol import ReadOutput
from harness.engine import targets
from harness.observe import linux
from harness.subject.launch import launch

TOUCHED = Path(__file__).parent / "touched"
TELLS_ALL = TOUCHED / "tells_all.py"
CLIENTS = 10
GUARD_NS = 60_000_000_000
OURS = re.compile(
    r".{0,40}\b(?:forkspec|harness|zygote|keeper|pytest|bwrap|prlimit|judge)\b.{0,40}", re.IGNORECASE
)
VARIABLE = re.compile(r"'(\w+)': '([^']*)'")
# What is the same from start to start on a machine that people log in to, too: who they are, the system
# and its files, what their shell sets, and what the kernel tells of each process of one program.
OF_A_MACHINE = re.compile(
    r"session|user|names|folder|passwd|group|hosts|hostname|os-release|"
    r"variable (HOME|USER|LOGNAME|SHELL|SHLVL|PATH|LANG|PWD|TERM)|"
    r"/proc/(self|parent|1)/(comm|cmdline|environ|cgroup|exe|cwd|root|maps)|"
    r"/proc/(self|parent|1)/status (Name|Umask|State|Ngid|TracerPid|Uid|Gid|FDSize|Groups|Kthread|"
    r"Vm\w+|Rss\w+|HugetlbPages|CoreDumping|THP_enabled|untag_mask|Threads|SigQ|SigPnd|ShdPnd|SigBlk|"
    r"SigIgn|SigCgt|CapInh|CapPrm|CapEff|CapAmb|Speculation\w+|Cpus_allowed\w*|Mems_allowed\w*|"
    r"x86_\w+|\w+_ctxt_switches)|/proc/1/(status (Tgid|Pid|PPid|NStgid|NSpid|NSpgid|NSsid)|fd)"
)
# What is the same in every cell, and is not on such a machine: SECURITY.md says so.
OF_THE_SANDBOX = re.compile(
    r"root|limits|oom|variable (PORT|SERVER_PORT|TCP_PORT|LISTEN_PORT)|/proc/parent/fd|"
    r"/proc/(self|parent|1)/(limits|mounts|mountinfo)|/proc/parent/status PPid|/proc/self/fd|"
    r"/proc/(self|parent|1)/status (NoNewPrivs|Seccomp|Seccomp_filters|CapBnd)"
)
chooses_pids = pytest.mark.skipif(
    not Path("/proc/sys/kernel/ns_last_pid").exists(), reason="the kernel has no such file"
)
IDS = re.compile(r"^ids: .* (\d+) (\d+)$", re.MULTILINE)


def told(kind: cells.CellKind, program: Path = TELLS_ALL) -> str:
    """What a program prints that tells all it can read, in such a cell."""

    async def run() -> str:
        subject = targets.prepare(str(program))
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


# By program that looks around: facts that are as on a machine that a student has logged in to.
ORDINARY = {
    "looks_around.c": {
        r"file /(tmp|dev/shm)": r"mode 41777 .*",
        r"file /root": r"mode 40700 .*",
        r"file /sys": r"mode 40555 .*",
        r"file /(|etc|etc/ssl|home|run|var)": r"mode 40755 .*",
        r"descriptor [012]": r"20\d+ /dev/pts/\d+ 2 0 uid 1000",
        r"own limit (data|stack|rss|memlock|locks|rttime)": r"(-?\d+) (-?\d+)",
        r"personality|dumpable|seccomp|timer|reaps|dies with parent": r"[01]",
        r"keeps capabilities": r"0 securebits 0",
        r"timer slack": r"50000",
        r"terminal leads": r"session group",
    },
    "looks_around.sh": {
        r"parent cmdline": r"-bash *",
        r"parent comm": r"bash\|",
        r"first cmdline": r"/sbin/init *",
        r"first comm": r"systemd\|",
        r"self coredump_filter": r"00000033\|",
        r"self status (TracerPid|Seccomp|Seccomp_filters)": r" 0",
        r"self status Sig(Pnd|Ign)": r" 0{16}",
        r"self status Cap(Inh|Prm|Eff|Amb)": r" 0{16}",
        r"self cwd|variable (HOME|PWD)": r"/home/student",
        r"shell level|variable SHLVL": r"1",
        r"umask": r"0022",
        r"up": r"long|just started",
    },
    "looks_around.py": {
        r"terminal": r".*columns=80, lines=24.*",
        r"blocked": r"\[\]",
        r"hooks": r"\(True, None, None, \d+\)",
        r"age /tmp": r"\('0o41777', .*",
        r"groups": r"\(\[\], \[1000\]\)",
    },
}
# What is ours, and the same at each start: SECURITY.md names it. Whatever is mended goes from both.
OURS_ALONE = {
    "looks_around.c": {
        r"own limit cpu": r"20 21",
        r"own limit fsize": r"16777216 16777216",
        r"own limit core": r"0 0",
        r"own limit as": r"4294967296 4294967296",
        r"first limit stack": r"\d+ -?\d+",
        r"capabilities": r"bounding 0 ambient 0",
        r"no new privileges": r"1",
        r"terminal name": r"/dev/console",
        r"terminal /dev/tty": r"No such device or address",
        r"file /usr": r"mode 40755 uid 65534 .*",
        r"file /etc/(machine-id|fstab|resolv.conf)": r"\(No such file or directory\)",
    },
    "looks_around.sh": {
        r"self setgroups": r"deny\|",
        r"self uid_map": r" *1000 +\d+ +1\|",
        r"self status NoNewPrivs": r" 1",
        r"first owner": r"1000:1000 555",
        r"first age": r"seconds",
        r"parent exe": r"\(cannot be read\)",
    },
    "looks_around.py": {
        r"faulthandler": r"True",
        r"modules elsewhere": r".*usercustomize.*",
        r"descriptors": r".*'900': .*",
        r"age (/|/etc|/home)": r"\(.*, 'new'\)",
    },
}


@pytest.fixture(scope="module")
def seen_by() -> dict[str, tuple[dict[str, str], ...]]:
    """What each of the programs that look around tells at two starts, each fact by its name."""
    found = {}
    for name in ORDINARY:
        if name.endswith(".c") and not shutil.which("cc"):
            continue
        tales = [told("bubblewrap", TOUCHED / name).replace("\r", "").splitlines() for _ in range(2)]
        found[name] = tuple(dict(line.split(": ", 1) for line in tale if ": " in line) for tale in tales)
    return found


@pytest.mark.parametrize("name", list(ORDINARY))
def test_who_looks_around_meets_no_word_of_ours(
    name: str, seen_by: dict[str, tuple[dict[str, str], ...]]
) -> None:
    for facts in seen_by.get(name, ()):
        assert len(facts) > 40
        assert {key: value for key, value in facts.items() if OURS.search(f"{key} {value}")} == {}


@pytest.mark.parametrize("name", list(ORDINARY))
def test_what_differs_from_a_login_is_as_it_is_written_down(
    name: str, seen_by: dict[str, tuple[dict[str, str], ...]]
) -> None:
    for facts in seen_by.get(name, ()):
        for which, value in {**ORDINARY[name], **OURS_ALONE[name]}.items():
            told = {key: text for key, text in facts.items() if re.fullmatch(which, key)}
            assert told, which
            assert {key: text for key, text in told.items() if not re.fullmatch(value, text)} == {}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="it makes a system call by its number")
def test_what_the_caller_ignores_is_not_inherited() -> None:
    """Whoever starts us may ignore 32, which no program can ask its C library to undo."""
    ignore = bytes([1, *[0] * 31])  # SIG_IGN, as the kernel takes it
    before = {number: ctypes.create_string_buffer(len(ignore)) for number in linux.SIGNALS_OF_NPTL}
    libc = ctypes.CDLL(None)
    handled = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        for number, action in before.items():
            assert libc.syscall(13, number, ignore, action, 8) == 0
        assert re.search(
            r"self status SigIgn: +0{16}\b", told("bubblewrap", TOUCHED / "looks_around.sh")
        )
    finally:
        for number, action in before.items():
            libc.syscall(13, number, action, None, 8)
        signal.signal(signal.SIGUSR1, handled)


def test_no_signal_is_handled_and_nothing_is_open(
    seen_by: dict[str, tuple[dict[str, str], ...]],
) -> None:
    for facts in seen_by.get("looks_around.c", ()):
        assert [key for key in facts if key.startswith("signal ")] == []
        assert sorted(key for key in facts if key.startswith("descriptor ")) == [
            "descriptor 0", "descriptor 1", "descriptor 2",
        ]  # fmt: skip


def test_it_goes_first_where_memory_runs_out_only_if_nothing_bounds_it(
    seen_by: dict[str, tuple[dict[str, str], ...]],
) -> None:
    group = MemoryGroup()
    group.end(1.0)
    for facts in seen_by["looks_around.sh"]:
        assert facts["self oom_score_adj"] == ("1000|" if group.refused else "200|")


def test_namespaces_alone_give_a_user_too() -> None:
    seen = told("namespaces")
    assert re.search(r"^ids: \(1000, 1000, 1000\) \(1000, 1000, 1000\)", seen, re.MULTILINE)
    assert "pw_name='student'" in seen
    own = [
        line for line in seen.splitlines() if re.match(r"names|folder|environment|/proc/(self|1)/", line)
    ]
    assert [OURS.findall(line) for line in own if OURS.search(line)] == []


LISTS_SCRATCH = """
import os, socket
print("here:", os.listdir("/tmp"), os.listdir("/var/tmp"), os.path.basename(os.getcwd()), flush=True)
open("/tmp/of-mine", "w").close()
with socket.create_server(("127.0.0.1", 54321)) as listener:
    while True:
        listener.accept()[0].close()
"""


@pytest.mark.parametrize("kind", ["bubblewrap", "namespaces"])
def test_a_subject_has_a_scratch_folder_of_its_own(kind: cells.CellKind) -> None:
    """Its program lies in /tmp, as a clone or a class may; what others have there it cannot see."""
    program = Path(tempfile.mkdtemp(dir="/tmp")) / "server.py"
    try:
        program.write_text(LISTS_SCRATCH)
        assert "here: [] [] student" in told(kind, program)
        assert not Path("/tmp/of-mine").exists()
    finally:
        shutil.rmtree(program.parent)
