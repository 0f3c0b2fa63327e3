"""Server or client: a program is what it does; a name, and its words, are a hint for the first try."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import harness
from harness.engine import catalogue, targets
from harness.engine.session import Options, Session, examine_all
from harness.judge.verdict import Outcome
from harness.record.role import Role
from harness.results.result import Result
from harness.subject.roles import hint
from harness.subject.subject import Subject
from harness.subject.submission import BuildOptions

REPLY: Final = "service/reply"
CONNECTS: Final = "client/connects-first"
SERVER_C: Final = """#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void) {
    int s = socket(AF_INET, SOCK_STREAM, 0), c;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(54321)};
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0 || listen(s, 5) < 0) return 1;
    for (char line[4096]; (c = accept(s, 0, 0)) >= 0; close(c))
        write(c, line, read(c, line, sizeof line));
}
"""
THREADS_PY: Final = """import socketserver
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline())
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("", 54321), Handler).serve_forever()
"""
HIDDEN_PY: Final = """import importlib
net = importlib.import_module("soc" + "ket")
server = getattr(net, "create_" + "server")(("", 54321))
while True:
    with server.accept()[0] as one:
        one.sendall(one.makefile("rb").readline())
"""
CLIENT_C: Final = """#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char **argv) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(54321)};
    if (argc != 2 || inet_pton(AF_INET, argv[1], &a.sin_addr) != 1) return puts("usage: IP"), 1;
    int s = socket(AF_INET, SOCK_STREAM, 0), n;
    if (connect(s, (struct sockaddr *)&a, sizeof a) < 0) return perror("connect"), 1;
    char line[4096];
    if (!fgets(line, sizeof line, stdin)) return 0;
    write(s, line, strlen(line));
    while ((n = read(s, line, sizeof line)) > 0) fwrite(line, 1, n, stdout);
    return 0;
}
"""
CLIENT_PY: Final = """import socket, sys
{tell}
with socket.create_connection(({host!r}, port)) as one:
    one.sendall(sys.stdin.readline().encode())
    one.shutdown(socket.SHUT_WR)
    while data := one.recv(1024):
        sys.stdout.write(data.decode())
"""
PORT_ALONE: Final = CLIENT_PY.format(tell="_, port = sys.argv; port = int(port)", host="localhost")
OPTIONS: Final = CLIENT_PY.format(
    tell="_, h, host, p, port = sys.argv; assert (h, p) == ('-h', '-p'); port = int(port)",
    host="127.0.0.1",
)
ELSEWHERE: Final = CLIENT_PY.format(tell="_, port = sys.argv, 54321", host="127.0.1.1")
NEITHER: Final = "print('I do nothing')\n"


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(Options(seed=1)) as one:
        yield one


def judged(session: Session, subject: Subject) -> Result:
    return session.examine(subject, only=[REPLY, CONNECTS])


def place(folder: Path, name: str, text: str) -> Path:
    folder.parent.chmod(0o755)
    (folder / name).write_text(text)
    return folder / name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text", "passes"),
    [
        ("client-handler.c", SERVER_C, REPLY),
        ("per_client.py", THREADS_PY, REPLY),
        ("relay-client.py", HIDDEN_PY, REPLY),
        ("talks.c", CLIENT_C, CONNECTS),
        ("server.py", PORT_ALONE, CONNECTS),
        ("ask.py", OPTIONS, CONNECTS),
        ("myclient.py", ELSEWHERE, CONNECTS),
    ],
)
def test_a_program_is_what_it_does(
    name: str, text: str, passes: str, tmp_path: Path, session: Session
) -> None:
    result = judged(session, targets.prepare(str(place(tmp_path, name, text))))
    assert result.verdicts[passes].outcome is Outcome.PASS, result.verdicts[passes].evidence
    assert {each.id for each in result.requirements} == {
        each.id
        for each in catalogue.load(Role.CLIENT if passes == CONNECTS else Role.SERVER).requirements
    }


@pytest.mark.parametrize(("name", "fails"), [("mine.py", "contract/starts"), ("myclient.py", CONNECTS)])
def test_who_neither_listens_nor_connects_is_what_its_name_says(
    name: str, fails: str, tmp_path: Path, session: Session
) -> None:
    result = judged(session, targets.prepare(str(place(tmp_path, name, NEITHER))))
    assert result.verdicts[fails].outcome is Outcome.FAIL


def test_what_was_said_of_the_role_goes_before_what_it_does(tmp_path: Path, session: Session) -> None:
    server = place(tmp_path, "server.py", THREADS_PY)
    result = judged(session, targets.prepare(str(server), BuildOptions(role="client")))
    assert result.verdicts[CONNECTS].outcome is Outcome.FAIL


@pytest.mark.parametrize("role", ["", "client"])
def test_a_command_may_start_a_client(
    role: Role, tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place(tmp_path, "ask.py", PORT_ALONE).parent)
    tmp_path.chmod(0o755)
    command = targets.prepare_command(["python3", "ask.py", "{port}"], BuildOptions(role=role))
    assert command.is_role_told is bool(role)
    assert judged(session, command).verdicts[CONNECTS].outcome is Outcome.PASS


def test_of_two_programs_the_one_that_listens_is_the_server(tmp_path: Path, session: Session) -> None:
    place(tmp_path, "client-handler.c", SERVER_C)
    place(tmp_path, "talks.c", CLIENT_C)
    (server,) = targets.prepare_all(str(tmp_path), BuildOptions())
    assert judged(session, server).verdicts[REPLY].outcome is Outcome.PASS
    (tmp_path / "talks.c").rename(tmp_path / "tcpclient.c")
    theirs = targets.prepare_all(str(tmp_path), BuildOptions())
    assert [each.role for each in theirs] == ["server", "client", "pair"]
    (tmp_path / "client-handler.c").unlink()
    (client,) = targets.prepare_all(str(tmp_path), BuildOptions())
    assert judged(session, client).verdicts[CONNECTS].outcome is Outcome.PASS


def test_what_is_asked_of_the_other_role_alone_is_refused(tmp_path: Path) -> None:
    client = targets.prepare(str(place(tmp_path, "talks.c", CLIENT_C)))
    with pytest.raises(harness.HarnessError, match="service/reply: nothing that is asked of a client"):
        examine_all([client], Options(only=(REPLY,)))


@pytest.mark.parametrize(
    ("name", "text", "role"),
    [
        ("a.c", "/* listen( */ int s = connect(a, b, c);", "client"),
        ("client.js", "require('net').createServer(f).listen(1)", "server"),
        ("Echo.java", "new ServerSocket(1)", "server"),
        ("Talk.java", 'new Socket("localhost", 1)', "client"),
        ("talk.pl", "IO::Socket::INET->new(PeerAddr => $h)", "client"),
        ("proxy.py", "s.listen(); t.connect(there)", ""),
        ("proxyserver.py", "s.listen(); t.connect(there)", "server"),
        ("tcpclient.py", "import them", "client"),
        ("many-clients.py", "import them", ""),
        ("mine.py", "# listen(1)\nimport them", ""),
    ],
)
def test_a_hint_is_taken_from_words_before_names(
    name: str, text: str, role: Role, tmp_path: Path
) -> None:
    assert hint(place(tmp_path, name, text)) == (role or None)
