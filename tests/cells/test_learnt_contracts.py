"""What is learnt of real servers is the contract they are written for; they are judged by it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from harness.engine import assignment_file as assignment
from harness.engine import learn_contract, targets
from harness.engine.session import Options, examine_all
from harness.judge.learned import SCENARIO, learn
from harness.judge.learned_contract import Learned
from harness.judge.verdict import Outcome
from harness.record.contract import Contract
from harness.report import learnt
from harness.report.words import terms
from harness.results.assignment import Assignment
from harness.results.result import Result
from harness.subject import manifest
from harness.subject.places import shipped
from harness.subject.subject import Subject
from harness.subject.tools import NoTool
from tests.command import run

STAYS: Final = {"closes": False}


def learnt_of(subject: Subject) -> tuple[Learned, assignment.AssignmentFile]:
    """What is learnt, and what the file that says so is read as."""
    found = learn(learn_contract.observe(subject))
    return found, assignment.of_text(learnt.as_assignment(found, "forkspec learn"), "learnt")


def replies_rightly(subject: Subject, settings: assignment.AssignmentFile) -> Outcome:
    """service/reply of the same server, by what was learnt."""
    options = Options(only=("service/reply",), seed=1, assignment=settings.assignment)
    return examine_all([subject], options)[0].verdicts["service/reply"].outcome


def prepared(target: str) -> Subject:
    try:
        return targets.prepare(target)
    except NoTool as missing:
        pytest.skip(str(missing))


DESIGNS: Final = {
    name: entry for name, entry in manifest.references().items() if entry.role in {"design", "lecture"}
}


@pytest.mark.in_turn
@pytest.mark.parametrize("name", DESIGNS)
def test_what_is_learnt_of_a_sound_server_holds(name: str) -> None:
    subject = prepared(name)
    found, settings = learnt_of(subject)
    assert found.untold == []
    meant = subject.contract or Contract()
    assert settings.assignment.contract is not None
    assert (settings.assignment.contract.closes, settings.assignment.contract.greeting) == (
        meant.closes,
        meant.greeting,
    )
    assert replies_rightly(subject, settings) is Outcome.PASS


CHAT: Final = """
import socket, sys, threading
listener = socket.create_server(("", int(sys.argv[1])), backlog=64)
lock, clients = threading.Lock(), []
def serve(conn, number):
    with lock:
        clients.append(conn)
    try:
        for line in conn.makefile("rb"):
            with lock:
                for each in clients:
                    each.sendall(b"<%d> %b" % (number, line))
    except OSError:
        pass
    with lock:
        clients.remove(conn)
    conn.close()
for number in range(100000):
    threading.Thread(target=serve, args=(listener.accept()[0], number), daemon=True).start()
"""


def test_what_others_hear_of_a_chat_is_learnt(tmp_path: Path) -> None:
    """One was "never answered", since the words of another stood on the screen first."""
    (tmp_path / "chat.py").write_text(CHAT)
    subject = prepared(str(tmp_path / "chat.py"))
    found, settings = learnt_of(subject)
    assert found.contract.dialogue is not None
    assert found.contract.dialogue.between == "<{any}> {any}\n"
    asked = ("concurrency/last-first", "concurrency/cross-talk")
    options = Options(only=asked, seed=1, assignment=settings.assignment)
    verdicts = examine_all([subject], options)[0].verdicts
    assert [verdicts[each].outcome for each in asked] == [Outcome.PASS, Outcome.PASS]


def shell(*lines: str) -> str:
    return "\n".join(["#!/bin/sh", *lines, ""])


JAVA: Final = """import java.io.*; import java.net.*;
public class Echo {
  public static void main(String[] a) throws IOException {
    try (ServerSocket s = new ServerSocket(54321)) {
      while (true) { Socket c = s.accept(); new Thread(() -> serve(c)).start(); }
    }
  }
  static void serve(Socket c) {
    try (c; BufferedReader in = new BufferedReader(new InputStreamReader(c.getInputStream()));
         PrintWriter out = new PrintWriter(c.getOutputStream(), true)) {
      String l; while ((l = in.readLine()) != null) out.println("Echo: " + l);
    } catch (IOException e) { }
  }
}
"""
NODE: Final = r"""require('net').createServer(c => {
  c.on('error', () => {}); c.write('+OK ready\r\n'); let b = '';
  c.on('data', d => {
    b += d;
    for (let i; (i = b.indexOf('\n')) >= 0; b = b.slice(i + 1)) c.write('-ERR\r\n');
  });
}).listen(54321);
"""
REFUSED: Final = (
    "what it answers to words that it knows: these lines were refused. Name some: "
    "--say 'SET {word} {line}' --say 'GET {word}', and --first for what comes before, as a login"
)
PROMPT: Final = r"""import socketserver
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"Welcome\n> ")
        for line in self.rfile:
            self.wfile.write(line.upper() + b"> ")
class Server(socketserver.ForkingTCPServer):
    allow_reuse_address = True
Server(("", 54321), Handler).serve_forever()
"""
REAL: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "socat.sh": (
        "socat",
        shell("exec socat TCP-LISTEN:54321,fork,reuseaddr SYSTEM:'while read l; do echo \"$l!\"; done'"),
        {**STAYS, "transform": "{line}!\n"},
    ),
    "ncat.sh": (
        "ncat",
        shell("exec ncat -k -l 54321 -c 'echo \"$$ at $(date)\"; while read l; do echo \"> $l\"; done'"),
        {**STAYS, "transform": "> {line}\n", "greeting": "{any} at {any}\n"},
    ),
    "tr.sh": (
        "socat",
        shell("exec socat TCP-LISTEN:54321,fork,reuseaddr EXEC:'tr a-z A-Z'"),
        {"transform": "upper", "at_half_close": True},
    ),
    "cat.sh": ("ncat", shell("exec ncat -k -l 54321 -e /bin/cat"), {**STAYS, "transform": "echo"}),
    "Echo.java": ("javac", JAVA, {**STAYS, "transform": "Echo: {line}\n"}),
    "refuses.js": (
        "node",
        NODE,
        {
            **STAYS,
            "dialogue": {
                "opening": [{"send": "", "expect": "+OK ready\r\n"}],
                "steps": [{"send": "{line}\r\n", "expect": "-ERR\r\n"}],
            },
        },
    ),
    "prompts.py": (
        "python3",
        PROMPT,
        {
            **STAYS,
            "dialogue": {
                "opening": [{"send": "", "expect": "Welcome\n> "}],
                "steps": [{"send": "{line}\n", "expect": "{LINE}\n> "}],
            },
        },
    ),
}  # fmt: skip


WANTS_FLAGS: Final = r"""import asyncio
async def serve(reader, writer):
    writer.write(b"DISKMAGIC\0\3")
    flags = await reader.readexactly(4)
    if flags[:2] == b"\0\0":
        writer.write(b"\0\0\0\1" + await reader.readline())
    writer.close()
async def main():
    async with await asyncio.start_server(serve, "", 54321) as server:
        await server.serve_forever()
asyncio.run(main())
"""
WANTS_PASSWORD: Final = r"""use Socket; $SIG{CHLD} = "IGNORE";
socket(my $s, PF_INET, SOCK_STREAM, 0); setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
bind($s, sockaddr_in(54321, INADDR_ANY)) or die; listen($s, 64);
while (accept(my $c, $s)) {
    if (fork() == 0) {
        close $s; syswrite $c, "password: "; my $line = <$c>;
        syswrite $c, "welcome\n" if defined $line && $line =~ /^sesame/; exit 0;
    }
    close $c;
}
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [("flags.py", WANTS_FLAGS), ("password.pl", WANTS_PASSWORD)],
    ids=["flags.py", "password.pl"],
)
def test_who_closes_at_an_unknown_line_is_not_taken_for_one_who_asks_nothing(
    tmp_path: Path, name: str, text: str
) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / name).write_text(text)
    found = learn(learn_contract.observe(prepared(str(tmp_path / name))))
    assert not found.contract.unasked
    assert [each for each in found.untold if "closes the connection at any line" in each]


COUNTS_THREADS: Final = r"""import socketserver, threading
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"You are user %d of 50\r\n" % (threading.active_count() - 1))
        for line in self.rfile:
            self.wfile.write(b"530 " + line)
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
Server(("", 54321), Handler).serve_forever()
"""
COUNTS_CHILDREN: Final = r"""use Socket; my $there = 0;
$SIG{CHLD} = sub { while (waitpid(-1, 1) > 0) { $there--; } };
socket(my $s, PF_INET, SOCK_STREAM, 0); setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
bind($s, sockaddr_in(54321, INADDR_ANY)) or die; listen($s, 64);
while (1) {
    accept(my $c, $s) or next;
    $there++;
    if (fork() == 0) {
        close $s; syswrite $c, "* $there here\n";
        while (my $line = <$c>) { syswrite $c, "ok $line"; }
        exit 0;
    }
    close $c;
}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text", "greeting"),
    [
        ("threads.py", COUNTS_THREADS, "You are user {any} of 50\r\n"),
        ("children.pl", COUNTS_CHILDREN, "* {any} here\n"),
    ],
    ids=["threads.py", "children.pl"],
)
def test_a_greeting_that_counts_the_clients_is_learnt(
    tmp_path: Path, name: str, text: str, greeting: str
) -> None:
    """pure-ftpd's was written down with "number 1", and a crowd was not greeted by it."""
    tmp_path.chmod(0o755)
    (tmp_path / name).write_text(text)
    subject = prepared(str(tmp_path / name))
    found, settings = learnt_of(subject)
    assert found.contract.greeting == greeting
    assert replies_rightly(subject, settings) is Outcome.PASS


@pytest.mark.one_in_turn("real contracts")
@pytest.mark.parametrize("name", REAL)
def test_a_real_servers_contract_is_learnt(tmp_path: Path, name: str) -> None:
    tool, text, contract = REAL[name]
    if not shutil.which(tool):
        pytest.skip(f"no {tool} here")
    tmp_path.chmod(0o755)
    (tmp_path / name).write_text(text)
    (tmp_path / name).chmod(0o755)
    subject = prepared(str(tmp_path / name))
    found, settings = learnt_of(subject)
    untold = [REFUSED] if name == "refuses.js" else []
    assert (settings.assignment.contract, found.untold) == (Contract.of(contract), untold)
    assert replies_rightly(subject, settings) is Outcome.PASS


@pytest.mark.one_in_turn("real contracts")
def test_a_web_servers_first_line_is_learnt() -> None:
    subject = targets.prepare_command(["python3", "-m", "http.server", "{port}"])
    found, settings = learnt_of(subject)
    assert found.traits == ["speaks HTTP"]
    assert replies_rightly(subject, settings) is Outcome.PASS


# A check without an assignment

CLOSES: Final = ("service/reply", "service/closes")


def diagnosed(path: Path, text: str, **how: Any) -> Result:
    path.parent.chmod(0o755)
    path.write_text(text)
    options = Options(only=CLOSES, seed=1, **how)
    return examine_all([prepared(str(path))], options)[0]


@pytest.mark.one_in_turn("another contract")
def test_a_check_names_the_contract_that_a_server_keeps_instead(tmp_path: Path) -> None:
    server = tmp_path / "prompts.py"
    result = diagnosed(server, PROMPT)
    assert (
        "Your server does not keep the lecture's contract: it greets, answers '{LINE}\\n> ', and "
        "stays open after its reply. That is a fault, unless your assignment asks for it; if it does, "
        f"'forkspec learn {server} -o assignment.toml' writes it down, "
        f"and 'forkspec check {server} --assignment assignment.toml' judges by it."
    ) in result.diagnosis.sentence
    assert {verdict.evidence.cause for verdict in result.verdicts.values()} == {"", "reads-after-reply"}
    assert result.exit_status == 1
    assert terms(result) == (
        "Judged by the lecture's contract: a line comes back, capitalised or as it came, "
        "then the server closes."
    )


@pytest.mark.one_in_turn("another contract")
def test_whoever_has_an_assignment_is_told_of_no_other_contract(tmp_path: Path) -> None:
    settled = Assignment(Contract(), source="week3.toml")
    result = diagnosed(tmp_path / "prompts.py", PROMPT, assignment=settled)
    assert SCENARIO not in result.recordings
    assert "keep the lecture's contract" not in result.diagnosis.sentence


@pytest.mark.slow
def test_a_server_that_waits_for_the_end_of_input_is_told_so(tmp_path: Path) -> None:
    source = (shipped("servers") / "designs" / "stays-open-fork.py").read_text()
    assert source.count("for line in lines:") == 1
    result = diagnosed(
        tmp_path / "at_end.py",
        source.replace("for line in lines:", "for line in list(lines):"),
    )
    assert "it answers only once the client has closed its side" in result.diagnosis.sentence
    assert "The lecture's answers when it has read a line. That is a fault" in result.diagnosis.sentence


@pytest.mark.parametrize("name", ["waits-for-client-to-close.c", "nul-padding.c"])
def test_a_mistake_is_no_contract(name: str) -> None:
    result = examine_all([prepared(name)], Options(only=CLOSES, seed=1))[0]
    assert SCENARIO in result.recordings
    assert "keep the lecture's contract" not in result.diagnosis.sentence


# The command


def test_it_is_written_once_and_over_with_force(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    done = run("learn", "stays-open-fork.c", "-o", file)
    assert done.returncode == 0, done.stderr
    assert f"forkspec check stays-open-fork.c --assignment {file}" in done.stdout
    file.write_text("mine")
    again = run("learn", "stays-open-fork.c", "-o", file)
    assert (again.returncode, file.read_text()) == (3, "mine")
    assert again.stderr == f"forkspec: {file}: there is such a file; --force writes over it\n"
    assert run("learn", "stays-open-fork.c", "-o", file, "--force").returncode == 0
    assert "closes = false" in file.read_text()


CONFIGURED: Final = """[submission]
run = "python3 server.py"
port = 10050

[submission.files]
"port.conf" = "{port}"
"""
READS_ITS_PORT: Final = """import socketserver
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"250 " + self.rfile.readline())
socketserver.TCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("", int(open("port.conf").read())), Echo).serve_forever()
"""


@pytest.mark.slow
def test_what_needs_a_configuration_is_learnt_behind_it(tmp_path: Path) -> None:
    folder, begun, file = tmp_path / "work", tmp_path / "start.toml", tmp_path / "a.toml"
    folder.mkdir()
    (folder / "server.py").write_text(READS_ITS_PORT)
    begun.write_text(CONFIGURED)
    done = run("learn", folder, "--assignment", begun, "-o", file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert file.read_text().startswith(CONFIGURED)
    settings = assignment.read(file)
    assert settings.assignment.contract is not None
    assert settings.assignment.contract.transform == "250 {line}\n"
    again = run("learn", folder, "--assignment", file)
    assert (again.returncode, "[contract] stands there" in again.stderr) == (3, True)


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["no-such.c"], 3, "no such file"),
        ([], 3, "name one server"),
        (["tcpserver", "-o", "no/such/folder.toml"], 3, "No such file or directory"),
        (["never-listens.c"], 1, "it does not listen"),
        (["does-not-compile.c"], 1, "it does not compile"),
        (["exits-at-once.c"], 1, "it exited with status"),
        pytest.param(
            *(["accepts-on-wrong-socket.c"], 2, "nobody was let in"),
            marks=pytest.mark.one_in_turn("real contracts"),
        ),
    ],
)
def test_what_is_not_learnt_has_a_sentence_and_a_status(
    words: list[str], status: int, says: str, tmp_path: Path
) -> None:
    done = run("learn", *words, cwd=tmp_path)
    assert done.returncode == status
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_client_is_not_learnt() -> None:
    done = run("learn", shipped("clients") / "tcpclient2.py")
    assert done.returncode == 3
    assert "is a client: only servers are learnt" in done.stderr


@pytest.mark.parametrize(
    ("name", "words", "script"),
    [
        (
            "key-value",
            ["--say", "SET {word} {line}", "--say", "GET {word}"],
            [("SET {word} {line}\n", "OK\n"), ("GET {word}\n", "VALUE {line}\n")],
        ),
        (
            "chat",
            ["--first", "NICK {word}", "--say", r"{line}\n"],
            [("NICK {word}\n", "WELCOME {word}\n"), ("{line}\n", "<{any}> {line}\n")],
        ),
    ],
)
def test_commands_are_learnt_by_words_of_its_own(
    tmp_path: Path, name: str, words: list[str], script: list[tuple[str, str]]
) -> None:
    server = Path(__file__).parents[2] / "examples" / name / "server.py"
    written = tmp_path / "learnt.toml"
    done = run("learn", str(server), "-o", str(written), *words)
    assert done.returncode == 0, done.stdout + done.stderr
    contract = assignment.read(written).assignment.contract
    assert contract is not None
    told = contract.dialogue
    assert told is not None
    assert [(step.send, step.expect) for step in (*told.opening, *told.steps)] == script
    assert "forkspec learn" in written.read_text(encoding="utf-8")


def test_words_without_a_line_are_refused(tmp_path: Path) -> None:
    done = run("learn", "tcpserver4", "-o", str(tmp_path / "x.toml"), "--say", "GET x")
    assert done.returncode == 3
    assert "{line}" in done.stderr
