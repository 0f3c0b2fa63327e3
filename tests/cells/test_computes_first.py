"""A server that listens, and computes for some seconds before it lets anybody in: it is sound."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from harness.cell.cells import Cells
from harness.engine import catalogue, targets
from harness.engine.play import RunConfig, play
from harness.engine.session import Options, Session
from harness.judge.verdict import Outcome

REPLY: Final = "service/reply"
C: Final = """#include <arpa/inet.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
int main(void) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(54321)};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0 || listen(s, 5) < 0) return 1;
    for (volatile long i = 0; clock() < 2.5 * CLOCKS_PER_SEC;) for (i = 0; i < 10000000; i++) {}
    for (;;) {
        char line[256];
        int c = accept(s, 0, 0);
        ssize_t n = read(c, line, sizeof line);
        if (n > 0 && write(c, line, n) < 0) return 1;
        close(c);
    }
}
"""
PYTHON: Final = """import socketserver, time
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline())
socketserver.ThreadingTCPServer.allow_reuse_address = True
with socketserver.ThreadingTCPServer(("", 54321), Echo) as server:
    sieve = 0
    while time.process_time() < 2.5:
        sieve += sum(n for n in range(200000) if n % 7)
    server.serve_forever()
"""


@pytest.mark.one_in_turn("computes first")
@pytest.mark.parametrize(("name", "text"), [("server.c", C), ("server.py", PYTHON)], ids=["C", "Python"])
def test_who_computes_first_is_waited_for(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with Session(Options(only=(REPLY,))) as session:
        result = session.examine(targets.prepare(str(tmp_path / name)))
    assert result.verdicts[REPLY].outcome is Outcome.PASS, result.verdicts[REPLY].evidence


C_THAT_SPINS: Final = """#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
int main(void) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(54321)};
    int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    signal(SIGCHLD, SIG_IGN);
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0 || listen(s, 64) < 0) return 1;
    for (volatile long i = 0; clock() < 0.8 * CLOCKS_PER_SEC;) for (i = 0; i < 1000000; i++) {}
    for (;;) {
        struct pollfd wait = {.fd = s, .events = POLLIN};
        poll(&wait, 1, -1);
        int c = accept(s, 0, 0);
        if (c < 0) continue;
        if (fork() == 0) {
            char line[256];
            close(s);
            ssize_t n = read(c, line, sizeof line);
            if (n > 0 && write(c, line, n) < 0) return 1;
            return 0;
        }
        close(c);
    }
}
"""
PYTHON_THAT_SPINS: Final = """import select, socket, threading, time
listener = socket.create_server(("", 54321), backlog=64)
sieve = 0
while time.process_time() < 0.9:
    sieve += sum(n for n in range(20000) if n % 7)
def serve(conn):
    with conn, conn.makefile("rwb") as talk:
        talk.write(talk.readline())
while True:
    select.select([listener], [], [])
    try:
        conn, _ = listener.accept()
    except OSError:
        continue
    threading.Thread(target=serve, args=[conn], daemon=True).start()
"""


@pytest.mark.one_in_turn("computes first")
@pytest.mark.parametrize(
    ("name", "text"),
    [("server.c", C_THAT_SPINS), ("server.py", PYTHON_THAT_SPINS)],
    ids=["C", "Python"],
)
@pytest.mark.parametrize("identifier", ["abuse/idle-cost", "concurrency/half-line"])
def test_who_spins_in_another_scenario_may_compute_at_each_start(
    tmp_path: Path, name: str, text: str, identifier: str
) -> None:
    """nbd-server spins while it has no descriptors; then no later start of it was waited for."""
    (tmp_path / name).write_text(text)
    subject = targets.prepare(str(tmp_path / name))
    known = catalogue.load()
    scenarios = [known.find(each).scenario for each in ("abuse/no-descriptors", identifier)]
    with closing(Cells()) as cells:
        first, then = (
            asyncio.run(play(cells, subject, known.scenarios[each], RunConfig(seed=7, spins=has_spun)))
            for each, has_spun in zip(scenarios, (False, True), strict=True)
        )
    assert any(at.proof == "spin" for at in first.snapshots())
    told = known.find(identifier).decide(then)
    assert told.outcome is Outcome.PASS, told.evidence
