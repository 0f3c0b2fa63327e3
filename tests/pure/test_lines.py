"""Of what lies on a stack, the frames that are callers, and no other."""

from __future__ import annotations

from pathlib import Path

from harness.subject.lines import chain, frames
from harness.subject.subject import Subject

READ, SERVE, STALE, MAIN = 0x10, 0x20, 0x30, 0x40
READ_LINE, LOG, SERVES = 0x1, 0x2, 0x3
PLACE = {
    READ: ("read_line(), server.c:10",),
    SERVE: ("serve(), server.c:20",),
    STALE: ("main(), server.c:30",),
    MAIN: ("main(), server.c:40",),
    READ_LINE: ("read_line(), server.c:9",),
    LOG: ("log(), server.c:1",),
    SERVES: ("serve(), server.c:19",),
}


def test_callers_are_told_from_what_is_left_of_calls_that_are_over() -> None:
    called = {SERVE: READ_LINE, STALE: LOG, MAIN: SERVES}
    assert chain([READ, SERVE, STALE, MAIN], PLACE, called) == (
        "read_line(), server.c:10",
        "serve(), server.c:20",
        "main(), server.c:40",
    )


def test_a_function_that_was_inlined_is_called_by_the_one_around_it() -> None:
    inlined = PLACE | {READ: ("read_line(), server.c:10", "serve(), server.c:20")}
    assert chain([READ, MAIN], inlined, {MAIN: SERVES}) == (
        "read_line(), server.c:10",
        "serve(), server.c:20",
        "main(), server.c:40",
    )


def test_a_call_through_a_pointer_names_no_caller() -> None:
    assert chain([READ, SERVE], PLACE, {}) == ("read_line(), server.c:10",)
    assert chain([], PLACE, {}) == ()


def test_the_frames_of_another_thread_are_no_callers() -> None:
    told = """Thread 0x00007f1 (most recent call first):
  File "/usr/lib/python3.11/socket.py", line 9 in recv
  File "/home/student/server.py", line 11 in answer

Current thread 0x00007f2 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 9 in join
  File "/home/student/server.py", line 31 in <module>
"""
    subject = Subject("server.py", ("python3",), Path("/home/student"), {})
    assert frames(subject, told) == ["answer(), server.py:11"]
