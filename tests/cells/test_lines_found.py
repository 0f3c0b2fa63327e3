"""The line of the source at which a real server stood is found."""

from __future__ import annotations

import platform
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from harness.engine import targets
from harness.engine.session import Options, Session
from harness.subject.lines import _named

LECTURE: Final = Path(__file__).parents[2] / "servers" / "lecture"
SILENT: Final = "concurrency/silent-client"


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
        r"process \d+ was then in \w+\(\), called in "
        rf"{re.escape(function)} at {re.escape(name)}:(\d+)",
        where,
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
    _, _, told = result.verdicts[SILENT].evidence.where.partition("called in ")
    assert told.startswith("handle() at lines.py:6, called by ")


@pytest.mark.xdist_group("standing")
@pytest.mark.skipif(
    not (shutil.which("g++") and shutil.which("addr2line")) or platform.machine() != "x86_64",
    reason="no g++ or no addr2line here, or another machine",
)
@pytest.mark.parametrize("name", ["server.cpp", "my server (2).cpp"])
def test_behind_a_header_of_the_system_the_submissions_own_line_is_told(
    session: Session, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text(CPP, encoding="utf-8")
    result = session.examine(targets.prepare(str(tmp_path / name)), only=[SILENT])
    _, _, told = result.verdicts[SILENT].evidence.where.partition("called in ")
    assert told == f"serve() at {name}:10, called by main() at {name}:21"


@pytest.mark.xdist_group("standing")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("handler-logs.c", "(), which syslog() calls, in main() at handler-logs.c:"),
        ("handler-tells-the-time.c", "(), which localtime() calls, in note_time() at handler-tells-"),
    ],
)
def test_a_call_within_a_library_function_is_told_as_the_source_has_it(
    session: Session, name: str, told: str
) -> None:
    if platform.machine() != "x86_64" or not shutil.which("cc") or not shutil.which("addr2line"):
        pytest.skip("calls are followed on x86-64 alone, and their lines need addr2line")
    result = session.examine(targets.prepare(name), only=["moments/signal-any-time"])
    assert told in result.verdicts["moments/signal-any-time"].evidence.observed


@pytest.mark.parametrize(
    ("function", "name"),
    [
        ("serve(int)", "serve"),
        ("main::{lambda(int)#1}::operator()(int) const", "main"),
        ("Server::run()::{lambda()#2}::operator()() const", "Server::run"),
        ("std::_State_impl<std::_Invoker<std::tuple<main::{lambda()#1}> > >::_M_run()", "main"),
    ],
)
def test_a_lambda_is_named_by_the_function_around_it(function: str, name: str) -> None:
    assert _named(function) == name
