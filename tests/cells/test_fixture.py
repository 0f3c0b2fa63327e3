"""The fixture `forkspec_server`, in a project of somebody else's: examples/project, copied away."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.command import GUARD_S, run
from tests.open_folder import open_folder
from tests.strangers import install

PROJECT: Final = Path(__file__).parents[2] / "examples" / "project"
pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="the project's server is in C")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The example, where nothing of the clone is near."""
    return Path(shutil.copytree(PROJECT, tmp_path / "project"))


def outcome_of(project: Path, *arguments: str, cache: bool = False) -> subprocess.CompletedProcess[str]:
    """What pytest says of the project; with a `cache` it remembers which tests failed."""
    cached = () if cache else ("-p", "no:cacheprovider")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *cached, *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        check=False,
    )


def spoilt(project: Path, old: str, new: str) -> None:
    """Put another piece into the project's server."""
    source = project / "parrot.c"
    text = source.read_text(encoding="utf-8")
    assert text.count(old) == 1
    source.write_text(text.replace(old, new))


def with_test(project: Path, code: str) -> None:
    (project / "test_parrot.py").write_text(code)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_the_example_passes(project: Path, workers: tuple[str, ...]) -> None:
    done = outcome_of(project, *workers)
    assert (done.returncode, "8 passed" in done.stdout) == (0, True), done.stdout


def test_children_that_are_never_reaped_fail_the_test_that_left_them(project: Path) -> None:
    spoilt(project, "    sigaction(SIGCHLD, &reaps, NULL);\n", "    (void)reaps;\n")
    done = outcome_of(project, "-k", "silent")
    assert (done.returncode, "1 failed" in done.stdout) == (1, True), done.stdout
    assert "2 children of process" in done.stdout
    assert "because   your parent has no handler for SIGCHLD" in done.stdout
    assert "Traceback" not in done.stdout
    assert "harness" not in done.stdout.partition("short test summary")[0]


def test_children_that_are_reaped_when_the_next_client_comes_are_not_held_against_it(
    project: Path,
) -> None:
    spoilt(project, "    sigaction(SIGCHLD, &reaps, NULL);\n", "    (void)reaps;\n")
    spoilt(project, "        int conn = accept", "        reap(0);\n        int conn = accept")
    done = outcome_of(project, "-k", "silent or crowd")
    assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout


LEFT: Final = {
    "40 descriptors more than after the start": (
        "        close(conn);\n    }\n}",
        "    }\n}",
    ),
    "40 processes more than after the start": (
        "            serve(conn);",
        "            if (fork() == 0) for (close(conn);;) pause();\n            serve(conn);",
    ),
}


@pytest.mark.parametrize("told", LEFT)
def test_what_is_left_is_counted(project: Path, told: str) -> None:
    spoilt(project, *LEFT[told])
    done = outcome_of(project, "-k", "crowd")
    assert (done.returncode, told in done.stdout) == (1, True), done.stdout


def test_a_client_in_vain_is_told_where_the_server_was(project: Path) -> None:
    spoilt(project, "            continue;\n", "            continue;\n        sleep(0), serve(conn);\n")
    done = outcome_of(project, "-k", "silent")
    assert "'quick' got no answer to 'hello\\n': the server was asleep in " in done.stdout, done.stdout
    assert "the client's connection was not accepted" in done.stdout
    assert "fixture.py" not in done.stdout


def test_a_crash_is_told_with_its_last_words(project: Path) -> None:
    dies = '        if (conn >= 0) { puts("no more crackers"); return 7; }\n'
    spoilt(project, "        if (conn < 0)\n", dies + "        if (conn < 0)\n")
    done = outcome_of(project, "-k", "crowd")
    assert 'the server exited with status 7, saying "no more crackers"' in done.stdout, done.stdout


def test_no_server_is_one_sentence_for_each_test(project: Path) -> None:
    spoilt(project, "|| listen(listener, 64)", "|| 1")
    done = outcome_of(project, "-k", "silent or crowd")
    assert done.stdout.count("it exited with status 1") >= 2, done.stdout
    assert "2 errors" in done.stdout


def test_its_own_requirement_is_judged_where_the_project_is_installed(project: Path) -> None:
    code = (project / "parrot_checks" / "two_lines.py").read_text(encoding="utf-8")
    install(project, "installed", code, scenarios="two-lines = installed")
    told = ["--assignment", "assignment.toml", "--tier", "robust", "--only", "stream/two-lines-at-once"]
    done = run("check", "parrot.c", *told, cwd=project, PYTHONPATH=str(project))
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout


SERVERS: Final = """
import pytest

@pytest.fixture(scope="session")
def one(forkspec_servers):
    with forkspec_servers("parrot.c") as server:
        yield server

def test_first(one):
    assert one.peer().ask(b"a\\n") == b"250 a\\n"

def test_second(one):
    assert one.peer().ask(b"b\\n") == b"250 b\\n"
    assert len(one.quiet().living) == 3

@pytest.mark.parametrize("forkspec_server", ["parrot.c", "./built {port}"], indirect=True)
def test_by_command(forkspec_server):
    client = forkspec_server.peer()
    assert [client.ask(b"a\\n"), client.ask(b"b\\n")] == [b"250 a\\n", b"250 b\\n"]

@pytest.mark.forkspec_server("./built {port}", clients=2)
def test_by_marker(forkspec_server):
    assert "built" in forkspec_server.recording.subject
"""


def test_servers_named_on_the_command_line_repeat_each_test(project: Path) -> None:
    (project / "sub").mkdir()
    shutil.copy(project / "parrot.c", project / "sub" / "second.c")
    spoilt(project, "        close(conn);\n    }\n}", "    }\n}")
    done = outcome_of(project, "--server=parrot.c", "--server=sub/second.c", "-k", "silent", "-rfp", ".")
    assert "FAILED test_parrot.py::test_a_silent_client_delays_nobody[parrot.c]" in done.stdout
    assert "PASSED test_parrot.py::test_a_silent_client_delays_nobody[second.c]" in done.stdout


@pytest.mark.slow
def test_scopes_and_commands(project: Path) -> None:
    with open_folder() as reachable:  # a server runs as an ordinary user
        folder = Path(shutil.copytree(project, reachable / "project"))
        subprocess.run(["gcc", "-o", "built", "parrot.c"], cwd=folder, check=True)
        with_test(folder, SERVERS)
        done = outcome_of(folder)
    assert (done.returncode, "5 passed" in done.stdout) == (0, True), done.stdout


CONNECTIONS: Final = """
import pytest, socket

KEPT = []

def says(sock, line):
    with sock.makefile("rwb") as talk:
        assert talk.readline() == b"220 parrot\\n"
        talk.write(line)
        talk.flush()
        return talk.readline()

def test_closed(forkspec_server):
    with forkspec_server.connect() as sock:
        assert says(sock, b"one\\n") == b"250 one\\n"
        assert sock.getpeername() == (forkspec_server.host, forkspec_server.port)
        assert len(forkspec_server.quiet().living) == 2

def test_left_open(forkspec_server):
    KEPT.append(forkspec_server.connect())
    assert says(KEPT[0], b"one\\n") == b"250 one\\n"

def test_left_open_by_another_object(forkspec_server):
    KEPT.append(socket.socket(fileno=forkspec_server.connect().detach()))

def test_silence(forkspec_server):
    sock = forkspec_server.connect()
    says(sock, b"one\\n")
    sock.settimeout(0.01)
    with pytest.raises(TimeoutError):
        sock.recv(1)

async def test_streams(forkspec_server):
    reader, writer = await forkspec_server.open_connection()
    writer.write(b"one\\n")
    assert [await reader.readline() for _ in range(2)] == [b"220 parrot\\n", b"250 one\\n"]
    writer.close()
    await writer.wait_closed()

async def test_streams_left_open(forkspec_server):
    KEPT.append(await forkspec_server.open_connection())
    assert await KEPT[-1][0].readline() == b"220 parrot\\n"

async def test_silent_streams(forkspec_server):
    reader, _ = await forkspec_server.open_connection(within_s=0.01)
    with pytest.raises(TimeoutError, match="has not ended within 0.01 s"):
        await reader.read()

def test_restarted(forkspec_server):
    before = forkspec_server.pid, forkspec_server.connect()
    forkspec_server.restart()
    assert forkspec_server.pid != before[0]
    assert says(before[1], b"") == b""
    assert says(forkspec_server.connect(), b"one\\n") == b"250 one\\n"

@pytest.fixture(scope="session")
def one(forkspec_servers):
    with forkspec_servers() as server:
        yield server

def test_of_a_session(one):
    assert says(one.connect(), b"a\\n") == b"250 a\\n"
    assert says(one.connect(), b"b\\n") == b"250 b\\n"
"""


@pytest.mark.slow
def test_ordinary_connections(project: Path) -> None:
    with_test(project, CONNECTIONS)
    done = outcome_of(project, "-n", "2")
    assert (done.returncode, "9 passed" in done.stdout) == (0, True), done.stdout
    assert "warning" not in done.stdout


@pytest.mark.slow
def test_who_failed_last_fails_again_by_what_its_open_socket_left(project: Path) -> None:
    with_test(project, CONNECTIONS)
    spoilt(project, "    sigaction(SIGCHLD, &reaps, NULL);\n", "    (void)reaps;\n")
    sound = "        if (conn >= 0) reap(0);\n"
    spoilt(project, "        if (conn < 0)\n", sound + "        if (conn < 0)\n")
    assert outcome_of(project, "-k", "another_object or closed", cache=True).returncode == 0
    spoilt(project, sound, "")
    done = outcome_of(project, "-k", "test_left_open", cache=True)
    failures, _, _ = done.stdout.partition("short test summary")
    assert failures.count("1 child of process ") == 2, done.stdout
    done = outcome_of(project, "--lf", cache=True)
    assert "2 failed" in done.stdout, done.stdout


def test_nobody_lets_an_ordinary_connection_in(project: Path) -> None:
    spoilt(
        project, "            continue;\n", "            continue;\n        close(listener), pause();\n"
    )
    with_test(
        project, "def test_in_vain(forkspec_server):\n    [forkspec_server.connect() for _ in '12']\n"
    )
    done = outcome_of(project)
    assert "'connection 2' got no answer: the server was asleep in pause()" in done.stdout, done.stdout


OF_A_SESSION: Final = """
import asyncio
import pytest

@pytest.fixture(scope="session")
def one(forkspec_servers):
    with forkspec_servers() as server:
        yield server

async def test_a_wider_scope(one):
    (client,) = await one.stage.peers(1, "client")
    await client.ask(b"a\\n")
    assert client.reply == b"250 a\\n"

async def test_two_servers(one, forkspec_server):
    (first,) = await one.stage.peers(1, "first")
    (second,) = await forkspec_server.stage.peers(1, "second")
    await asyncio.gather(first.ask(b"a\\n"), second.ask(b"b\\n"))
    assert (first.reply, second.reply) == (b"250 a\\n", b"250 b\\n")

async def test_a_task_that_goes_on(one):
    asyncio.ensure_future(asyncio.sleep(3600))
"""
OF_A_MODULE: Final = """
import pytest

@pytest.fixture(scope="module")
def forkspec_server(forkspec_servers):
    with forkspec_servers() as server:
        yield server

PIDS = set()

@pytest.mark.parametrize("line", [b"a\\n", b"b\\n"])
def test_an_own_fixture_of_this_name(forkspec_server, line):
    PIDS.add(forkspec_server.pid)
    assert forkspec_server.peer().ask(line) == b"250 " + line
    assert len(PIDS) == 1
"""
OTHERS_LOOP: Final = """
import asyncio
import functools
import pytest

class Coroutine(pytest.Function):
    def runtest(self):
        test = self.obj
        self.obj = functools.wraps(test)(lambda **given: asyncio.run(test(**given)))
        super().runtest()

Coroutine.__module__ = "pytest_asyncio.plugin"

@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(collector, name, obj):
    made = yield
    if name != "test_streams":
        return made
    return [Coroutine.from_parent(collector, name=name)]
"""


def test_an_async_test_has_a_server_of_any_scope(project: Path) -> None:
    """It was skipped, or waited two minutes for the second server's keeper."""
    with_test(project, OF_A_SESSION)
    done = outcome_of(project)
    assert (done.returncode, "3 passed" in done.stdout) == (0, True), done.stdout


def test_an_own_fixture_of_the_same_name_has_its_scope(project: Path) -> None:
    """The first test ended the server of all."""
    with_test(project, OF_A_MODULE)
    done = outcome_of(project)
    assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout


def test_a_test_that_pytest_asyncio_would_run_is_played_by_its_server(project: Path) -> None:
    """In a loop of its own it waited two minutes; asyncio_mode=auto does this to every async test."""
    (project / "conftest.py").write_text(OTHERS_LOOP)
    with_test(
        project,
        "async def test_streams(forkspec_server):\n"
        "    reader, _ = await forkspec_server.open_connection(within_s=5)\n"
        "    assert await reader.readline() == b'220 parrot\\n'\n",
    )
    done = outcome_of(project)
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout


def test_an_error_in_the_settings_is_one_sentence(project: Path) -> None:
    (project / "assignment.toml").write_text("[contract]\nreply = 1\n")
    done = outcome_of(project, "-k", "silent")
    assert 'unknown key "reply"' in done.stdout
    assert "During handling" not in done.stdout
    assert "direct cause" not in done.stdout
