"""What is on its way between two sockets, and what rests."""

from __future__ import annotations

from typing import Final

import pytest
from msgspec.structs import replace

from harness.observe import motion
from harness.observe.census import Process
from harness.observe.motion import Look, owed, unrest
from harness.observe.sockets import Row, State
from harness.observe.syscalls import Call
from harness.observe.tasks import Masks, Task

A, B = (b"\x7f\0\0\1", 1000), (b"\x7f\0\0\1", 54321)
WRITER: Final = Row(State.ESTABLISHED, B, A, 1, unread=0, unsent=9, sent=5, is_counted=True)
READER: Final = Row(State.ESTABLISHED, A, B, 2, unread=5, unsent=0, received=5, is_counted=True)
STUCK: Final = replace(WRITER, untransmitted=9, window_is_closed=True)


def moving(*rows: Row) -> str:
    return unrest(Look(0, [], list(rows)), init=1, ignoring=())


def test_a_writer_rests_while_nobody_reads() -> None:
    assert moving(STUCK, READER) == ""


def test_it_does_not_once_all_was_read_for_then_there_is_room() -> None:
    assert "there is room again" in moving(STUCK, replace(READER, unread=0))


def test_nor_while_it_may_transmit() -> None:
    assert "bytes to transmit" in moving(replace(STUCK, window_is_closed=False), READER)


def test_nor_while_bytes_are_under_way() -> None:
    assert "bytes under way" in moving(WRITER, replace(READER, received=4))


def test_what_has_arrived_rests() -> None:
    assert moving(replace(WRITER, unsent=0), READER) == ""


SYN_RECV: Final = Row(State.SYN_RECV, B, A, 0, unread=0, unsent=0)
SILENT: Final = Row(State.ESTABLISHED, A, B, 2, unread=0, unsent=0, is_counted=True)


def test_a_silent_connection_that_the_listener_defers_rests() -> None:
    """TCP_DEFER_ACCEPT: the server's side stays SYN_RECV until data comes (tcp(7))."""
    deferred = Look(0, [], [SYN_RECV, SILENT], defers=True)
    assert unrest(deferred, init=1, ignoring=()) == ""
    assert "is connecting" in moving(SYN_RECV, SILENT)


def test_one_that_has_brought_something_does_not() -> None:
    deferred = Look(0, [], [SYN_RECV, replace(SILENT, sent=5)], defers=True)
    assert "is connecting" in unrest(deferred, init=1, ignoring=())


def a_process(pid: int, ppid: int, state: str, call: str) -> Process:
    task = Task(pid, state, (1, 1), Masks(0, 0, 0, 0), Call(call, (0,) * 6))
    return Process(pid, ppid, 0, state, 0, 0, 0, (task,))


def test_a_parent_in_vfork_rests_while_its_child_lives() -> None:
    family = [a_process(7, 1, "D", "vfork"), a_process(8, 7, "S", "read")]
    assert unrest(Look(0, family, []), init=1, ignoring=()) == ""
    assert "state D" in unrest(Look(0, family[:1], []), init=1, ignoring=())


def test_who_waits_for_a_disk_does_not_rest() -> None:
    family = [a_process(7, 1, "D", "write"), a_process(8, 7, "S", "read")]
    assert "state D" in unrest(Look(0, family, []), init=1, ignoring=())


@pytest.mark.parametrize(
    ("call", "received", "debt"),
    [("clock_nanosleep", 6, True), ("epoll_wait", 6, True), ("poll", 0, False), ("recvfrom", 6, False)],
)
def test_who_has_read_a_line_owes_its_client_unless_it_reads_on(
    monkeypatch: pytest.MonkeyPatch, *, call: str, received: int, debt: bool
) -> None:
    monkeypatch.setattr(motion, "socket_inodes", lambda _: [READER.inode])
    monkeypatch.setattr(motion, "kind_of", lambda *_: ("socket", READER.inode))
    process = a_process(8, 7, "S", call)
    rows = [replace(READER, received=received)]
    assert owed(Look(0, [process], rows), process) == (rows if debt else [])


@pytest.mark.parametrize(
    ("call", "watched", "state", "is_so"),
    [
        ("poll", [4], State.ESTABLISHED, True),
        ("pselect6", [4, 4], State.CLOSE_WAIT, True),
        ("poll", [4], State.LISTEN, False),
        ("poll", [4, 5], State.ESTABLISHED, False),
        ("clock_nanosleep", [], State.ESTABLISHED, False),
    ],
)
def test_who_polls_a_client_alone_waits_for_it(
    monkeypatch: pytest.MonkeyPatch, *, call: str, watched: list[int], state: State, is_so: bool
) -> None:
    """A pipe (5), a listening socket, or nothing but a clock: it may be at work."""
    monkeypatch.setattr(Call, "watched", lambda *_: watched)
    monkeypatch.setattr(
        motion, "kind_of", lambda _, fd: ("socket", READER.inode) if fd == 4 else ("pipe", 77)
    )
    look = Look(0, [], [replace(READER, state=state)])
    assert motion.waits_for_a_client(look, a_process(8, 7, "S", call)) == is_so
