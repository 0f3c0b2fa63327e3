"""Why a requirement does not apply, in words that nothing else in the report contradicts."""

from __future__ import annotations

import pytest

from harness.engine import catalogue
from harness.judge import children
from harness.judge.verdict import Outcome
from harness.record.recording import Recording
from tests.recordings import story
from tests.stories import SERIES, in_a_row
from tests.stories.fork import the_child_falls_into_accept, the_parent_serves_and_the_child_accepts
from tests.stories.service import one_process_serves_everybody


def workers_stand_ready() -> Recording:
    return in_a_row(story(SERIES).starts(workers=2), forks=False).over()


def a_leader_lets_a_child_follow_for_each_client() -> Recording:
    tale = story(SERIES).starts()
    for name in ("client 1", "client 2"):
        tale.connects(name).accepts(name).forks_worker().quiet().asks(name).answers(name).closes(name)
        tale.sleeps("accept").quiet().leaves(name).quiet()
    return tale.over()


def a_thread_serves() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").has_threads(2).quiet()
    tale.asks("client 1").answers("client 1").closes("client 1").quiet().leaves("client 1")
    return tale.quiet().over()


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (the_parent_serves_and_the_child_accepts(), children.SERVED_BY_OLDER),
        (a_leader_lets_a_child_follow_for_each_client(), children.SERVED_BY_OLDER),
        (workers_stand_ready(), children.SERVED_BY_OLDER),
        (a_thread_serves(), children.NONE_BORN),
        (one_process_serves_everybody(), children.NONE_BORN),
    ],
    ids=["swapped", "followed", "prefork", "threads", "one process"],
)
def test_no_child_is_said_to_be_missing_where_one_is_born(seen: Recording, reason: str) -> None:
    verdict = catalogue.load().find("fork/one-child").decide(seen)
    assert verdict.outcome is Outcome.NOT_APPLICABLE
    assert verdict.evidence.observed == reason


def test_a_child_that_stays_beside_one_that_exits_is_no_reason_to_say_that_none_does() -> None:
    verdict = catalogue.load().find("reaping/sequential").decide(the_child_falls_into_accept())
    assert verdict.evidence.observed == "not all children of a client exit here"
