"""A thread is held while the others go on, notices nothing of it, and stays held by nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from harness.engine import targets
from harness.engine.session import Options, Session
from harness.record.events import AtPoint, Followed
from tests.cells.noticing import TOUCHED, unnoticed

THREADS: Final = "moments/threads"


@pytest.mark.slow
@pytest.mark.parametrize("flags", ["-O0", "-O2 -s -static"])
def test_threads_that_are_held_notice_nothing(flags: str, tmp_path: Path) -> None:
    result = unnoticed(THREADS, "no-eintr.c", f"{flags} -pthread", tmp_path)
    seen = result.recordings["held threads"]
    tried = list(seen.every(AtPoint))
    assert len(tried) == sum(event.points for event in seen.every(Followed))
    assert all(event.reached for event in tried)


@pytest.mark.parametrize(("moments", "tried"), [(2, 2), (sys.maxsize, None)])
def test_so_many_points_are_tried_as_one_says(moments: int, tried: int | None) -> None:
    with Session(Options(only=(THREADS,), seed=3, moments=moments)) as session:
        seen = session.examine(targets.prepare("threads.c")).recordings["held threads"]
    points = sum(event.points for event in seen.every(Followed))
    at = list(seen.every(AtPoint))
    assert [event.of for event in at] == [tried or points] * (tried or points)


class TwoThreads:
    """Two threads that give back what they are sent, and a tracer that holds one of them."""

    def __init__(self, *how: str) -> None:
        """`how` is what the tracer is told besides."""
        pipes = [os.pipe() for _ in range(4)]
        theirs = [pipes[0][0], pipes[1][1], pipes[2][0], pipes[3][1]]
        self._ends = [(pipes[0][1], pipes[1][0]), (pipes[2][1], pipes[3][0])]
        words = [sys.executable, str(TOUCHED / "two_threads.py"), *map(str, theirs)]
        self.process = subprocess.Popen(words, pass_fds=theirs)
        for fd in theirs:
            os.close(fd)
        for number in (0, 1):
            self.send(number)
            self.has_answered(number)
        words = [sys.executable, str(TOUCHED / "holds_a_thread.py"), str(self.process.pid), *how]
        pipe = subprocess.PIPE
        self.tracer = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True)
        assert self.says() == "follows\n"
        self.send(0)
        self.has_answered(0)
        self.goes_on()
        assert self.says() == "follows on\n"

    def send(self, number: int, word: bytes = b"hello\n") -> None:
        """Send one of the threads a word."""
        os.write(self._ends[number][0], word)

    def has_answered(self, number: int) -> None:
        """It gives the word back."""
        assert os.read(self._ends[number][1], 64) == b"hello\n"

    def says(self) -> str:
        """The next line of the tracer."""
        assert self.tracer.stdout is not None
        return self.tracer.stdout.readline()

    def goes_on(self) -> None:
        """Let the tracer do what comes next."""
        assert self.tracer.stdin is not None
        self.tracer.stdin.write("go on\n")
        self.tracer.stdin.flush()

    def end(self) -> None:
        """End both processes."""
        for process in (self.tracer, self.process):
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        for ends in self._ends:
            for fd in ends:
                os.close(fd)


@pytest.fixture
def held() -> Iterator[TwoThreads]:
    """One of two threads is held where it is about to write."""
    both = TwoThreads()
    try:
        both.send(0)
        assert both.says() == "holds\n"
        yield both
    finally:
        both.end()


def test_the_other_thread_goes_on_while_one_is_held(held: TwoThreads) -> None:
    held.send(1)
    held.has_answered(1)
    held.goes_on()
    assert held.says() == "True\n"
    held.has_answered(0)


def test_no_thread_stays_held_whose_tracer_is_killed(held: TwoThreads) -> None:
    held.tracer.kill()
    held.has_answered(0)
    held.send(0)
    held.has_answered(0)


def test_a_held_thread_may_end_with_its_process(held: TwoThreads) -> None:
    held.send(1, b"bye\n")
    assert held.process.wait() == 3
    held.goes_on()
    assert held.says() == "True\n"


def test_a_point_that_nobody_comes_to_holds_nobody() -> None:
    both = TwoThreads("never")
    try:
        for number in (0, 1):
            both.send(number)
            both.has_answered(number)
        assert both.says() == "holds\n"
        both.goes_on()
        assert both.says() == "False\n"
        both.send(1)
        both.has_answered(1)
    finally:
        both.end()
