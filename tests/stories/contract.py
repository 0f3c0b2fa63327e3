"""Stories of contract/*."""

from __future__ import annotations

import signal

from harness.judge.recording import Recording
from tests.recordings import story, weakened
from tests.stories import (
    FAIL,
    PASS,
    shows,
)


@shows("contract/starts", PASS)
@shows("contract/listens", PASS)
def it_listens_and_waits() -> Recording:
    return story("starting").starts().quiet().over()


@shows("contract/starts", FAIL, "does-not-compile", needs="nothing")
def the_compiler_complains() -> Recording:
    return story("starting").does_not_compile("server.c:3:1: error: expected ';'").over()


@shows("contract/starts", FAIL, needs="nothing")
def it_exits_with_status_2() -> Recording:
    return story("starting").ends_at_once(2 << 8, "usage: server PORT\n").over()


@shows("contract/starts", FAIL, needs="nothing")
def it_crashes() -> Recording:
    return story("starting").ends_at_once(signal.SIGSEGV).over()


@shows("contract/starts", FAIL, "slide-10-slip", needs="nothing")
def its_socket_is_refused_as_slide_10_prints_it() -> Recording:
    return story("starting").ends_at_once(1 << 8, "socket: Protocol not supported\n").over()


@shows("contract/listens", FAIL)
@shows("contract/starts", PASS)
def it_sleeps_without_a_listener() -> Recording:
    return story("starting").starts(listens=False).quiet().over()


@shows("contract/listens", FAIL, "slide-10-runaway")
def it_forks_without_end_and_without_a_listener() -> Recording:
    return weakened(story("starting").starts(listens=False, workers=20).quiet().over(), "spin")
