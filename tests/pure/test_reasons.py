"""Why a requirement does not apply, in words that nothing else in the report contradicts."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import replace

import pytest

from harness.engine import catalogue
from harness.judge import causes, children
from harness.judge.causes import CAUSES
from harness.judge.verdict import Outcome
from harness.record.events import Standing, Stood, Submitted
from harness.record.recording import Recording
from harness.report.failure_lines import by_hand, explained
from harness.report.what_counts import counted
from harness.report.words import remark
from harness.results.result import decide
from harness.results.rubric import Rubric
from harness.subject import manifest
from tests import stories
from tests.recordings import story
from tests.stories import CASES, SERIES, in_a_row
from tests.stories.fork import the_child_falls_into_accept, the_parent_serves_and_the_child_accepts
from tests.stories.service import one_process_serves_everybody

for group in pkgutil.iter_modules(stories.__path__):
    importlib.import_module(f"{stories.__name__}.{group.name}")


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


def test_what_passes_beside_a_cause_passes_with_the_fault_that_shows_it() -> None:
    known = {each.id for each in catalogue.load().requirements}
    for name, cause in CAUSES.items():
        assert known.issuperset(cause.beside), name
        if cause.beside:
            shown = manifest.references()[cause.fault]
            others = {*shown.fails, *shown.blocked, *shown.not_applicable} - set(shown.passes)
            assert not others & set(cause.beside), name


@pytest.mark.parametrize(
    ("cause", "beside"),
    [
        ("shared-buffer", "concurrency/shared-buffer"),
        ("would-block-is-fatal", "abuse/every-error"),
        ("swaps-branches", "contract/foreground"),
    ],
)
def test_a_row_that_seems_to_deny_a_cause_says_why_it_passes(cause: str, beside: str) -> None:
    asked = [catalogue.load().find(beside)]
    passing = next(c for c in CASES if c.requirement == beside and c.outcome is Outcome.PASS)
    failing = next(c for c in CASES if c.cause == cause)
    asked.append(failing.judged_by)
    told = {seen.scenario: seen for seen in (passing.tell(), failing.tell())}
    result = decide(asked, told, Rubric())
    verdicts = {**result.verdicts, beside: passing.judged_by.decide(passing.tell())}
    verdicts[failing.requirement] = failing.judged_by.decide(failing.tell())
    result = replace(result, verdicts=verdicts)
    row = remark(result, asked[0], verdicts[beside])
    assert row == f"{asked[0].says} {CAUSES[cause].beside[beside]}"
    alone = replace(result, verdicts={**verdicts, failing.requirement: verdicts[beside]})
    assert remark(alone, asked[0], verdicts[beside]) == asked[0].says


@pytest.mark.parametrize("cause", ["turns-away", "one-shot"])
def test_where_the_next_one_was_sent_away_nobody_stood_in_the_way(cause: str) -> None:
    failing = next(c for c in CASES if c.cause == cause)
    seen = failing.tell()
    stand = Stood(0, "keeper", (Standing(7, "read", ("serve(), server.c:23",)),))
    seen = replace(seen, events=(*seen.events[:-1], stand, seen.events[-1]))
    verdict = failing.judged_by.decide(seen)
    assert (verdict.evidence.cause, verdict.evidence.where) == (cause, "")


def test_advice_that_is_not_followed_is_no_failure_in_the_count() -> None:
    failing = next(c for c in CASES if c.cause == "reload-drops-clients")
    result = decide([failing.judged_by], {"reloading": failing.tell()}, Rubric())
    result = replace(result, verdicts={failing.requirement: failing.judged_by.decide(failing.tell())})
    assert counted(result, counts=False) == "1 beyond the lecture: 1 piece of advice not followed"


@pytest.mark.parametrize("cause", ["accept-arguments", "bind-failed", "slide-10-runaway"])
def test_a_call_with_its_descriptor_does_not_read_like_a_page_of_the_manual(cause: str) -> None:
    failing = next(c for c in CASES if c.cause == cause)
    observed = failing.judged_by.decide(failing.tell()).evidence.observed
    assert re.search(r"\w\(\) of descriptor -?\d", observed), observed
    assert not re.search(r"\w\(-?\d+\)", observed), observed


@pytest.mark.parametrize("cause", ["never-reaps", "one-shot"])
def test_a_recipe_whose_failure_may_be_anothers_says_what_to_mend_first(cause: str) -> None:
    failing = next(c for c in CASES if c.cause == cause)
    unknown = next(c for c in CASES if str(c).startswith("concurrency/latency-FAIL") and not c.cause)
    told = {seen.scenario: seen for seen in (unknown.tell(), failing.tell())}
    result = decide([failing.judged_by, unknown.judged_by], told, Rubric())
    verdicts = {each.requirement: each.judged_by.decide(each.tell()) for each in (failing, unknown)}
    result = replace(result, verdicts=verdicts)
    lines = dict(explained(result, unknown.judged_by, verdicts[unknown.requirement]))
    assert lines["by hand"].startswith(f"once {failing.requirement} passes: ")
    lines = dict(explained(result, failing.judged_by, verdicts[failing.requirement]))
    assert not lines["by hand"].startswith("once ")


@pytest.mark.parametrize(("call", "told"), [("recvfrom", "recv()"), ("futex", "(futex)")])
def test_it_is_said_where_the_child_stood_that_was_to_answer(call: str, told: str) -> None:
    tale = story(SERIES).starts().connects("client 1").forks("client 1")
    tale.sleeps(call, tale.child_of("client 1")).quiet().asks("client 1").quiet().leaves("client 1")
    observed = catalogue.load().find("service/reply").decide(tale.quiet().over()).evidence.observed
    assert "the server's first process was asleep in accept(), and 1 other process" in observed
    assert told in observed


@pytest.mark.parametrize("start", ["./server 54321", "java Server 54321"])
def test_a_recipe_says_with_which_words_the_server_was_started(start: str) -> None:
    failing = next(c for c in CASES if c.cause == "never-listens")
    seen = failing.tell()
    told = Submitted(0, "server", ("server.c",), 1, start=start)
    seen = replace(seen, events=(told, *seen.events))
    result = decide([failing.judged_by], {seen.scenario: seen}, Rubric())
    result = replace(result, verdicts={failing.requirement: failing.judged_by.decide(seen)})
    assert by_hand(result, failing.judged_by).startswith(f"start it (`{start}`); then: `ss -tlnp`")


def test_no_cause_stands_in_two_files() -> None:
    names = [f"{causes.__name__}.{each.name}" for each in pkgutil.iter_modules(causes.__path__)]
    files = map(importlib.import_module, names)
    assert sum(len(getattr(file, "CAUSES", ())) for file in files) == len(CAUSES)
