"""Where a server stood when what was waited for did not come: whose place is told, and which line."""

from __future__ import annotations

import platform
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from harness.engine import catalogue, targets
from harness.engine.session import Options, Session
from harness.judge.standing import stood
from harness.judge.verdict import Outcome
from harness.record.recording import Event, Kind, Recording
from tests.stories.concurrency import one_client_at_a_time, the_quick_one_is_answered_at_once

LECTURE: Final = Path(__file__).parents[2] / "servers" / "lecture"
SILENT: Final = "concurrency/silent-client"
READS: Final = "serve(), server.c:23"


def standing(*all_of_them: tuple[int, str, list[str]], later: str = "") -> Recording:
    """A recording in which these processes stand in these calls, innermost frames first."""
    found = [{"pid": pid, "call": call, "frames": frames} for pid, call, frames in all_of_them]
    events = [Event(0, "keeper", Kind.STOOD, detail={"standing": found})]
    if later:
        other: dict[str, Any] = {"pid": 7, "call": "read", "frames": [later]}
        events.append(Event(1, "keeper", Kind.STOOD, detail={"standing": [other]}))
    return Recording("silent client", "server.c", "bubblewrap", 1, tuple(events))


def test_where_nobody_looked_nothing_is_told() -> None:
    assert stood(Recording("silent client", "server.c", "bubblewrap", 1, ())) == ""
    assert stood(standing()) == ""


def test_process_call_function_file_and_line_are_told() -> None:
    told = stood(standing((100, "read", [READS, "main(), server.c:40"])))
    assert told == "process 100 in read(), called in serve() at server.c:23"


def test_who_runs_is_in_no_call() -> None:
    assert stood(standing((100, "", [READS]))) == "process 100 running in serve() at server.c:23"


def test_who_runs_without_rest_goes_first() -> None:
    told = stood(standing((100, "read", [READS]), (101, "", ["main(), server.c:40"])))
    assert told == "process 101 running in main() at server.c:40"


def test_of_several_who_sleep_the_first_is_told() -> None:
    told = stood(standing((100, "wait4", ["main(), server.c:40"]), (101, "read", [READS])))
    assert told == "process 100 in wait4(), called in main() at server.c:40"


@pytest.mark.parametrize(
    "call",
    ["accept", "accept4", "poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "futex"],
)
def test_waiting_for_clients_is_no_news(call: str) -> None:
    assert stood(standing((100, call, ["main(), server.c:40"]))) == ""
    told = stood(standing((100, call, ["main(), server.c:40"]), (101, "read", [READS])))
    assert told == "process 101 in read(), called in serve() at server.c:23"


def test_who_stands_in_no_known_line_is_passed_over() -> None:
    assert stood(standing((100, "", []), (101, "read", []))) == ""
    told = stood(standing((100, "", []), (101, "read", [READS])))
    assert told == "process 101 in read(), called in serve() at server.c:23"


def test_a_pythons_module_is_the_main_program() -> None:
    told = stood(standing((100, "recvfrom", ["<module>(), tcpserver.py:18"])))
    assert told == "process 100 in recvfrom(), called in the main program at tcpserver.py:18"


def test_the_first_look_counts() -> None:
    assert "server.c:23" in stood(standing((100, "read", [READS]), later="main(), server.c:40"))


def looked_at(tale: Recording) -> Recording:
    """The same run, in which somebody looked before its end."""
    (look,) = standing((100, "read", [READS])).events
    return Recording(
        tale.scenario, tale.subject, tale.cell, tale.seed, (*tale.events[:-1], look, tale.events[-1])
    )


def test_a_failure_tells_where_it_stood_and_nothing_else_does() -> None:
    silent_client = catalogue.load().find(SILENT)
    failure = silent_client.decide(looked_at(one_client_at_a_time()))
    success = silent_client.decide(looked_at(the_quick_one_is_answered_at_once()))
    assert (failure.outcome, success.outcome) == (Outcome.FAIL, Outcome.PASS)
    assert failure.evidence.where == "process 100 in read(), called in serve() at server.c:23"
    assert success.evidence.where == ""


# For once in earnest


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(Options(seed=1)) as session:
        yield session


@pytest.mark.xdist_group("standing")
@pytest.mark.parametrize(
    ("name", "tool", "function", "calls"),
    [
        ("tcpserver.cpp", "g++", "main()", "read(conn"),
        ("tcpserver.py", "python3", "the main program", "conn.recv("),
    ],
)
def test_the_line_where_the_lectures_first_server_waits_is_found(
    session: Session, name: str, tool: str, function: str, calls: str
) -> None:
    if not shutil.which(tool):
        pytest.skip(f"no {tool} here")
    if name.endswith(".cpp") and not shutil.which("addr2line"):
        pytest.skip("no addr2line here")
    if name.endswith(".cpp") and platform.machine() not in {"x86_64", "aarch64"}:
        pytest.skip("return addresses are not known on this machine")
    result = session.examine(targets.prepare(name), only=[SILENT])
    where = result.verdicts[SILENT].evidence.where
    told = re.fullmatch(
        rf"process \d+ in \w+\(\), called in {re.escape(function)} at {re.escape(name)}:(\d+)", where
    )
    assert told, where
    lines = (LECTURE / name).read_text(encoding="utf-8").splitlines()
    assert calls in lines[int(told[1]) - 1]


PYTHON: Final = """
import socketserver, sys

class Line(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline()
        self.wfile.write(line.upper())

def serve():
    socketserver.TCPServer.allow_reuse_address = True
    with socketserver.TCPServer(("", int(sys.argv[1])), Line) as server:
        server.serve_forever()
"""
CPP: Final = """
#include <ext/stdio_filebuf.h>
#include <arpa/inet.h>
#include <unistd.h>
#include <iostream>
static void serve(int conn) {
    __gnu_cxx::stdio_filebuf<char> buffer(conn, std::ios::in);
    std::istream in(&buffer);
    std::string line;
    std::getline(in, line);
    line += '\\n';
    if (write(conn, line.data(), line.size()) < 0) return;
}
int main(int argc, char **argv) {
    int sock = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(argc > 1 ? atoi(argv[1]) : 54321);
    if (bind(sock, (sockaddr *)&here, sizeof here) < 0 || listen(sock, 64) < 0) return 1;
    for (;;) serve(accept(sock, nullptr, nullptr));
}
"""


@pytest.mark.xdist_group("standing")
def test_behind_a_library_the_submissions_own_line_is_told(session: Session, tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text("import lines\nlines.serve()\n", encoding="utf-8")
    (tmp_path / "lines.py").write_text(PYTHON, encoding="utf-8")
    result = session.examine(targets.prepare(str(tmp_path)), only=[SILENT])
    assert result.verdicts[SILENT].evidence.where.endswith("called in handle() at lines.py:6")


@pytest.mark.xdist_group("standing")
@pytest.mark.skipif(
    not (shutil.which("g++") and shutil.which("addr2line")) or platform.machine() != "x86_64",
    reason="no g++ or no addr2line here, or another machine",
)
def test_behind_a_header_of_the_system_the_submissions_own_line_is_told(
    session: Session, tmp_path: Path
) -> None:
    (tmp_path / "server.cpp").write_text(CPP, encoding="utf-8")
    result = session.examine(targets.prepare(str(tmp_path / "server.cpp")), only=[SILENT])
    assert result.verdicts[SILENT].evidence.where.endswith("called in serve() at server.cpp:10")
