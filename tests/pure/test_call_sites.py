"""The lines of a student's source that a report names: each call as it is written there."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace as changed

from harness.engine import catalogue
from harness.judge.causes import CAUSES
from harness.record.events import Submitted
from harness.report.failure_lines import explained
from harness.results.result import decide
from harness.results.rubric import Rubric
from harness.subject.call_names import CONSTANTS, NAMES, SIGNALS
from harness.subject.call_sites import MOST, call_sites
from tests.stories.service import the_reply_is_the_whole_buffer

C: Final = r"""
#include "net.h"
/* fork() of old: fork(); */
int accept(int, struct sockaddr *, socklen_t *);
static void reap(int signo) {
    while (waitpid(-1, NULL, WNOHANG) > 0) { }   // not wait()
}
static int unused(int fd) { return read(fd, 0, 0); }
static void serve(int conn) {
    char line[99] = "read(";
    ssize_t n = recv(conn, line, sizeof line, 0);
    if (n > 0 && send(conn, line, n, 0) < 0)
        fprintf(stderr, "write()");
    close(conn);
}
int main(void) {
    struct sigaction action = { .sa_handler = reap };
    sigaction(SIGCHLD, &action, NULL);
    for (;;) {
        int conn = accept(sock, NULL, NULL);
        if (fork() == 0) serve(conn);
    }
}
"""
PYTHON: Final = '''
"""accept() in words, and fork()."""
import os, signal

def gone(*_):  # os.waitpid()
    while os.waitpid(-1, os.WNOHANG)[0]:
        pass

class Door:
    def accept(self):
        return self.sock.accept()

signal.signal(signal.SIGCHLD, gone)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
with table_lock:
    conn.sendall(conn.recv(9))
ready.wait()
print("write()", file=sys.stderr); sys.stderr.write("no client")
'''
JAVA: Final = """
class Server {
    public static void main(String[] args) throws Exception {
        ServerSocket listener = new ServerSocket(54321);
        while (true) {
            Socket conn = listener.accept();
            System.out.println("a client");
            synchronized (lock) { out.println(in.readLine()); }
            new Thread(() -> serve(conn)).start();
        }
    }
}
"""
GO: Final = """
func main() {
    listener, err := net.Listen("tcp", ":54321") // Accept()
    conn, err := listener.Accept()
    go serve(conn)
    fmt.Fprintln(os.Stderr, "a client")
    fmt.Fprintln(conn, line)
}
"""
RUBY: Final = """
server = TCPServer.new 54321
client = server.accept
Thread.new { client.puts client.gets.upcase }
puts "a client"
"""
NODE: Final = """
const server = net.createServer((socket) => { socket.write(`read() ${line}`); });
server.listen(54321);
console.write("no client");
"""


@pytest.mark.parametrize(
    ("name", "text", "role", "sites"),
    [
        ("server.c", C, "accept", ["accept() at server.c:20 in main()"]),
        ("server.c", C, "fork", ["fork() at server.c:21 in main()"]),
        ("server.c", C, "read", ["recv() at server.c:11 in serve()"]),
        ("server.c", C, "write", ["send() at server.c:12 in serve()"]),
        ("server.c", C, "wait", ["waitpid() at server.c:6 in reap()"]),
        ("server.c", C, "SIGCHLD", ["reap(), the handler for SIGCHLD, at server.c:5"]),
        ("server.py", PYTHON, "accept", ["self.sock.accept() at server.py:11"]),
        ("server.py", PYTHON, "wait", ["os.waitpid() at server.py:6"]),
        ("server.py", PYTHON, "SIGCHLD", ["gone(), the handler for SIGCHLD, at server.py:5"]),
        ("server.py", PYTHON, "SIGTERM", []),
        ("server.py", PYTHON, "fork", []),
        ("server.py", PYTHON, "lock", ["with table_lock at server.py:15"]),
        ("server.py", PYTHON, "write", ["conn.sendall() at server.py:16"]),
        ("Server.java", JAVA, "accept", ["listener.accept() at Server.java:6"]),
        ("Server.java", JAVA, "bind", ["ServerSocket() at Server.java:4"]),
        ("Server.java", JAVA, "lock", ["synchronized() at Server.java:8"]),
        ("Server.java", JAVA, "write", ["out.println() at Server.java:8"]),
        ("Server.java", JAVA, "thread", ["Thread() at Server.java:9"]),
        ("main.go", GO, "accept", ["listener.Accept() at main.go:4"]),
        ("main.go", GO, "listen", ["net.Listen() at main.go:3"]),
        ("main.go", GO, "thread", ["go at main.go:5"]),
        ("main.go", GO, "write", ["fmt.Fprintln() at main.go:7"]),
        ("server.rb", RUBY, "accept", ["server.accept() at server.rb:3"]),
        ("server.rb", RUBY, "write", ["client.puts() at server.rb:4"]),
        ("server.rb", RUBY, "read", ["client.gets() at server.rb:4"]),
        (
            "server.js",
            NODE,
            "listen",
            ["net.createServer() at server.js:2", "server.listen() at server.js:3"],
        ),
        ("server.js", NODE, "write", ["socket.write() at server.js:2"]),
        ("notes.txt", C, "accept", []),
    ],
)
def test_a_call_is_named_as_its_source_has_it(
    tmp_path: Path, name: str, text: str, role: str, sites: list[str]
) -> None:
    (tmp_path / name).write_text(text)
    assert list(call_sites({name: tmp_path / name}).get(role, ())) == sites


def test_what_is_done_everywhere_is_told_nowhere(tmp_path: Path) -> None:
    (tmp_path / "server.c").write_text("int main(void) {\n" + "close(1);\n" * (MOST + 1) + "}\n")
    assert call_sites({"server.c": tmp_path / "server.c"}) == {}


def test_a_handler_may_lie_in_another_file(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text("int main(void) { signal(SIGCHLD, reap); }\n")
    (tmp_path / "reap.c").write_text("\nvoid reap(int signo)\n{\n    wait(NULL);\n}\n")
    found = call_sites({name: tmp_path / name for name in ("main.c", "reap.c")})
    assert found["SIGCHLD"] == ("reap(), the handler for SIGCHLD, at reap.c:2",)
    assert found["wait"] == ("wait() at reap.c:4 in reap()",)


IN_A_FUNCTION: Final = """
static void on_sigchld(void (*handler)(int)) {
    struct sigaction action;
    action.sa_handler = handler;
    sigaction(SIGCHLD, &action, NULL);
}
static void reap(int signo) { wait(NULL); }
int main(void) { on_sigchld(reap); kill(0, SIGCHLD); signal(SIGTERM, SIG_IGN); }
"""
TWICE: Final = """
static void first(int signo) { }
static void then(int signo) { }
int main(void) { signal(SIGCHLD, first); signal(SIGCHLD, then); }
"""
IN_A_TABLE: Final = """
static void first(int signo) { }
static int signals[] = {SIGCHLD, SIGHUP};
int main(void) { signal(SIGCHLD, first); for (int n = 0; n < 2; n++) signal(signals[n], then); }
"""


@pytest.mark.parametrize(
    ("text", "handlers"),
    [
        (IN_A_FUNCTION, ("reap(), the handler for SIGCHLD, at server.c:7",)),
        (TWICE, ()),
        (IN_A_TABLE, ()),
    ],
)
def test_a_handler_is_named_where_the_source_leaves_no_doubt(
    tmp_path: Path, text: str, handlers: tuple[str, ...]
) -> None:
    (tmp_path / "server.c").write_text(text)
    assert call_sites({"server.c": tmp_path / "server.c"}).get("SIGCHLD", ()) == handlers


def test_what_is_thrown_away_or_sleeps_is_not_named(tmp_path: Path) -> None:
    lines = [
        "while (recv(conn, buf, 9, MSG_DONTWAIT) > 0);",
        "poll(NULL, 0, 100);",
        "read(conn, buf, 9);",
    ]
    (tmp_path / "server.c").write_text("int main(void) {\n" + "\n".join(lines) + "\n}\n")
    found = call_sites({"server.c": tmp_path / "server.c"})
    assert found == {"read": ("read() at server.c:4 in main()",)}


def test_every_cause_speaks_of_calls_that_are_looked_for() -> None:
    known = {*NAMES, *CONSTANTS, *SIGNALS, *(f"{each} ignored" for each in SIGNALS)}
    assert [name for name, cause in CAUSES.items() if not known.issuperset(cause.calls)] == []


def test_a_report_names_the_lines_of_what_is_to_be_looked_at() -> None:
    calls: dict[str, tuple[str, ...]] = {
        "write": ("send() at server.c:12 in serve()",),
        "fork": ("fork() at server.c:21 in main()",),
    }
    seen = the_reply_is_the_whole_buffer()
    told_of = Submitted(0, "server", ("server.c",), 1, calls=calls)
    seen = replace(seen, events=(told_of, *seen.events))
    reply = catalogue.load().find("service/reply")
    result = decide([reply], {seen.scenario: seen}, Rubric())
    lines = dict(explained(result, reply, result.verdicts[reply.id]))
    assert lines["lines"] == "send() at server.c:12 in serve()"
    without = changed(told_of, calls={})
    seen = replace(seen, events=(without, *seen.events[1:]))
    result = decide([reply], {seen.scenario: seen}, Rubric())
    assert "lines" not in dict(explained(result, reply, result.verdicts[reply.id]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "part",
    ["a(", "a.a.", "read(", "/*", "a(){}", "sigaction(SIGCHLD,&a,0);", '"""', "lock<", "f(a){read(1);"],
)
@pytest.mark.parametrize("name", ["x.c", "x.py"])
def test_no_source_takes_more_time_than_its_length(tmp_path: Path, part: str, name: str) -> None:
    def spent_s(size: int) -> float:
        (tmp_path / name).write_text(part * (size // len(part)))
        start_s = time.process_time()
        call_sites({name: tmp_path / name})
        return time.process_time() - start_s

    short_s, long_s = (min(spent_s(size) for _ in range(3)) for size in (1 << 14, 1 << 16))
    assert long_s < 10 * short_s + 0.001  # four times the text: sixteen times would be its square
