"""The messages between our processes arrive unchanged, and no others arrive."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import get_args, get_origin

import msgspec
import pytest

from harness.cell import wire
from harness.cell.limits import Limits
from harness.cell.look_protocol import Prove
from harness.cell.message import AnsweredBy, Program, answer_to
from harness.cell.protocol import ORDER, Answer, Failed, Order
from harness.cell.server_protocol import SendSignal
from harness.cell.subject_protocol import Launch

Ends = tuple[socket.socket, socket.socket]
LAUNCH = Launch(
    Program([b"./\xe4\xff", b"54321"], {b"PATH": b"/bin"}, Limits(processes=136), in_folder=True),
    deadline_ns=1 << 62,
    ready="listening",
)


@pytest.fixture
def ends() -> Iterator[Ends]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_an_order_arrives_as_it_was_given_with_its_descriptors(ends: Ends) -> None:
    ours, theirs = ends
    read, write = os.pipe()
    wire.send(ours, LAUNCH, [write])
    wire.send(ours, Prove(7))
    inbox = wire.Inbox(theirs, ORDER)
    heard = inbox.wait()
    assert heard is not None
    order, (fd,) = heard
    assert order == LAUNCH
    os.write(fd, b"x")
    assert os.read(read, 1) == b"x"
    assert inbox.wait() == (Prove(7), [])
    for each in (read, write, fd):
        os.close(each)


def test_an_order_that_comes_in_pieces_is_put_together(ends: Ends) -> None:
    ours, theirs = ends
    wire.send(ours, LAUNCH)
    whole = theirs.recv(1 << 16)
    inbox = wire.Inbox(theirs, ORDER)
    for byte in whole[:-1]:
        ours.send(bytes([byte]))
        assert inbox.read()
        assert inbox.take() is None
    ours.send(whole[-1:])
    assert inbox.wait() == (LAUNCH, [])


def test_a_gone_keeper_is_the_end_of_what_comes(ends: Ends) -> None:
    ours, theirs = ends
    ours.close()
    assert wire.Inbox(theirs, ORDER).wait() is None


@pytest.mark.parametrize(
    "said",
    [
        {"type": "SendSignal", "pid": 1, "signal": 9, "politely": True},
        {"type": "SendSignal", "pid": 1},
        {"type": "SendSignal", "pid": "one", "signal": 9},
        {"type": "Greet"},
    ],
    ids=["a field too many", "a field too few", "another type", "no such order"],
)
def test_what_no_struct_says_is_refused(said: dict[str, object]) -> None:
    assert ORDER.decode(msgspec.msgpack.encode(SendSignal(1, 9))) == SendSignal(1, 9)
    with pytest.raises(msgspec.ValidationError):
        ORDER.decode(msgspec.msgpack.encode(said))


def test_what_is_no_limit_of_a_cell_is_passed_over() -> None:
    settled = {"most_s": 12, "start_s": 8, "processes": 700}
    assert Limits.of(settled, processes=136) == Limits(start_s=8, processes=136)


@pytest.mark.parametrize("order", get_args(Order))
def test_each_order_has_an_answer_that_can_arrive(order: type[AnsweredBy[object]]) -> None:
    known = {get_origin(answer) or answer for answer in get_args(Answer)}
    assert answer_to(order) in known - {Failed}
