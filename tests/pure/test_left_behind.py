"""What clients leave behind, told from stories: `judge/left_behind.py`."""

from __future__ import annotations

import pytest

from harness.judge.left_behind import FROM_HERE, ONE_MORE, nothing_is_left
from harness.judge.verdict import Outcome
from harness.record.missing import Missing
from tests.recordings import SERVER, Story, story

SINCE = "no zombie, and no more processes and descriptors than after the start"


def served(client: str = "anna", tale: Story | None = None) -> Story:
    """A client comes, a child is born for it, the client leaves, the child exits."""
    tale = (tale or story("a test").starts()).connects(client).forks(client).quiet()
    return tale.asks(client).answers(client).leaves(client).exits(client)


def test_a_child_that_is_reaped_is_not_left() -> None:
    seen = served().reaps("anna").quiet().over()
    assert nothing_is_left(seen).outcome is Outcome.PASS


def test_a_zombie_that_one_more_client_did_not_help_is_left() -> None:
    tale = served().quiet()
    verdict = nothing_is_left(served(ONE_MORE, tale).quiet().over())
    assert verdict.outcome is Outcome.FAIL
    assert verdict.evidence.observed == f"1 child of process {SERVER} is a zombie"
    assert verdict.evidence.expected == SINCE


def test_a_helper_that_is_left_has_not_the_cause_of_a_child_that_served() -> None:
    tale = story("a test").starts().connects("anna").accepts("anna").quiet().starts_program()
    tale.asks("anna").answers("anna").leaves("anna").quiet()
    verdict = nothing_is_left(tale.over())
    assert (verdict.outcome, verdict.evidence.cause) == (Outcome.FAIL, "")


def test_a_zombie_that_is_reaped_when_one_more_comes_is_not_left() -> None:
    tale = served().quiet()
    seen = served(ONE_MORE, tale).reaps("anna").quiet().over()
    assert nothing_is_left(seen).outcome is Outcome.PASS


def test_a_child_that_stays_is_one_process_more() -> None:
    tale = story("a test").starts().connects("anna").forks("anna").quiet().leaves("anna").quiet()
    verdict = nothing_is_left(tale.over())
    assert verdict.evidence.observed.startswith("1 process more than after the start: process 101 in ")


def test_descriptors_are_counted_from_where_the_test_said() -> None:
    tale = story("a test").starts().is_known(fds=9).quiet()
    assert nothing_is_left(tale.over()).outcome is Outcome.FAIL
    tale = story("a test").starts().is_known(fds=9).branches(FROM_HERE).quiet()
    assert nothing_is_left(tale.quiet().over()).outcome is Outcome.PASS
    verdict = nothing_is_left(tale.is_known(fds=11).quiet().over())
    assert verdict.evidence.observed == "2 descriptors more than before"


def test_a_server_that_ends_unasked_is_told_with_its_end() -> None:
    verdict = nothing_is_left(story("a test").starts().dies(256).quiet().over())
    assert verdict.evidence.observed == "the server exited with status 1"
    seen = story("a test").starts().gets_sigterm().dies(15).quiet().over()
    assert nothing_is_left(seen).outcome is Outcome.PASS


def test_without_a_proof_nobody_is_failed() -> None:
    with pytest.raises(Missing):
        nothing_is_left(served().rests().over())


def test_who_may_go_when_a_clock_strikes_is_not_held_against_it() -> None:
    tale = story("a test").starts().connects("anna").forks("anna").quiet().leaves("anna").until()
    with pytest.raises(Missing, match=r"^1 process more than after the start: .*; a clock is still to"):
        nothing_is_left(tale.over())
