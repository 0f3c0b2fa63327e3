"""Of what lies on a stack, the frames that are callers, and no other."""

from __future__ import annotations

from harness.subject.lines import chain

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
