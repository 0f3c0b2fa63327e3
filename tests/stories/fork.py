"""Stories of fork/*."""

from __future__ import annotations

from harness.judge.recording import Recording
from tests.recordings import Story, story
from tests.stories import (
    FAIL,
    NOT_APPLICABLE,
    SERIES,
    shows,
)


@shows("fork/one-child", FAIL, "forks-twice")
def two_children_for_a_client() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1", times=2).quiet()
    tale.asks("client 1").answers("client 1").closes("client 1").exits("client 1").reaps("client 1")
    return tale.quiet().leaves("client 1").quiet().over()


@shows("fork/parent-closes-connection", FAIL, "parent-keeps-connection")
def the_parent_keeps_the_connection() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").holds("client 1").quiet()
    tale.asks("client 1").answers("client 1").exits("client 1").reaps("client 1").quiet()
    return tale.leaves("client 1").quiet().over()


@shows("fork/child-closes-listener", FAIL, "child-keeps-listener")
def the_child_keeps_the_listener() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1")
    tale.holds_listener(tale.child_of("client 1")).quiet().asks("client 1").answers("client 1")
    return tale.closes("client 1").exits("client 1").reaps("client 1").leaves("client 1").quiet().over()


def staying(call: str) -> Story:
    """The child has served and does not exit, but sleeps in a call."""
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet()
    tale.asks("client 1").answers("client 1").closes("client 1")
    return tale.sleeps(call, tale.child_of("client 1")).quiet().leaves("client 1").quiet()


@shows("fork/child-exits", FAIL, "child-in-accept")
@shows("reaping/sequential", NOT_APPLICABLE)
@shows("reaping/survives-signal", NOT_APPLICABLE)
def the_child_falls_into_accept() -> Recording:
    return staying("accept").over()


@shows("fork/child-exits", FAIL)
def the_child_goes_on_reading() -> Recording:
    return staying("read").over()


@shows("fork/child-exits", FAIL, "child-spins")
def the_child_runs_without_rest() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet()
    tale.asks("client 1").answers("client 1").closes("client 1").runs(tale.child_of("client 1"))
    return tale.spins().leaves("client 1").spins().over()
