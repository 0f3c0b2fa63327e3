"""A server whose port the kernel has chosen: what bind() was given, and that the evidence tells it."""

from __future__ import annotations

import shutil

import pytest

from harness.engine import targets
from harness.engine.session import Options, Session
from harness.engine.set_up_rerun import seen_in
from harness.record.events import SetUp, SetUpCall

WRITTEN = (
    b"Server is starting\r\n"
    b'bind(3, {sa_family=AF_INET, sin_port=htons(54321), sin_addr=inet_addr("0.0.0.0")}, 8) '
    b"= -1 EINVAL (Invalid argument)\r\n"
    b"[pid     7] bind(4, {sa_family=AF_INET6, sin6_port=htons(0), sin6_scope_id=0}, 28) = 0\r\n"
    b"listen(3, 64)                           = 0\r\n"
)


def test_calls_are_read_from_what_strace_writes() -> None:
    assert seen_in(WRITTEN) == (
        SetUpCall("bind", 3, 54321, 8, "EINVAL"),
        SetUpCall("bind", 4, 0, 28),
        SetUpCall("listen", 3),
    )


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("bind-unchecked.c", "failed with EINVAL: its third argument was 8"),
        ("port-0.py", "port 0 was given to bind()"),
    ],
)
def test_the_evidence_says_what_bind_was_given(name: str, says: str) -> None:
    with Session(Options(only=("contract/address",), seed=1)) as session:
        result = session.examine(targets.prepare(name))
    assert says in result.verdicts["contract/address"].evidence.observed


def test_a_server_on_its_port_is_not_run_again() -> None:
    with Session(Options(only=("contract/address",), seed=1)) as session:
        result = session.examine(targets.prepare("tcpserver4"))
    assert all(not list(each.all(SetUp)) for each in result.recordings.values())
