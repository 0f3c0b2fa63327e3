"""A crash under AddressSanitizer: what its report tells, and that the evidence gets the line."""

from __future__ import annotations

import dataclasses

import pytest

from harness.engine import targets
from harness.engine.asan_rerun import overflow
from harness.engine.session import Options, Session
from harness.judge.verdict import Outcome
from harness.record.events import Sanitized
from harness.subject.build import sanitized

LINE = "overflows-on-long-line.c:9"
REPORT = b"""banner
=================================================================
==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000012 at pc 0x7f bp 0x7f sp 0x7f
WRITE of size 8001 at 0x602000000012 thread T0
    #0 0x7f2f in __interceptor_memcpy ../../../../src/libsanitizer/sanitizer_common/x.inc:827
    #1 0x5581 in answer_piece /work/forkspec/source/server.c:41
    #2 0x5582 in main /work/forkspec/source/server.c:60
"""


def test_the_innermost_line_of_the_program_is_told() -> None:
    assert overflow(REPORT) == {
        "what": "heap-buffer-overflow, a write of 8001 bytes",
        "where": "answer_piece() at server.c:41",
    }
    assert overflow(REPORT.replace(b"\n", b"\r\n"))["where"] == "answer_piece() at server.c:41"


@pytest.mark.parametrize("what", ["double-free", "free on address which was not malloc()-ed"])
def test_what_is_given_back_wrongly_is_named(what: str) -> None:
    said = REPORT.replace(b"heap-buffer-overflow", b"attempting " + what.encode())
    assert overflow(said)["what"].startswith(what)


def test_a_null_pointer_is_named() -> None:
    said = REPORT + b"==7==Hint: address points to the zero page.\n"
    assert overflow(said)["what"].endswith("through a NULL pointer")


@pytest.mark.parametrize("printed", [b"", b"AddressSanitizer: ", REPORT[: REPORT.index(b"    #1")]])
def test_what_is_cut_off_tells_nothing(printed: bytes) -> None:
    assert overflow(printed) == {}


def test_the_evidence_of_an_overflow_has_its_line() -> None:
    subject = targets.prepare("overflows-on-long-line.c")
    if sanitized(subject) is None:
        pytest.skip("the compiler has no AddressSanitizer")
    with Session(Options(only=("stream/long-line",), seed=1)) as session:
        result = session.examine(subject)
    verdict = result.verdicts["stream/long-line"]
    assert verdict.outcome is Outcome.FAIL
    assert "SIGSEGV" in verdict.evidence.observed
    assert LINE in verdict.evidence.where
    assert "bytes" in verdict.evidence.where


def test_a_crash_of_our_making_is_not_run_again() -> None:
    subject = targets.prepare("tcpserver4")
    with Session(Options(only=("reaping/killed-child",), seed=1)) as session:
        result = session.examine(subject)
    assert all(not list(each.all(Sanitized)) for each in result.recordings.values())


def test_only_what_a_compiler_makes_can_be_sanitized() -> None:
    assert sanitized(targets.prepare("tcpserver4.py")) is None
    unknown = dataclasses.replace(targets.prepare("tcpserver4.py"), source=None)
    assert sanitized(unknown) is None


IN_A_LIBRARY = b"""==7==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000000 (pc 0x7f)
    #0 0x7f2f in __GI__IO_fread libio/iofread.c:37
    #1 0x5581 in main server.c:20
"""


def test_a_crash_in_the_c_library_is_told_by_the_line_that_called_it() -> None:
    told = overflow(IN_A_LIBRARY, {"server.c"})
    assert told == {"what": "SEGV, in fread()", "where": "main() at server.c:20"}
