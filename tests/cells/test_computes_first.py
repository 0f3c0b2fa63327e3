"""A server that listens, and computes for some seconds before it lets anybody in: it is sound."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from harness.engine import targets
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
