"""What people really type and hand in: one clear sentence, the right exit status, nothing lost.

Exit status 3 is the user's or the machine's, 1 the submission's; a traceback is nobody's.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import pty
import re
import shutil
import socket
import struct
import subprocess
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
import pytest
from rich.cells import cell_len

from tests.command import FORKSPEC, GUARD_S, run
from tests.strangers import install

PORT: Final = 54321
SERVER: Final = """\
import socket, sys
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("", {port}))
listener.listen(5)
while True:
    client, _ = listener.accept()
    client.sendall(client.recv(1024).upper())
    client.close()
"""
SOON: Final = "[limits]\nstart_s = 2\n"
SLOWLY: Final = {
    "naps": "import time; time.sleep(3)",
    "computes": "import time\nwhile time.process_time() < 2: pass",
    "runs": "import subprocess; subprocess.run(['sleep', '3'])",
}
needs_a_compiler = pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler here")


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The only line on stderr."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("forkspec: ")
        assert "Traceback" not in self.err
        return lines[0]


class Folder:
    """A folder of somebody's, and forkspec called in it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, text: str, mode: int = 0o644) -> str:
        """A file; returns its name."""
        file = self.path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        return name

    def forkspec(self, *words: str, **environment: str) -> Done:
        """Call it as a person would."""
        done = run(*words, cwd=self.path, **environment)
        return Done(done.returncode, done.stdout, done.stderr)

    def judged(self, *words: str, status: int = 1) -> dict[str, dict[str, Any]]:
        """The verdicts of a check by id; it must have gone without a word on stderr."""
        done = self.forkspec("check", *words, "--json", "result.json")
        assert (done.status, done.err) == (status, "")
        verdicts = json.loads((self.path / "result.json").read_text())["verdicts"]
        return {verdict["id"]: verdict for verdict in verdicts}

    def observed(self, requirement: str, *words: str) -> str:
        """What a check saw, of a requirement that fails and lets nothing above it be judged."""
        verdicts = self.judged(*words)
        assert verdicts[requirement]["verdict"] == "FAIL"
        by_contract = ("contract/", "stream/joined")  # whether that applies, the contract tells already
        others = {each["verdict"] for name, each in verdicts.items() if not name.startswith(by_contract)}
        assert others == {"BLOCKED"}
        return str(verdicts[requirement]["evidence"]["observed"])


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_an_empty_folder_holds_nothing_to_run(folder: Folder) -> None:
    done = folder.forkspec("check", ".")
    assert "nothing to run in this folder" in done.sentence
    assert done.status == 3


def test_a_folder_of_two_names_both(folder: Folder) -> None:
    folder.write("one.c", "int main(void) { return 0; }")
    folder.write("two.py", "")
    done = folder.forkspec("check", ".")
    assert "one.c, two.py" in done.sentence
    assert done.status == 3


def test_a_folder_of_one_is_judged(folder: Folder) -> None:
    folder.write("README", "how to start it")
    folder.write("server.py", SERVER.format(port=PORT))
    assert folder.judged(".", "--only", "contract/listens", status=0)


def test_a_text_file_is_no_program(folder: Folder) -> None:
    done = folder.forkspec("check", folder.write("notes.txt", "to do"))
    assert "chmod +x notes.txt" in done.sentence
    assert done.status == 3


# What was handed in


@needs_a_compiler
def test_the_compilers_first_error_is_the_evidence(folder: Folder) -> None:
    broken = folder.write("broken.c", "int main(void)\n{\n    retrun 0;\n    also wrong\n}\n")
    told = folder.observed("contract/starts", broken)
    assert re.match(r"it does not compile:\s+broken\.c:3:", told)
    assert "retrun" in told


def test_without_a_compiler_it_says_what_to_install(folder: Folder) -> None:
    source = folder.write("server.c", "int main(void) { return 0; }")
    (folder.path / "bin").mkdir()
    done = folder.forkspec("check", source, PATH=str(folder.path / "bin"))
    assert "no C compiler on this machine" in done.sentence
    assert "apt-get install gcc" in done.sentence
    assert done.status == 3


def test_without_a_compiler_python_is_judged_all_the_same(folder: Folder) -> None:
    server = folder.write("server.py", SERVER.format(port=PORT))
    done = folder.forkspec("check", server, "--only", "service/reply", PATH="/nonexistent")
    assert (done.status, done.err) == (0, "")


def test_a_program_that_ends_at_once_does_not_stay(folder: Folder) -> None:
    told = folder.observed("contract/starts", folder.write("once.py", "print('bye')"))
    assert told == 'it exited with status 0, after printing "bye"'


def test_a_program_that_never_listens_is_told_so(folder: Folder) -> None:
    waits = folder.write("waits.py", "import signal\nprint('ready', flush=True)\nsignal.pause()")
    told = folder.observed("contract/listens", waits)
    assert "no process of it holds a listening socket" in told
    assert "asleep in pause()" in told
    assert '"ready"' in told


def test_a_server_on_another_port_is_judged(folder: Folder) -> None:
    server = folder.write("elsewhere.py", SERVER.format(port=40404))
    verdicts = folder.judged(server, "--only", "service/again", "--only", "contract/listens", status=0)
    assert verdicts["contract/listens"]["evidence"]["facts"]["port"] == 40404
    assert verdicts["service/again"]["verdict"] == "PASS"


def living(name: str) -> list[int]:
    """Pids of the processes on this machine that run a file of this name."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(Path(word).name == name for word in process.info["cmdline"] or [])
    ]


@pytest.mark.one_in_turn("long storms")
def test_a_program_that_prints_without_end_is_ended(folder: Folder) -> None:
    name = folder.write(f"chatters-{os.getpid()}.py", "while True: print('spam and eggs')")
    done = folder.forkspec("check", name, "--assignment", folder.write("soon.toml", SOON))
    assert done.status == 2
    assert "does not listen within its time to start" in done.out
    assert len(done.out) < 20_000
    assert living(name) == []


@pytest.mark.one_in_turn("a slow start")
@pytest.mark.parametrize("how", SLOWLY)
def test_a_server_may_take_its_time_to_start(folder: Folder, how: str) -> None:
    server = folder.write("slow.py", f"{SLOWLY[how]}\n{SERVER.format(port=PORT)}")
    done = folder.forkspec("check", server, "--only", "service/reply")
    assert (done.status, done.err) == (0, "")


@pytest.mark.one_in_turn("a slow start")
def test_a_server_is_ready_when_it_says_so(folder: Folder) -> None:
    says = "listener.listen(5)\nimport time; time.sleep(3); print('go', flush=True)"
    server = folder.write("slow.py", SERVER.format(port=PORT).replace("listener.listen(5)", says))
    told = folder.write("ready.toml", "[dialogue]\nready = '^go$'\n")
    done = folder.forkspec("check", server, "--only", "service/reply", "--assignment", told)
    assert (done.status, done.err) == (0, "")


SENDS_AWAY: Final = {
    "early.py": """
import socket, time
listener = socket.create_server(("", PORT), backlog=64)
end = time.monotonic() + 4
while (left := end - time.monotonic()) > 0:
    listener.settimeout(left)
    try:
        listener.accept()[0].close()
    except TimeoutError:
        break
listener.settimeout(None)
with open("run/log", "w") as log:
    log.write("begun\\nserving\\n")
while True:
    with listener.accept()[0] as conn:
        conn.sendall(conn.makefile("rb").readline())
""",
    "early.c": """
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
static volatile sig_atomic_t serves;
static void begin(int number) { serves = number; }
int main(void)
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    bind(listener, (struct sockaddr *)&where, sizeof where);
    listen(listener, 64);
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = begin}, NULL);
    if (fork() == 0) {
        sleep(4);
        FILE *log = fopen("run/log", "w");
        fputs("serving\\n", log);
        fclose(log);
        _exit(0);
    }
    for (char line[8192];;) {
        int conn = accept(listener, NULL, NULL);
        if (conn < 0) continue;
        if (serves) write(conn, line, read(conn, line, sizeof line));
        close(conn);
    }
}
""",
}


@pytest.mark.slow
@pytest.mark.one_in_turn("a slow start")
@pytest.mark.parametrize(("name", "cell"), [("early.py", "bubblewrap"), ("early.c", "plain")])
def test_a_server_is_ready_when_its_log_says_so(folder: Folder, name: str, cell: str) -> None:
    server = folder.write(name, SENDS_AWAY[name].replace("PORT", str(PORT)))
    files = "[submission.files]\n'run/' = ''\n"
    asked = ("check", server, "--only", "service/reply", "--cell", cell, "--assignment")
    early = folder.forkspec(*asked, folder.write("early.toml", files))
    ready = "[dialogue]\nready = '(?m)^serving$'\nready_in = 'run/log'\n"
    late = folder.forkspec(*asked, folder.write("late.toml", files + ready))
    assert (early.status, late.status) == (1, 0), early.out + late.out


def test_a_line_without_end_does_not_fill_the_report(folder: Folder) -> None:
    name = folder.write("rambles.py", "import sys\nsys.stdout.write('spam' * 15_000)\nsys.exit(1)")
    assert len(folder.observed("contract/starts", name)) < 2_000


@pytest.mark.one_in_turn("long storms")
def test_a_program_that_spins_is_ended(folder: Folder) -> None:
    name = folder.write(f"spins-{os.getpid()}.py", "while True: pass")
    soon = folder.write("soon.toml", SOON)
    verdict = folder.judged(name, "--assignment", soon, status=2)["contract/listens"]
    assert verdict["verdict"] == "INCONCLUSIVE"
    assert "may still: it is running" in verdict["evidence"]["observed"]
    assert living(name) == []


def test_a_program_that_wants_an_argument_shows_its_usage(folder: Folder) -> None:
    source = "import sys\nif len(sys.argv) < 2: sys.exit('usage: server.py PORT')"
    told = folder.observed("contract/starts", folder.write("server.py", source))
    assert told == 'it exited with status 1, after printing "usage: server.py PORT"'


GIVEN: Final = ["check", "--only", "service/reply", "--", "python3", "given.py", "{port}"]


def test_a_program_that_wants_an_argument_can_be_given_it(folder: Folder) -> None:
    folder.path.chmod(0o755)
    folder.write("given.py", SERVER.format(port="int(sys.argv[1])"))
    done = folder.forkspec(*GIVEN)
    assert (done.status, done.err) == (0, "")


@pytest.mark.skipif(os.getuid() != 0, reason="only root's servers run as somebody else")
def test_a_command_in_a_closed_folder_is_told_so(folder: Folder) -> None:
    folder.path.chmod(0o700)
    folder.write("given.py", SERVER.format(port="int(sys.argv[1])"))
    done = folder.forkspec(*GIVEN)
    assert done.status in {0, 3}


def test_an_interpreter_that_is_not_there_is_the_submissions(folder: Folder) -> None:
    script = folder.write("server.sh", "#!/no/such/interpreter\n", mode=0o755)
    assert "No such file or directory" in folder.observed("contract/starts", script)


def test_an_empty_program_ends_at_once(folder: Folder) -> None:
    assert "exited with status 0" in folder.observed("contract/starts", folder.write("server.py", ""))


# Files


@pytest.mark.parametrize("option", ["--json", "--junit", "--record"])
def test_results_are_shown_although_a_file_cannot_be_written(folder: Folder, option: str) -> None:
    once = folder.write("once.py", "")
    done = folder.forkspec("check", once, option, "nowhere/result")
    assert done.sentence == "forkspec: nowhere/result: No such file or directory"
    assert done.status == 3
    assert "contract/starts" in done.out


def test_a_build_cache_that_cannot_be_written_is_named(folder: Folder) -> None:
    server = folder.write("server.py", SERVER.format(port=PORT))
    done = folder.forkspec("check", server, FORKSPEC_CACHE="/proc/nowhere")
    assert "FORKSPEC_CACHE" in done.sentence
    assert done.status == 3


def test_a_file_may_have_any_name(folder: Folder) -> None:
    name = os.fsdecode(b"b\xe4d.py")
    (folder.path / name).write_text("")
    done = folder.forkspec("check", name, "--json", "result.json")
    assert (done.status, done.err) == (1, "")


# The machine


@contextlib.contextmanager
def holding(port: int) -> Iterator[None]:
    """A listener of ours on a port of the machine's, taken while no plain cell is at work.

    Old connections of other tests may hold 127.0.0.1 for a minute; any loopback address will do.
    """
    lock = os.open(f"/tmp/forkspec-port-{port}.lock", os.O_RDONLY | os.O_CREAT, 0o644)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            listener.bind(("127.0.0.2", port))
        finally:
            os.close(lock)
        listener.listen()
        yield


@pytest.mark.xdist_group("plain")
def test_a_port_that_is_taken_is_named(folder: Folder) -> None:
    server = folder.write("server.py", SERVER.format(port=PORT))
    with holding(PORT):
        done = folder.forkspec("check", server, "--cell", "plain")
    assert f"port {PORT} is taken by another program" in done.sentence
    assert "ss -tlnp" in done.sentence
    assert (done.status, done.out) == (3, "")


def test_without_bubblewrap_it_makes_do(folder: Folder) -> None:
    server = folder.write("server.py", SERVER.format(port=PORT))
    done = folder.forkspec("check", server, "--cell", "namespaces", "--only", "service/reply")
    assert (done.status, done.err) == (0, "")
    assert "cell: bubblewrap" not in done.out
    assert re.search("cell: (namespaces|plain)", done.out)


_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def in_terminal(columns: int, *words: str) -> tuple[int, list[str]]:
    """The exit status, and the lines as a terminal of this width was sent them."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm-256color"}
    with subprocess.Popen(
        [*FORKSPEC, *words], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        sent = bytearray()
        try:
            while chunk := os.read(ours, 65_536):
                sent += chunk
        except OSError as error:
            if error.errno != errno.EIO:  # how a pty says that nobody writes any more
                raise
        finally:
            os.close(ours)
        status = process.wait(GUARD_S)
    return status, re.split("[\r\n]+", _ANSI.sub("", sent.decode()))


@pytest.mark.parametrize(
    "words",
    [
        ["check", "tcpserver3.py", "--only", "reaping/burst"],
        ["list"],
        ["list", "--servers"],
        ["doctor"],
    ],
    ids=" ".join,
)
def test_sixty_columns_are_enough(words: list[str]) -> None:
    status, lines = in_terminal(60, *words)
    assert status in {0, 1}
    assert [line for line in lines if cell_len(line) > 60] == []


def test_sixty_columns_are_enough_and_show_what_counts() -> None:
    status, lines = in_terminal(60, "check", "tcpserver.py", "--seed", "1")
    assert status == 1
    assert [line for line in lines if cell_len(line) > 60] == []
    page = " ".join(" ".join(lines).split())
    assert "tcpserver.py Level 1 of 3 reached: answers" in page
    assert "concurrency/silent-client" in page
    assert "the next client's connection was not accepted" in page
    assert "by hand" in page


def test_a_broken_extension_is_one_sentence_and_a_users_exit_status(tmp_path: Path) -> None:
    install(tmp_path, "breaks", "raise ValueError('no luck')", scenarios="mine = breaks")
    listed = run("list", PYTHONPATH=str(tmp_path))
    said = "breaks: its extension mine (forkspec.scenarios) cannot be used: ValueError: no luck; "
    assert (listed.returncode, listed.stdout) == (3, "")
    assert listed.stderr == f"forkspec: {said}mend it, or uninstall breaks\n"


@pytest.mark.parametrize("limit", [8, 10, 12])
def test_too_few_open_files_are_the_machines_and_one_sentence(limit: int) -> None:
    few = ["prlimit", f"--nofile={limit}:{limit}", *FORKSPEC]
    done = subprocess.run(
        [*few, "check", "tcpserver2"], capture_output=True, text=True, timeout=GUARD_S, check=False
    )
    assert done.returncode == 3
    assert done.stderr.startswith("forkspec: ")
    assert done.stderr.endswith("Too many open files: raise the limit on open files (ulimit -n)\n")
