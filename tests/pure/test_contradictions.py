"""A cause that another part of the recordings refutes is not shown."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

import pytest

from harness.engine import catalogue
from harness.judge.contradictions import CLAIMS, DESIGNS, refuted, withdrawn
from harness.judge.one_mistake import by_one_cause
from harness.judge.refutations import Case
from harness.judge.requirement import judge_all
from harness.judge.verdict import Verdict, failed, passed
from harness.record.recording import Recording
from harness.results.result import decide
from harness.results.rubric import Rubric
from harness.subject import manifest
from tests import stories
from tests.recordings import story
from tests.stories import CASES, SERIES, in_a_row
from tests.stories import Case as Told

for group in pkgutil.iter_modules(stories.__path__):
    importlib.import_module(f"{stories.__name__}.{group.name}")
REQUIREMENTS = catalogue.load().requirements


@pytest.mark.parametrize("told", [each for each in CASES if each.cause in CLAIMS], ids=str)
def test_a_story_refutes_no_cause_of_its_own(told: Told) -> None:
    seen = told.tell()
    recordings = {seen.scenario: seen}
    case = Case(seen, recordings, judge_all(REQUIREMENTS, recordings))
    assert refuted(told.cause, case) == ""


def test_the_manifest_tells_no_cause_of_another_design() -> None:
    for name, entry in manifest.references().items():
        design = entry.diagnosis.get("design", "").partition("(")[0]
        assert design in DESIGNS.get(entry.diagnosis.get("cause", ""), (design,)), name


@pytest.mark.parametrize(
    ("requirement", "told", "another", "found"),
    [
        ("abuse/every-error", "read-error-is-fatal", "reset-is-fatal", "reset-is-fatal"),
        ("abuse/every-error", "read-error-is-fatal", "iterative", "read-error-is-fatal"),
        ("abuse/reset", "", "would-block-is-fatal", "would-block-is-fatal"),
        ("stream/half-close", "spins-on-half-close", "writes-after-goodbye", "writes-after-goodbye"),
        ("abuse/lingering-places", "", "connfd-pointer", "connfd-pointer"),
        ("abuse/lingering-places", "", "iterative", ""),
        ("contract/announces", "", "port-0", "port-0"),
        ("reaping/long-run", "thread-stays", "lock-kept", "lock-kept"),
        ("abuse/lingering-places", "places-not-returned", "thread-stays", "thread-stays"),
        ("fork/child-exits", "", "forks-twice", "forks-twice"),
        ("stream/silent-goodbye", "child-waits-for-ever", "forks-twice", "child-waits-for-ever"),
        ("reaping/burst", "", "waits-for-youngest", "waits-for-youngest"),
        ("reaping/long-run", "places-used-up", "pid-entered-late", "pid-entered-late"),
        ("concurrency/silent-later", "", "pid-entered-late", "pid-entered-late"),
        ("concurrency/silent-later", "", "once-per-signal", "once-per-signal"),
        ("reaping/sequential", "waits-too-early", "waits-when-full", "waits-when-full"),
        ("reaping/long-run", "", "unknown-child-is-fatal", "unknown-child-is-fatal"),
        ("reaping/long-run", "error-ends-server", "unknown-child-is-fatal", "unknown-child-is-fatal"),
        ("concurrency/people", "would-block-is-fatal", "ends-unvisited", "ends-unvisited"),
        ("abuse/broken-pipe", "retries-broken-pipe", "spins-on-goodbye", "spins-on-goodbye"),
        ("stream/fragments", "", "shared-connection", "shared-connection"),
        ("contract/announces", "no-banner", "port-0", "no-banner"),
        ("moments/threads", "connection-by-address", "connfd-pointer", "connfd-pointer"),
        ("moments/threads", "shared-by-threads", "shared-reply-buffer", "shared-reply-buffer"),
        ("moments/threads", "shared-by-threads", "iterative", "shared-by-threads"),
        ("fork/child-exits", "child-waits-for-ever", "forgets-close", "forgets-close"),
        ("concurrency/silent-client", "iterative", "calls-thread-function", "calls-thread-function"),
        (
            "concurrency/silent-crowd",
            "drops-beyond-16",
            "connection-by-address",
            "connection-by-address",
        ),
        ("concurrency/people", "", "connfd-pointer", "connfd-pointer"),
        ("lifecycle/suspend", "", "connfd-pointer", "connfd-pointer"),
        ("abuse/flood-of-connections", "", "counts-in-child", "counts-in-child"),
        ("concurrency/silent-crowd", "limited-places", "limited-workers", "limited-workers"),
        ("concurrency/silent-client", "", "one-shot", "one-shot"),
        ("concurrency/silent-client", "", "child-removes-listener", "child-removes-listener"),
        ("concurrency/people", "", "shared-connection", "shared-connection"),
        ("abuse/lingering-places", "leaks-on-goodbye", "shared-connection", "shared-connection"),
        ("abuse/lingering-places", "leaks-on-reset", "reads-once-per-edge", "reads-once-per-edge"),
        ("concurrency/silent-crowd", "", "limited-workers", "limited-workers"),
    ],
)
def test_one_mistake_has_one_cause(requirement: str, told: str, another: str, found: str) -> None:
    verdicts = {
        requirement: failed("seen", expected="else", cause=told),
        "concurrency/cross-talk": failed("seen", expected="else", cause=another),
        "service/reply": passed("seen"),  # without a cause: that explains nothing
    }
    left = by_one_cause(REQUIREMENTS, {}, verdicts)
    assert left[requirement].evidence.cause == found
    assert left["concurrency/cross-talk"].evidence.cause == another


def overtaking() -> Recording:
    tale = story("silent few").starts().connects("silent 1").forks("silent 1").quiet()
    tale.connects("quick").forks("quick").quiet().asks("quick").answers("quick").closes("quick").quiet()
    return tale.asks("silent 1").answers("silent 1").closes("silent 1").quiet().over()


def answered() -> Recording:
    return in_a_row(story(SERIES).starts()).over()


def saying(words: str) -> Recording:
    return story(SERIES).starts().prints(f"{words}\n").quiet().over()


def killed() -> Recording:
    return story(SERIES).starts().quiet().dies(11).over()


def replying(data: bytes) -> Recording:
    tale = story("all bytes").starts().connects("client").accepts("client").quiet()
    return tale.asks("client", data).answers("client", data).closes("client").quiet().over()


def waiting_elsewhere() -> Recording:
    """One of two workers serves, the other one sleeps in accept(), and a client is not let in."""
    tale = (
        story("last first").starts(workers=2).quiet().connects("first").accepts("first", by=101).quiet()
    )
    return tale.connects("second").quiet().asks("second").quiet().over()


def by_threads() -> Recording:
    tale = story(SERIES).starts().sleeps_in(accept=1).quiet()
    for number in (1, 2):
        name = f"client {number}"
        tale.connects(name).accepts(name).sleeps_in(accept=1, read=number).quiet()
        tale.asks(name).answers(name).closes(name).quiet()
    return tale.over()


CROWD_PASSES: Mapping[str, Verdict] = {"concurrency/silent-crowd": passed("all had places")}
CHILD_SPINS: Mapping[str, Verdict] = {
    "fork/child-exits": failed("it runs", expected="an end", cause="child-spins")
}
ENDS_OF_TWO: Mapping[str, Verdict] = {
    "concurrency/silent-client": failed("it was gone", expected="an answer", ended=True)
}
NO_MORE_THAN_TWENTY = {
    "reaping/long-run": failed("of 65 clients 20 were answered", expected="all", answered=20)
}
NOT_EVEN_THREE: Mapping[str, Verdict] = {
    "concurrency/last-first": failed("the second waits", expected="an answer")
}
REPLIES_ELSE: Mapping[str, Verdict] = {"service/reply": failed("220 welcome", expected="the line")}
NOTHING: Mapping[str, Verdict] = {}
KEY_ERROR = 'Traceback (most recent call last):\n  File "server.py", line 9, in <module>\nKeyError: 4'
REFUTED = [
    *(
        (cause, answered(), NOTHING)
        for cause in (
            "reads-from-listener",
            "line-left-unread",
            "accepts-on-wrong-socket",
            "never-gets-to-accept",
            "waits-for-keyboard",
        )
    ),
    ("reads-from-listener", saying("read: Connection timed out"), NOTHING),
    *((cause, answered(), NOTHING) for cause in ("one-shot", "dies-after-first")),
    ("parent-closes-listener", answered(), NOTHING),
    *(
        (cause, overtaking(), NOTHING)
        for cause in (
            "iterative",
            "one-worker",
            "reads-before-fork",
            "forks-before-accept",
            "waits-in-parent",
        )
    ),
    *(
        (cause, overtaking(), NOTHING)
        for cause in (
            *("joins-at-once", "lock-around-service", "lock-among-workers", "reads-unready"),
            *("several-serve-one", "waits-in-loop"),
        )
    ),
    *((cause, answered(), CROWD_PASSES) for cause in ("limited-workers", "limited-places")),
    *((cause, waiting_elsewhere(), NOTHING) for cause in ("limited-workers", "waits-when-full")),
    *(
        (cause, answered(), NOT_EVEN_THREE)
        for cause in ("drops-beyond-16", "interrupted-read-ends-clients")
    ),
    ("counts-in-child", answered(), {"reaping/long-run": passed("500 clients came and went")}),
    ("places-not-returned", answered(), NO_MORE_THAN_TWENTY),
    ("beyond-fd-setsize", answered(), NO_MORE_THAN_TWENTY),
    *((cause, answered(), NOTHING) for cause in ("never-reaps", "reaps-first-only")),
    ("eintr-is-fatal", saying("accept: No child processes"), NOTHING),
    ("eintr-is-fatal", killed(), NOTHING),
    ("interrupted-sleep-is-fatal", saying("epoll_wait: Bad file descriptor"), NOTHING),
    ("interrupted-sleep-is-fatal", saying(KEY_ERROR), NOTHING),
    ("partial-write", killed(), NOTHING),
    ("turns-away", answered(), REPLIES_ELSE),
    ("turns-away", answered(), CROWD_PASSES),
    ("emfile-is-fatal", saying("accept: Cannot allocate memory"), NOTHING),
    ("fork-failure-is-fatal", saying("fork: Too many open files"), NOTHING),
    ("reset-is-fatal", saying("write: Bad file descriptor"), NOTHING),
    ("write-error-is-fatal", saying("write: Resource temporarily unavailable"), NOTHING),
    *((cause, answered(), CHILD_SPINS) for cause in ("spins-on-goodbye", "spins-on-half-close")),
    *((cause, answered(), ENDS_OF_TWO) for cause in ("thread-failure-is-fatal", "one-read-one-line")),
    ("one-read-one-line", killed(), NOTHING),
    ("strlen-on-data", replying(b"A\0B\n"), NOTHING),
    ("decodes", replying(b"A\xe9B\n"), NOTHING),
    *((cause, by_threads(), NOTHING) for cause in ("once-per-signal", "forks-twice", "child-in-accept")),
    *((cause, by_threads(), NOTHING) for cause in ("few-per-signal", "reaps-no-more")),
    *((cause, by_threads(), NOTHING) for cause in ("child-spins", "child-keeps-listener")),
    *((cause, by_threads(), NOTHING) for cause in ("parent-keeps-connection", "worker-never-reaps")),
    *((cause, answered(), NOTHING) for cause in ("half-line-blocks-loop", "blocking-write-in-loop")),
    *(
        (cause, answered(), NOTHING)
        for cause in ("connfd-pointer", "joins-no-thread", "leaks-in-thread")
    ),
]


@pytest.mark.parametrize(("cause", "seen", "verdicts"), REFUTED, ids=[each[0] for each in REFUTED])
def test_what_refutes_a_cause_is_seen(
    cause: str, seen: Recording, verdicts: Mapping[str, Verdict]
) -> None:
    assert refuted(cause, Case(seen, {seen.scenario: seen}, verdicts))


def test_every_claim_can_fall() -> None:
    assert {cause for cause, _, _ in REFUTED} == set(CLAIMS)


def test_who_has_left_is_overtaken_by_nobody() -> None:
    tale = story("silent goodbye").starts().connects("mute 1").accepts("mute 1").quiet()
    tale.leaves("mute 1").quiet().connects("last").accepts("last").quiet()
    seen = tale.asks("last").answers("last").closes("last").quiet().over()
    assert refuted("iterative", Case(seen, {seen.scenario: seen}, {})) == ""


def test_text_that_came_back_does_not_refute_that_it_is_decoded() -> None:
    seen = replying("naïve\n".encode())
    assert refuted("decodes", Case(seen, {seen.scenario: seen}, {})) == ""


def test_who_came_first_overtakes_nobody_by_asking_first() -> None:
    tale = story("suspending").starts().connects("silent 1").accepts("silent 1").quiet()
    tale.connects("silent 2").accepts("silent 2").quiet().asks("silent 1").answers("silent 1")
    seen = tale.closes("silent 1").quiet().asks("silent 2").answers("silent 2").quiet().over()
    assert refuted("lock-around-service", Case(seen, {seen.scenario: seen}, {})) == ""


def test_the_zombies_of_a_server_that_has_ended_refute_nothing() -> None:
    tale = in_a_row(story(SERIES).starts(), reaped=False, count=2).gets_sigterm().dies(15)
    seen = tale.reaps("client 1").reaps("client 2").quiet().over()
    assert refuted("never-reaps", Case(seen, {SERIES: seen}, {})) == ""


def test_a_refuted_cause_is_not_told_and_its_failure_stands() -> None:
    died = story(SERIES).starts().serves("client 1")
    died.dies(1 << 8).prints("accept: Cannot allocate memory\n").quiet().is_refused("client 2").quiet()
    result = decide(REQUIREMENTS, {SERIES: died.over()}, Rubric())
    verdict = result.verdicts["reaping/survives-signal"]
    assert verdict.evidence.cause != "eintr-is-fatal"
    assert "EINTR" not in result.diagnosis.sentence


def test_another_cause_is_told_where_it_explains_what_the_refuted_one_does_not() -> None:
    lost = failed("no place", expected="a place", cause="counts-in-child")
    verdicts = {"abuse/lingering-places": lost, "reaping/long-run": passed("500 came and went")}
    seen = story("lingering places").starts().over()
    found = withdrawn(REQUIREMENTS, {seen.scenario: seen}, verdicts)
    assert found["abuse/lingering-places"].evidence.cause == "places-not-returned"


def test_who_waits_for_a_lock_of_its_own_has_one_cause() -> None:
    verdict = failed("no place", expected="a place", cause="counts-in-child")
    by_lock = failed("no answer", expected="an answer", cause="handler-takes-lock")
    verdicts = {"reaping/long-run": verdict, "moments/signal-any-time": by_lock}
    for call, told in (("futex", "handler-takes-lock"), ("accept", "counts-in-child")):
        seen = story("long run").starts().serves("first").sleeps(call).quiet().over()
        found = by_one_cause(REQUIREMENTS, {"long run": seen}, verdicts)
        assert found["reaping/long-run"].evidence.cause == told
