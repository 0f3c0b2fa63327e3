"""What is on its way between two sockets, and what rests."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from harness.observe.motion import Look, unrest
from harness.observe.sockets import Row, State

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
