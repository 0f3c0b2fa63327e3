"""A server that answers nobody: which calls it made, and that the evidence tells the wrong one."""

from __future__ import annotations

import shutil

import pytest

from harness.engine import targets
from harness.engine.service_rerun import seen_in
from harness.engine.session import Options, Session
from harness.observe.stacks import TELLS_INTO
from harness.record.events import ServiceCall, ServiceCalls

WRITTEN = (
    b"Server is starting\r\n"
    b"7  close(5</etc/hosts>)               = 0\r\n"
    b"7  accept(3<TCP:[0.0.0.0:54321]>, NULL, NULL) = 4<TCP:[127.0.0.1:54321->127.0.0.1:40826]>\r\n"
    b"7  accept(3<TCP:[0.0.0.0:54321]>,  <unfinished ...>\r\n"
    b'8  read(4<TCP:[127.0.0.1:54321->127.0.0.1:40826]>, "hello\\n", 1024) = 6\r\n'
    b"8  dup2(1</dev/pts/0<char 136:0>>, 4<TCP:[127.0.0.1:54321->127.0.0.1:40826]>) = 4\r\n"
    b'8  write(4, "HELLO\\n", 6)            = -1 EBADF (Bad file descriptor)\r\n'
    b'8  write(900, "Thread 0x", 9)         = 9\r\n'
    b"7  <... accept resumed>NULL, NULL)   = -1 EINTR (Interrupted system call)\r\n"
    b"8  --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---\r\n"
)


def test_calls_are_read_from_what_strace_writes() -> None:
    assert f"write({TELLS_INTO}," in WRITTEN.decode()
    assert seen_in(WRITTEN) == (
        ServiceCall(7, "accept", 3, "listener", 4),
        ServiceCall(8, "read", 4, "connection", 6),
        ServiceCall(8, "dup2", 1, "terminal", 4, to=4),
        ServiceCall(8, "write", 4, "", -1, "EBADF"),
        ServiceCall(7, "accept", 3, "listener", -1, "EINTR"),
        ServiceCall(8, "killed by SIGSEGV", -1, "", -1),
    )


@pytest.mark.one_in_turn("a second run")
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("accept-length.c", "accept() of descriptor 3 failed with EFAULT"),
        ("closes-before-write.c", "failed with EBADF, after close() of it"),
        ("prints-its-reply.py", "it wrote to descriptor 1 (standard output); the connection was 4"),
    ],
)
def test_the_evidence_says_which_call_went_wrong(name: str, says: str) -> None:
    with Session(Options(only=("service/reply",), seed=1)) as session:
        result = session.examine(targets.prepare(name))
    assert says in result.verdicts["service/reply"].evidence.observed


def test_a_server_that_answers_is_not_run_again() -> None:
    with Session(Options(only=("service/reply",), seed=1)) as session:
        result = session.examine(targets.prepare("tcpserver4"))
    assert all(not list(each.all(ServiceCalls)) for each in result.recordings.values())
