"""How fine programs want to be told their port: each way, in two languages or designs."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from harness.cell.cells import Cells
from harness.engine import play as play_module
from harness.engine import targets, trial
from harness.engine.play import RunConfig
from harness.engine.session import Options, Session
from harness.judge.verdict import Outcome
from harness.record.recording import Recording
from harness.results.result import Result
from harness.stage.scenario import Scenario
from harness.subject.subject import Subject
from tests.command import run

STARTS, LISTENS, ADDRESS = "contract/starts", "contract/listens", "contract/address"
PYTHON: Final = """import argparse, configparser, os, sys, socket
{told}
with socket.create_server((host if "host" in globals() else "", port)) as s:
    while True:
        s.accept()[0].close()
"""
C: Final = """#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
    int port = 0;
    char host[64] = "0.0.0.0";
    %s
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (inet_pton(AF_INET, host, &a.sin_addr) != 1) return 4;
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0 || listen(s, 5) < 0) return 1;
    for (;;) { int c = accept(s, 0, 0); if (c < 0) return 1; close(c); }
}
"""
NODE: Final = "require('net').createServer(c => c.end()).listen(%s)\n"
JAVA: Final = """import java.net.*;
public class Server {
    public static void main(String[] args) throws Exception {
        try (ServerSocket s = new ServerSocket(%s)) { while (true) s.accept().close(); }
    }
}
"""


def python(told: str) -> dict[str, str]:
    return {"server.py": PYTHON.format(told=told)}


def c(told: str) -> dict[str, str]:
    return {"server.c": C % told}


RUBY: Final = """require 'socket'
server = TCPServer.new('0.0.0.0', ARGV[0])
loop { server.accept.close }
"""
PERL: Final = """use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 5, ReuseAddr => 1) or die "$!";
while (1) { my $client = $server->accept or next; close $client }
"""
# Without a port the workers end at once, and the first process starts others without end.
REPLACED_C: Final = """while (argc < 2) {
        pid_t worker = fork();
        if (worker == 0) { fprintf(stderr, "which port?\\n"); usleep(20000); _exit(2); }
        waitpid(worker, 0, 0);
    }
    port = atoi(argv[1]);"""
REPLACED_NODE: Final = """const cluster = require('cluster');
if (cluster.isPrimary) { cluster.fork(); cluster.on('exit', () => cluster.fork()); }
else require('net').createServer(c => c.end()).listen(+process.argv[2]);
"""
ASK_C: Final = 'printf("Port? "); fflush(stdout); if (scanf("%d", &port) != 1) return 2;'
FROM_FILE_C: Final = 'FILE *f = fopen("port.txt", "r"); if (!f || fscanf(f, "%d", &port) != 1) return 2;'
FROM_INI: Final = """ini = configparser.ConfigParser()
ini.read("config.ini")
port = ini.getint("server", "port")
log = open("logs/server.log", "a")"""
INI: Final = "[server]\nport = 54321\n"
LONG: Final = """parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, {more})
port = parser.parse_args().port"""

WAYS: Final[Mapping[str, tuple[str, dict[str, str]]]] = {
    "no-PORT-in-python": (
        "it runs",
        python('assert not {"PORT", "SERVER_PORT", "LISTEN_PORT"} & {*os.environ}\nport = 54321'),
    ),
    "no-PORT-in-c": (
        "it runs",
        c('if (getenv("PORT") || getenv("TCP_PORT")) return 2; port = 54321;'),
    ),
    "PORT-in-python": ("it runs", python('port = int(os.environ["PORT"])')),
    "PORT-in-c": ("it runs", c('port = atoi(getenv("PORT") ? getenv("PORT") : "8080");')),
    "PORT-in-node": ("it runs", {"server.js": NODE % "process.env.PORT || 8080"}),
    "PORT-in-java": (
        "it runs",
        {"Server.java": JAVA % 'Integer.parseInt(System.getenv("SERVER_PORT"))'},
    ),
    "PORT-HOST-in-c": (
        "54321 127.0.0.1",
        c('if (argc != 3) return 2; port = atoi(argv[1]); snprintf(host, 64, "%s", argv[2]);'),
    ),
    "PORT-HOST-in-python": ("54321 127.0.0.1", python("_, port, host = sys.argv; port = int(port)")),
    "HOST-PORT-in-python": ("127.0.0.1 54321", python("_, host, port = sys.argv; port = int(port)")),
    "--port-N-in-python": ("--port 54321", python(LONG.format(more="required=True"))),
    "--port-N-by-default-elsewhere": ("--port 54321", python(LONG.format(more="default=5000"))),
    "--port-N-in-c": (
        "--port 54321",
        c('if (argc != 3 || strcmp(argv[1], "--port")) return 2; port = atoi(argv[2]);'),
    ),
    "--port=N-in-c": (
        "--port=54321",
        c('if (argc != 2 || sscanf(argv[1], "--port=%d", &port) != 1) return 2;'),
    ),
    "--port=N-in-node": (
        "--port=54321",
        {"server.js": NODE % "Number(/^--port=(\\d+)$/.exec(process.argv[2] || '')[1])"},
    ),
    "-p-N-in-c": ("-p 54321", c('if (getopt(argc, argv, "p:") < 1) return 2; port = atoi(optarg);')),
    "argument-or-a-port-of-its-own": (
        "54321",
        {"Server.java": JAVA % "args.length > 0 ? Integer.parseInt(args[0]) : 8080"},
    ),
    "argument-or-the-kernel's-choice-in-node": ("54321", {"server.js": NODE % "process.argv[2]"}),
    "argument-or-the-kernel's-choice-in-ruby": ("54321", {"server.rb": RUBY}),
    "argument-or-the-kernel's-choice-in-perl": ("54321", {"server.pl": PERL}),
    "config.ini-in-python": (
        "it runs",
        {**python(FROM_INI), "config.ini": INI, "logs/README": "one a day\n"},
    ),
    "port.txt-in-c": ("it runs", {**c(FROM_FILE_C), "port.txt": "54321\n", "notes.txt": "x" * 99}),
    "port.txt-below-a-makefile": (
        "it runs",
        {
            "src/server.c": C % FROM_FILE_C,
            "port.txt": "54321",
            "Makefile": "bin/server: src/server.c\n\tmkdir -p bin\n\t$(CC) -o $@ $<\n",
        },
    ),
    "asked-in-c": ("54321 typed, as it asks", c(ASK_C)),
    "asked-in-python": ("54321 typed, as it asks", python('port = int(input("Which port? "))')),
    "asked-for-host-and-port": (
        "127.0.0.1 and 54321 typed, as it asks",
        python('host = input("Address: ")\nassert "." in host\nport = int(input("Port: "))'),
    ),
}  # fmt: skip
NEEDS: Final = {".js": "node", ".java": "javac", ".rb": "ruby", ".pl": "perl"}


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(Options(only=(STARTS, LISTENS, ADDRESS), seed=1)) as one:
        yield one


def hand_in(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if (tool := NEEDS.get(path.suffix)) and not shutil.which(tool):
            pytest.skip(f"no {tool} here")
    folder.parent.chmod(0o755)
    return folder


def judged(session: Session, target: Path) -> Result:
    return session.examine(targets.prepare(str(target)))


@pytest.mark.parametrize(
    "name",
    [
        # Who listens elsewhere until it is told its port is started often: one of them is tried.
        pytest.param(name, marks=[pytest.mark.one_in_turn("own port")] * name.startswith("argument-or-"))
        for name in WAYS
    ],
)
def test_a_server_is_told_its_port_as_it_wants(name: str, tmp_path: Path, session: Session) -> None:
    says, files = WAYS[name]
    result = judged(session, hand_in(tmp_path / "alice", files))
    told = {i: each.evidence.observed for i, each in result.verdicts.items()}
    assert result.verdicts[ADDRESS].outcome is Outcome.PASS, told
    assert told[STARTS].endswith(says)


@pytest.mark.slow
@pytest.mark.parametrize("files", [c(REPLACED_C), {"server.js": REPLACED_NODE}], ids=["c", "node"])
def test_a_server_whose_workers_end_without_a_port_is_told_it(
    files: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "soon.toml").write_text("[limits]\nstart_s = 2\n")
    folder = hand_in(tmp_path / "alice", files)
    done = run("check", folder, "--assignment", tmp_path / "soon.toml", "--only", ADDRESS)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("files", "observed"),
    [
        (c("exit(-1);"), "it exited with status 255, without a word"),
        (c("exit(200);"), "it exited with status 200, without a word"),
        ({"server.sh": "#!/bin/sh\nexit 254\n"}, "it exited with status 254, without a word"),
        (c("abort();"), "it was killed by SIGABRT, without a word"),
    ],
)
def test_the_status_of_a_server_that_ends_at_once_is_told(
    files: Mapping[str, str], observed: str, tmp_path: Path, session: Session
) -> None:
    verdict = judged(session, hand_in(tmp_path / "alice", files)).verdicts[STARTS]
    assert (verdict.outcome, verdict.evidence.observed) == (Outcome.FAIL, observed)


def test_a_lone_file_reads_the_file_that_it_names(tmp_path: Path, session: Session) -> None:
    folder = hand_in(tmp_path / "alice", {**c(FROM_FILE_C), "port.txt": "54321"})
    assert judged(session, folder / "server.c").verdicts[ADDRESS].outcome is Outcome.PASS


def test_a_lone_file_is_built_and_started_with_what_it_loads(tmp_path: Path, session: Session) -> None:
    told = "from settings import host\nport = int(sys.argv[1]) if len(sys.argv) > 1 else 54321"
    files = {"server.py": PYTHON.format(told=told), "settings.py": "host = ''\n"}
    folder = hand_in(tmp_path / "alice", files)
    assert judged(session, folder / "server.py").verdicts[LISTENS].outcome is Outcome.PASS


def test_a_lone_c_file_is_built_with_the_sources_of_its_headers(
    tmp_path: Path, session: Session
) -> None:
    main = '#include "wrap.h"\nint main(void) { return listen_for_ever(54321); }\n'
    part = """#include "wrap.h"
#include <netinet/in.h>
#include <unistd.h>
int listen_for_ever(int port)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (bind(s, (struct sockaddr *)&address, sizeof address) < 0 || listen(s, 5) < 0) return 1;
    return pause();
}
"""
    header = "int listen_for_ever(int port);\n"
    files = {
        "server.c": main,
        "wrap.c": part,
        "wrap.h": header,
        "other.c": "int main(void) { return 1; }\n",
    }
    folder = hand_in(tmp_path / "alice", files)
    assert judged(session, folder / "server.c").verdicts[LISTENS].outcome is Outcome.PASS


def test_who_listens_at_once_is_started_once(
    tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[str] = []
    real = play_module.play

    def play(cells: Cells, of: Subject, scenario: Scenario, setting: RunConfig) -> Awaitable[Recording]:
        played.append(scenario.name)
        return real(cells, of, scenario, setting)

    monkeypatch.setattr(trial, "play", play)
    result = judged(session, hand_in(tmp_path / "alice", python("port = 54321")))
    assert result.verdicts[ADDRESS].outcome is Outcome.PASS
    assert played == ["starting"]
