"""Every requirement against hand-written recordings: when it passes, fails, and says nothing.

The stories come first, then what must hold of all of them, then baselines, levels and diagnosis.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pytest

from harness.engine import catalogue
from harness.judge.causes import CAUSES
from harness.judge.diagnosis import diagnose
from harness.judge.recording import Missing, Recording
from harness.judge.requirement import Requirement, Tier, judge_all
from harness.judge.result import decide
from harness.judge.rubric import Rubric, exit_status, level
from harness.judge.verdict import (
    Outcome,
    Verdict,
    blocked,
    failed,
    inconclusive,
    not_applicable,
    passed,
)
from tests.recordings import INIT, SERVER, SIGCHLD, Story, story, unseen, weakened

PASS, FAIL, INCONCLUSIVE = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
NOT_APPLICABLE, BLOCKED = Outcome.NOT_APPLICABLE, Outcome.BLOCKED
REQUIREMENTS = catalogue.load().requirements
IDS = [requirement.id for requirement in REQUIREMENTS]
SERIES = "one after another"
CROWD = [f"of 10, client {number}" for number in range(1, 11)]
FOLK = [f"person {number}" for number in range(1, 21)]


Needs = Literal["nothing", "a look", "a proof"]


@dataclass(frozen=True)
class Case:
    """A story and the verdict it must get.

    `needs` says what a FAIL rests on: "nothing" but bytes and an exit status, "a look" at something
    final (a server that has gone stays gone), or "a proof" that nothing more will come.
    """

    requirement: str
    outcome: Outcome
    cause: str
    tell: Callable[[], Recording]
    needs: Needs

    def __str__(self) -> str:
        return f"{self.requirement}-{self.outcome}-{self.story}"

    @property
    def story(self) -> str:
        """Its name, with spaces."""
        return self.tell.__name__.replace("_", " ")

    @property
    def judged_by(self) -> Requirement:
        """The requirement itself."""
        return catalogue.load().find(self.requirement)


CASES: list[Case] = []
Tell = Callable[[], Recording]


def shows(
    requirement: str, outcome: Outcome, cause: str = "", *, needs: Needs = "a proof"
) -> Callable[[Tell], Tell]:
    """Declare a story to be one that must get this verdict."""

    def declare(tell: Tell) -> Tell:
        CASES.append(Case(requirement, outcome, cause, tell, needs))
        return tell

    return declare


def in_a_row(tale: Story, *, forks: bool = True, reaped: bool = True, count: int = 8) -> Story:
    """So many clients, one after the other."""
    for number in range(1, count + 1):
        tale.serves(f"client {number}", forks=forks, reaped=reaped)
    return tale.quiet()


# contract


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


# service


@shows("service/reply", PASS)
@shows("service/closes", PASS)
@shows("service/again", PASS)
@shows("fork/one-child", PASS)
@shows("fork/parent-closes-connection", PASS)
@shows("fork/child-closes-listener", PASS)
@shows("fork/child-exits", PASS)
@shows("reaping/sequential", PASS)
@shows("reaping/survives-signal", PASS)
def a_sound_fork_server() -> Recording:
    return in_a_row(story(SERIES).starts()).over()


@shows("service/reply", PASS)
@shows("service/again", PASS)
@shows("service/closes", PASS)
@shows("fork/one-child", NOT_APPLICABLE)
@shows("fork/parent-closes-connection", NOT_APPLICABLE)
@shows("fork/child-closes-listener", NOT_APPLICABLE)
@shows("fork/child-exits", NOT_APPLICABLE)
@shows("reaping/sequential", NOT_APPLICABLE)
@shows("reaping/survives-signal", NOT_APPLICABLE)
def one_process_serves_everybody() -> Recording:
    return in_a_row(story(SERIES).starts(), forks=False).over()


def replying(reply: bytes, *, insisting_on: str = "either") -> Recording:
    tale = story(SERIES).starts().insists_on(insisting_on)
    for name in ("client 1", "client 2"):
        tale.connects(name).forks(name).quiet().asks(name, b"Hello you\n").answers(name, reply)
        tale.closes(name).exits(name).reaps(name).quiet().leaves(name).quiet()
    return tale.over()


@shows("service/reply", PASS)
def the_reply_is_the_line_as_it_came() -> Recording:
    return replying(b"Hello you\n")


@shows("service/reply", PASS)
def the_reply_lacks_only_the_newline() -> Recording:
    return replying(b"HELLO YOU")


@shows("service/reply", FAIL, needs="nothing")
def the_assignment_insists_on_capitals() -> Recording:
    return replying(b"Hello you\n", insisting_on="upper")


@shows("service/reply", FAIL, needs="nothing")
def the_reply_is_something_else() -> Recording:
    return replying(b"Goodbye\n")


@shows("service/reply", FAIL, "nul-padding", needs="nothing")
def the_reply_is_the_whole_buffer() -> Recording:
    return replying(b"HELLO YOU\n".ljust(100, b"\0"))


@shows("service/reply", FAIL, "last-byte", needs="nothing")
def the_last_byte_is_not_capitalised() -> Recording:
    return replying(b"HELLO YOu\n")


@shows("service/reply", FAIL)
def nobody_ever_answers() -> Recording:
    tale = story(SERIES).starts()
    for name in ("client 1", "client 2"):
        tale.connects(name).forks(name).quiet().asks(name).quiet().leaves(name).quiet()
    return tale.over()


@shows("service/closes", FAIL, "forgets-close")
def the_server_keeps_the_connection_open() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").quiet()
    return tale.asks("client 1").answers("client 1").quiet().leaves("client 1").quiet().over()


@shows("service/closes", FAIL, needs="nothing")
def the_connection_ends_by_a_reset() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet()
    return tale.asks("client 1").answers("client 1").resets("client 1").quiet().over()


@shows("service/again", FAIL)
def it_serves_one_client_and_ends() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").quiet().asks("client 1")
    tale.answers("client 1").closes("client 1").stops_listening().dies(0).quiet().leaves(
        "client 1"
    ).quiet()
    for number in range(2, 9):
        tale.is_refused(f"client {number}").quiet()
    return tale.over()


@shows("service/again", FAIL, "parent-closes-listener")
@shows("reaping/survives-signal", BLOCKED)
def the_parent_closes_the_listener() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").stops_listening().quiet()
    tale.asks("client 1").answers("client 1").closes("client 1").exits("client 1").reaps("client 1")
    tale.quiet().leaves("client 1").quiet()
    for number in range(2, 9):
        tale.is_refused(f"client {number}").quiet()
    return tale.over()


# concurrency


def silence(tale: Story, call: str, *, accepted: bool = True) -> Recording:
    """The quick client waits while the server sleeps in a call; then the silent one asks."""
    tale.connects("quick").sleeps(call).quiet().asks("quick").quiet()
    tale.asks("silent").answers("silent").closes("silent")
    if accepted:
        tale.accepts("quick").answers("quick").closes("quick").sleeps("accept")
    return tale.quiet().leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", PASS)
def the_quick_one_is_answered_at_once() -> Recording:
    tale = story("silent client").starts().connects("silent").forks("silent").quiet()
    tale.connects("quick").forks("quick").quiet().asks("quick").answers("quick").closes("quick")
    tale.exits("quick").reaps("quick").quiet().asks("silent").answers("silent").closes("silent")
    return tale.exits("silent").reaps("silent").quiet().leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "iterative")
def one_client_at_a_time() -> Recording:
    return silence(story("silent client").starts().connects("silent").accepts("silent").quiet(), "read")


@shows("concurrency/silent-client", FAIL, "waits-in-parent")
def the_parent_waits_for_the_silent_ones_child() -> Recording:
    tale = story("silent client").starts().connects("silent").forks("silent").sleeps("wait4").quiet()
    return silence(tale, "wait4")


@shows("concurrency/silent-client", FAIL, "one-worker")
def the_only_worker_reads_from_the_silent_one() -> Recording:
    tale = story("silent client").starts(workers=1).connects("silent")
    return silence(tale.accepts("silent", by=SERVER + 1).sleeps("pause").quiet(), "pause")


@shows("concurrency/silent-client", FAIL)
def the_quick_one_is_never_answered() -> Recording:
    tale = story("silent client").starts().connects("silent").forks("silent").quiet()
    return silence(tale, "accept", accepted=False)


@shows("concurrency/silent-client", FAIL)
def the_queue_is_full() -> Recording:
    tale = story("silent client").starts().connects("silent").accepts("silent").quiet().hangs("quick")
    return tale.quiet().asks("silent").answers("silent").closes("silent").quiet().over()


@shows("concurrency/silent-client", BLOCKED)
def the_quick_one_is_refused() -> Recording:
    tale = story("silent client").starts().connects("silent").forks("silent").stops_listening().quiet()
    return tale.is_refused("quick").quiet().asks("silent").answers("silent").quiet().over()


def few(places: int) -> Recording:
    """Six silent clients and a quick one, at a server that has so many places."""
    names = [f"silent {number}" for number in range(1, 7)]
    tale = story("silent few").starts(workers=0 if places > 6 else places)
    for number, name in enumerate(names):
        tale.connects(name)
        if places > 6:
            tale.forks(name)
        elif number < places:
            tale.accepts(name, by=SERVER + 1 + number)
        tale.quiet()
    tale.connects("quick")
    if places > 6:
        tale.forks("quick").quiet().asks("quick").answers("quick").closes("quick")
    else:
        tale.quiet().asks("quick")
    tale.quiet()
    for name in names:
        tale.asks(name).answers(name).closes(name)
    if places <= 6:
        tale.answers("quick").closes("quick")
    return tale.quiet().leaves("quick", *names).quiet().over()


@shows("concurrency/silent-few", PASS)
def there_is_a_place_for_the_seventh() -> Recording:
    return few(places=7)


@shows("concurrency/silent-few", FAIL, "limited-workers")
def there_are_four_places() -> Recording:
    return few(places=4)


def three(*, answered: Sequence[str], at_last: Sequence[str] = ()) -> Recording:
    """Three connect and ask, the last first; some are answered at once, some at the end."""
    tale = story("last first").starts()
    for name in ("first", "second", "third"):
        tale.connects(name).forks(name).quiet()
    for name in ("third", "second", "first"):
        tale.asks(name)
        if name in answered:
            tale.answers(name).closes(name).exits(name).reaps(name)
        tale.quiet()
    for name in at_last:
        tale.answers(name).closes(name)
    return tale.quiet().leaves("first", "second", "third").quiet().over()


@shows("concurrency/last-first", PASS)
def the_order_of_asking_counts() -> Recording:
    return three(answered=("first", "second", "third"))


@shows("concurrency/last-first", FAIL, "limited-workers")
def the_order_of_connecting_counts() -> Recording:
    return three(answered=("first",), at_last=("second", "third"))


@shows("concurrency/last-first", FAIL)
def the_third_is_never_answered() -> Recording:
    return three(answered=("first", "second"))


def seated(*, seats: int = 20, waits: str = "") -> Recording:
    """So many people get a prompt; all are answered at once but one, who waits for the others."""
    tale = story("people").starts()
    for person in FOLK[:seats]:
        tale.sits_down(person).quiet()
    for person in FOLK[:seats]:
        tale.types(person)
        if person != waits:
            tale.is_shown(person)
        tale.quiet()
    if waits:
        tale.is_shown(waits)
    return tale.quiet().over()


@shows("concurrency/people", PASS)
def each_is_answered_at_their_enter() -> Recording:
    return seated()


@shows("concurrency/people", FAIL, "limited-workers")
def one_person_waits_for_the_next() -> Recording:
    return seated(waits="person 5")


@shows("concurrency/people", FAIL, "limited-workers")
def only_ten_get_a_prompt() -> Recording:
    return seated(seats=10)


@shows("concurrency/people", BLOCKED)
def nobody_listens_any_more() -> Recording:
    return story("people").starts().stops_listening().sits_down(FOLK[0], prompted=False).quiet().over()


# fork


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


# reaping


def left_behind(unreaped: int, of: int = 8) -> Recording:
    """The children of the last so many clients stay zombies."""
    tale = story(SERIES).starts()
    for number in range(1, of + 1):
        tale.serves(f"client {number}", reaped=number <= of - unreaped)
    return tale.quiet().over()


@shows("reaping/sequential", FAIL, "never-reaps")
def nobody_waits_for_any_child() -> Recording:
    return left_behind(8)


@shows("reaping/sequential", FAIL, "reaps-first-only")
def only_the_first_child_is_reaped() -> Recording:
    return left_behind(7)


@shows("reaping/sequential", FAIL)
def three_children_of_eight_are_left() -> Recording:
    return left_behind(3)


@shows("reaping/sequential", PASS)
def one_zombie_waits_for_the_next_accept() -> Recording:
    return left_behind(1)


@shows("reaping/sequential", BLOCKED)
def the_server_ends_before_its_children_can_be_counted() -> Recording:
    return in_a_row(story(SERIES).starts(), count=2).stops_listening().dies(0).quiet().over()


@shows("reaping/survives-signal", FAIL, "eintr-is-fatal", needs="a look")
def the_signal_ends_the_server() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet().asks("client 1")
    tale.answers("client 1").closes("client 1").exits("client 1").reaps("client 1").stops_listening()
    tale.dies(1 << 8).prints("accept: Interrupted system call\n").quiet().leaves("client 1").quiet()
    return tale.is_refused("client 2").quiet().over()


@shows("reaping/survives-signal", FAIL, "forks-on-eintr", needs="a look")
def accepts_minus_one_is_forked_for() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet().asks("client 1")
    tale.answers("client 1").closes("client 1").exits("client 1").reaps("client 1")
    tale.forks_for_nobody(3).quiet().leaves("client 1").quiet()
    return tale.serves("client 2").over()


@shows("reaping/survives-signal", FAIL)
def the_second_client_is_not_answered() -> Recording:
    tale = story(SERIES).starts().serves("client 1").connects("client 2").quiet().asks("client 2")
    return tale.quiet().leaves("client 2").quiet().over()


def crowding(
    *, zombies: int, signals: int = SIGCHLD, later: int | None = None, by_kernel: bool = False
) -> Recording:
    """Ten children exit behind the stopped parent; so many are zombies after it, and at the end."""
    tale = story("burst").starts()
    for name in CROWD:
        tale.connects(name).forks(name)
    tale.quiet().freezes()
    for name in CROWD:
        tale.asks(name).answers(name).closes(name).exits(name)
    if by_kernel:
        tale.reaps(*CROWD)
    tale.hears(0 if by_kernel else signals).quiet().leaves(*CROWD).quiet().thaws()
    if not by_kernel:
        tale.reaps(*CROWD[: len(CROWD) - zombies])
    tale.quiet().connects("after 10").forks("after 10").quiet().asks("after 10").answers("after 10")
    tale.closes("after 10").exits("after 10").reaps("after 10")
    if later is not None:
        tale.reaps(*CROWD[len(CROWD) - zombies : len(CROWD) - later])
    return tale.quiet().leaves("after 10").quiet().over()


@shows("reaping/burst", PASS)
def all_ten_are_reaped() -> Recording:
    return crowding(zombies=0)


@shows("reaping/burst", PASS)
def the_kernel_reaps_them() -> Recording:
    return crowding(zombies=0, by_kernel=True)


@shows("reaping/burst", PASS)
def the_next_client_brings_the_reaping() -> Recording:
    return crowding(zombies=10, later=0)


@shows("reaping/burst", FAIL, "once-per-signal")
def one_signal_reaps_one_child() -> Recording:
    return crowding(zombies=9)


@shows("reaping/burst", FAIL)
def nine_are_left_and_no_signal_was_pending() -> Recording:
    return crowding(zombies=9, signals=0)


@shows("reaping/burst", NOT_APPLICABLE)
def no_process_is_born_for_the_crowd() -> Recording:
    tale = story("burst").starts()
    for name in CROWD:
        tale.connects(name).accepts(name).quiet()
    return tale.branches("no process was born for a client: none will exit").over()


@shows("reaping/burst", NOT_APPLICABLE)
def no_child_of_the_crowd_exits() -> Recording:
    tale = story("burst").starts()
    for name in CROWD:
        tale.connects(name).forks(name).quiet()
    tale.freezes()
    for name in CROWD:
        tale.asks(name).answers(name)
    return tale.quiet().leaves(*CROWD).quiet().thaws().quiet().over()


def third(call: str, *, done_answered: bool = True) -> Recording:
    """A third client comes while the server sleeps in a call, until the silent one has spoken."""
    tale = story("never blocks").starts().connects("silent").forks("silent").quiet().connects("done")
    if done_answered:
        tale.forks("done").quiet().asks("done").answers("done").closes("done").exits("done").reaps(
            "done"
        )
    else:
        tale.sleeps(call).quiet().asks("done")
    tale.sleeps(call).quiet().leaves("done").quiet().connects("third").quiet().asks("third").quiet()
    tale.asks("silent").answers("silent").closes("silent").exits("silent").reaps("silent")
    tale.sleeps("accept").forks("third").answers("third").closes("third").exits("third").reaps("third")
    return tale.quiet().leaves("silent", "third").quiet().over()


@shows("reaping/never-blocks", PASS)
def the_third_is_answered_while_the_first_says_nothing() -> Recording:
    tale = story("never blocks").starts().connects("silent").forks("silent").quiet().serves("done")
    tale.serves("third").asks("silent").answers("silent").closes("silent").exits("silent")
    return tale.reaps("silent").quiet().leaves("silent").quiet().over()


@shows("reaping/never-blocks", FAIL, "wait-loop-in-handler")
def the_handler_waits_for_every_child() -> Recording:
    return third("wait4")


@shows("reaping/never-blocks", FAIL, "waits-in-parent")
def the_parent_waits_after_the_first_fork() -> Recording:
    return third("wait4", done_answered=False)


@shows("reaping/never-blocks", FAIL, needs="a look")
def the_server_is_gone_when_the_third_comes() -> Recording:
    tale = story("never blocks").starts().connects("silent").forks("silent").quiet().serves("done")
    tale.stops_listening().dies(1 << 8).quiet().is_refused("third").quiet()
    return tale.asks("silent").answers("silent").closes("silent").quiet().over()


@shows("reaping/never-blocks", NOT_APPLICABLE)
def no_process_is_born_for_the_silent_one() -> Recording:
    tale = story("never blocks").starts().connects("silent").accepts("silent").quiet()
    tale.serves("done", forks=False).serves("third", forks=False)
    return tale.asks("silent").answers("silent").quiet().over()


# stream


def goodbyes(tale: Story, *, leaves_zombies: bool = False) -> Recording:
    """Three who speak and three who do not, and one more."""
    for number in (1, 2, 3):
        tale.serves(f"talker {number}")
    tale.quiet()
    for name in ("mute 1", "mute 2", "mute 3"):
        tale.connects(name).forks(name).quiet().leaves(name).exits(name)
        if not leaves_zombies:
            tale.reaps(name)
        tale.quiet()
    return tale.quiet().serves("last").over()


@shows("stream/silent-goodbye", PASS)
def nothing_stays_of_those_who_say_nothing() -> Recording:
    return goodbyes(story("silent goodbye").starts())


@shows("stream/silent-goodbye", FAIL, "zombie-on-goodbye")
def a_zombie_stays_of_each_who_says_nothing() -> Recording:
    return goodbyes(story("silent goodbye").starts(), leaves_zombies=True)


@shows("stream/silent-goodbye", FAIL, "child-waits-for-ever")
def the_child_waits_for_one_who_has_gone() -> Recording:
    tale = story("silent goodbye").starts().serves("talker 1").connects("mute 1").forks("mute 1").quiet()
    return tale.leaves("mute 1").quiet().serves("last").over()


@shows("stream/silent-goodbye", FAIL, "spins-on-goodbye")
def the_server_burns_after_a_goodbye() -> Recording:
    tale = story("silent goodbye").starts().serves("talker 1").connects("mute 1").forks("mute 1").quiet()
    tale.leaves("mute 1").runs(tale.child_of("mute 1")).spins()
    return tale.connects("last").forks("last").spins().asks("last").answers("last").spins().over()


@shows("stream/silent-goodbye", FAIL)
def the_server_is_gone_after_a_goodbye() -> Recording:
    tale = story("silent goodbye").starts().serves("talker 1").connects("mute 1").forks("mute 1").quiet()
    tale.leaves("mute 1").exits("mute 1").reaps("mute 1").stops_listening().dies(0).quiet()
    return tale.is_refused("last").quiet().over()


# What must hold of every story


FAILURES = [case for case in CASES if case.outcome is FAIL]


def failures(needs: Needs) -> list[Case]:
    """The stories of failures that rest on this."""
    return [case for case in FAILURES if case.needs == needs]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_story_gets_its_verdict(case: Case) -> None:
    verdict = case.judged_by.decide(case.tell())
    assert (verdict.outcome, verdict.evidence.cause) == (case.outcome, case.cause), verdict.evidence
    assert verdict.evidence.observed


@pytest.mark.parametrize("requirement", IDS)
def test_every_requirement_can_pass_and_fail(requirement: str) -> None:
    assert {PASS, FAIL} <= {case.outcome for case in CASES if case.requirement == requirement}


def test_every_cause_is_told_by_a_story() -> None:
    assert {case.cause for case in CASES} - {""} == set(CAUSES)


@pytest.mark.parametrize("case", FAILURES, ids=str)
def test_a_failure_says_what_was_expected(case: Case) -> None:
    assert case.judged_by.decide(case.tell()).evidence.expected


@pytest.mark.parametrize("case", failures("a proof"), ids=str)
def test_mere_rest_fails_nobody(case: Case) -> None:
    assert case.judged_by.decide(weakened(case.tell(), "resting")).outcome is not FAIL


@pytest.mark.parametrize("case", failures("a proof") + failures("a look"), ids=str)
def test_a_guard_that_ran_out_fails_nobody(case: Case) -> None:
    assert case.judged_by.decide(weakened(case.tell(), "guard")).outcome is not FAIL


@pytest.mark.parametrize("case", failures("a proof") + failures("a look"), ids=str)
def test_what_nobody_looked_at_fails_nobody(case: Case) -> None:
    assert case.judged_by.decide(unseen(case.tell())).outcome is not FAIL


@pytest.mark.parametrize("case", failures("a look"), ids=str)
def test_what_has_gone_needs_no_proof_that_it_stays_away(case: Case) -> None:
    assert case.judged_by.decide(weakened(case.tell(), "resting")).outcome is FAIL


@pytest.mark.parametrize("case", failures("nothing"), ids=str)
def test_bytes_and_an_exit_status_need_no_snapshot(case: Case) -> None:
    assert case.judged_by.decide(unseen(case.tell())).outcome is FAIL


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_story_that_breaks_off_never_passes(case: Case) -> None:
    told = case.tell()
    outcomes = {case.judged_by.decide(told.cut(length)).outcome for length in range(len(told.events))}
    assert not outcomes & {PASS, NOT_APPLICABLE}


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=IDS)
def test_an_empty_recording_decides_nothing(requirement: Requirement) -> None:
    assert requirement.decide(story(requirement.scenario).breaks_off()).outcome is INCONCLUSIVE


# What single judgements must tell


def observed(requirement: str, recording: Recording) -> str:
    return catalogue.load().find(requirement).decide(recording).evidence.observed


def test_a_program_that_never_came_to_life_is_not_judged() -> None:
    never = story("starting").over()
    assert catalogue.load().find("contract/starts").decide(never).outcome is INCONCLUSIVE


def test_the_compilers_first_error_comes_first() -> None:
    assert "server.c:3:1: error: expected ';'" in observed("contract/starts", the_compiler_complains())


def test_an_exit_is_told_with_its_status_and_last_words() -> None:
    told = observed("contract/starts", it_exits_with_status_2())
    assert "exited with status 2" in told
    assert "usage: server PORT" in told


def test_a_crash_is_told_with_its_signal() -> None:
    assert "SIGSEGV" in observed("contract/starts", it_crashes())


def test_the_first_wrong_byte_is_pointed_at() -> None:
    assert "byte 8" in observed("service/reply", the_last_byte_is_not_capitalised())


def test_a_long_reply_is_cut_around_the_difference() -> None:
    told = observed("service/reply", replying(b"HELLO YOU\n" + b"x" * 5000))
    assert len(told) < 200
    assert "x" in told
    assert "5010 bytes" in told


def test_zombies_are_counted_among_the_children() -> None:
    assert "7 of 8" in observed("reaping/sequential", only_the_first_child_is_reaped())
    assert "9 of 10" in observed("reaping/burst", one_signal_reaps_one_child())


def test_the_waiting_client_was_released() -> None:
    verdict = catalogue.load().find("concurrency/silent-client").decide(one_client_at_a_time())
    assert verdict.evidence.facts["released"] is True
    assert "only after a silent one had spoken" in verdict.evidence.observed


def test_a_wait_that_nobody_released_proves_nothing() -> None:
    tale = story("silent client").starts().connects("silent").accepts("silent").quiet()
    tale.connects("quick").quiet().asks("quick").quiet()
    verdict = catalogue.load().find("concurrency/silent-client").decide(tale.over())
    assert verdict.outcome is INCONCLUSIVE


# Baselines


def told(*recordings: Recording) -> dict[str, Verdict]:
    return judge_all(REQUIREMENTS, {recording.scenario: recording for recording in recordings})


def test_whoever_never_starts_is_told_so_once() -> None:
    verdicts = told(it_exits_with_status_2())
    assert verdicts.pop("contract/starts").outcome is FAIL
    assert {verdict.outcome for verdict in verdicts.values()} == {BLOCKED}
    assert {verdict.blocked_by for verdict in verdicts.values()} == {"contract/starts"}


def test_blocked_names_the_root_and_not_the_nearest() -> None:
    verdicts = told(it_listens_and_waits(), nobody_ever_answers(), one_client_at_a_time())
    assert verdicts["concurrency/last-first"].blocked_by == "service/reply"


def test_a_wrong_answer_is_still_an_answer() -> None:
    padded = replying(b"HELLO YOU\n\0\0\0\0")
    verdicts = told(it_listens_and_waits(), padded, the_quick_one_is_answered_at_once())
    assert verdicts["service/reply"].outcome is FAIL
    assert verdicts["concurrency/silent-client"].outcome is PASS
    assert verdicts["reaping/sequential"].outcome is PASS


def test_a_judgement_may_name_the_baseline_that_it_saw_fail() -> None:
    verdicts = told(
        it_listens_and_waits(), in_a_row(story(SERIES).starts()).over(), the_quick_one_is_refused()
    )
    assert verdicts["concurrency/silent-client"].blocked_by == "service/again"
    assert verdicts["concurrency/people"].blocked_by == "service/again"


def test_a_baseline_that_could_not_be_told_blocks_nobody() -> None:
    verdicts = told(it_listens_and_waits(), the_quick_one_is_answered_at_once())
    assert verdicts["service/reply"].outcome is INCONCLUSIVE
    assert verdicts["concurrency/silent-client"].outcome is PASS


def test_a_scenario_that_was_not_run_is_inconclusive() -> None:
    assert told(it_listens_and_waits())["reaping/burst"].outcome is INCONCLUSIVE


def test_every_baseline_exists_and_comes_to_an_end() -> None:
    needs = {requirement.id: set(requirement.needs) for requirement in REQUIREMENTS}
    while needs:
        settled = {id_ for id_, wanted in needs.items() if not wanted & set(needs)}
        assert settled, f"these need each other: {sorted(needs)}"
        assert set().union(*needs.values()) <= set(IDS)
        needs = {id_: wanted for id_, wanted in needs.items() if id_ not in settled}


def test_the_order_of_the_requirements_changes_no_verdict() -> None:
    recordings = {
        recording.scenario: recording for recording in (it_listens_and_waits(), nobody_ever_answers())
    }
    assert judge_all(REQUIREMENTS, recordings) == judge_all(REQUIREMENTS[::-1], recordings)


def breaking(error: Exception) -> Requirement:
    def judge(_: Recording) -> Verdict:
        raise error

    return replace(REQUIREMENTS[0], judge=judge)


@pytest.mark.parametrize(
    "error", [Missing("no client"), KeyError("family"), ZeroDivisionError()], ids=repr
)
def test_a_judgement_that_raises_is_inconclusive(error: Exception) -> None:
    assert breaking(error).decide(it_listens_and_waits()).outcome is INCONCLUSIVE


# What counts, and how far it goes


def all_met(**others: Verdict) -> dict[str, Verdict]:
    """Every requirement passes but these; `__` stands for the slash and `_` for the hyphen."""
    named = {key.replace("__", "/").replace("_", "-"): verdict for key, verdict in others.items()}
    assert named.keys() <= set(IDS)
    return {id_: named.get(id_, passed("it did")) for id_ in IDS}


FAILED = failed("it did not", expected="that it does")
DOUBT = inconclusive("the guard ran out")


@pytest.mark.parametrize(
    ("verdicts", "reached"),
    [
        (all_met(contract__starts=FAILED), 0),
        (all_met(service__again=FAILED), 0),
        (all_met(service__reply=DOUBT), 0),
        (all_met(concurrency__silent_client=FAILED), 1),
        (all_met(fork__child_exits=FAILED), 1),
        (all_met(reaping__sequential=FAILED), 2),
        (all_met(reaping__never_blocks=blocked("reaping/survives-signal")), 2),
        (all_met(reaping__burst=FAILED), 3),
        (all_met(stream__silent_goodbye=DOUBT), 3),
        (all_met(fork__one_child=not_applicable("no children")), 4),
        (all_met(), 4),
    ],
)
def test_a_level_needs_all_that_lies_below(verdicts: dict[str, Verdict], reached: int) -> None:
    assert level(REQUIREMENTS, verdicts) == reached


BEYOND = all_met(reaping__burst=FAILED)
WITHIN = all_met(reaping__sequential=FAILED)


@pytest.mark.parametrize(
    ("verdicts", "rubric", "status"),
    [
        (all_met(), Rubric(strict=True), 0),
        (BEYOND, Rubric(), 0),
        (BEYOND, Rubric(Tier.ROBUST), 1),
        (BEYOND, Rubric(strict=True), 1),
        (WITHIN, Rubric(), 1),
        (WITHIN, Rubric(Tier.ROBUST), 1),
        (all_met(service__reply=DOUBT), Rubric(), 2),
        (all_met(service__reply=DOUBT, reaping__sequential=FAILED), Rubric(), 1),
        (all_met(reaping__burst=DOUBT), Rubric(), 0),
        (all_met(reaping__burst=DOUBT), Rubric(Tier.ROBUST), 2),
        (all_met(concurrency__people=blocked("concurrency/silent-client")), Rubric(), 1),
        (all_met(fork__one_child=not_applicable("no children")), Rubric(), 0),
    ],
)
def test_the_exit_status_knows_what_counts(
    verdicts: dict[str, Verdict], rubric: Rubric, status: int
) -> None:
    assert exit_status(REQUIREMENTS, verdicts, rubric) == status


@pytest.mark.parametrize(
    ("rubric", "goal"), [(Rubric(), 3), (Rubric(Tier.ROBUST), 4), (Rubric(strict=True), 4)]
)
def test_the_goal_is_what_counts(rubric: Rubric, goal: int) -> None:
    assert rubric.goal == goal


def test_a_selection_is_judged_with_its_baselines_and_shows_the_one_that_failed() -> None:
    recordings = {each.scenario: each for each in (it_listens_and_waits(), nobody_ever_answers())}
    result = decide(REQUIREMENTS, recordings, Rubric(), only=["reaping/sequential"])
    assert [requirement.id for requirement in result.requirements] == [
        "service/reply",
        "reaping/sequential",
    ]
    assert result.verdicts["reaping/sequential"].blocked_by == "service/reply"
    assert result.exit_status == 1


def test_a_selection_says_nothing_about_what_it_leaves_out() -> None:
    recording = it_listens_and_waits()
    result = decide(REQUIREMENTS, {recording.scenario: recording}, Rubric(), only=["contract/starts"])
    assert result.level is None
    assert result.diagnosis.sentence == ""
    assert result.exit_status == 0


# Diagnosis


def diagnosed(*recordings: Recording) -> tuple[str, str, str]:
    by_scenario = {each.scenario: each for each in (it_listens_and_waits(), *recordings)}
    found = diagnose(by_scenario, judge_all(REQUIREMENTS, by_scenario))
    return found.design, found.reaping, found.sentence


def sound_series() -> Recording:
    return in_a_row(story(SERIES).starts()).over()


def test_one_client_at_a_time_is_iterative() -> None:
    design, reaping, sentence = diagnosed(one_process_serves_everybody(), one_client_at_a_time())
    assert (design, reaping) == ("iterative", "")
    assert sentence.startswith("You serve one client at a time")


def test_one_process_that_delays_nobody_is_an_event_loop() -> None:
    tale = story("silent client").starts().connects("silent").quiet().serves("quick", forks=False)
    tale.asks("silent").answers("silent").quiet()
    assert diagnosed(one_process_serves_everybody(), tale.over())[:2] == ("event loop", "")


def test_a_fork_server_without_wait_reaps_none() -> None:
    design, reaping, sentence = diagnosed(nobody_waits_for_any_child())
    assert (design, reaping) == ("fork", "none")
    assert "reap none of them" in sentence
    assert "Nobody waits for the children" in sentence


def test_the_lectures_last_handler_reaps_once_per_signal() -> None:
    design, reaping, sentence = diagnosed(sound_series(), one_signal_reaps_one_child())
    assert (design, reaping) == ("fork", "once per signal")
    assert "the slide's limit, not your idea" in sentence


@pytest.mark.parametrize(
    ("recordings", "reaping"),
    [
        ((only_the_first_child_is_reaped,), "first only"),
        ((one_zombie_waits_for_the_next_accept,), "at next accept"),
        ((sound_series, the_kernel_reaps_them), "by the kernel"),
        ((sound_series, all_ten_are_reaped), "complete"),
    ],
)
def test_the_reaping_is_named(recordings: Sequence[Tell], reaping: str) -> None:
    assert diagnosed(*(tell() for tell in recordings))[1] == reaping


def with_many_hands(tale: Story, threads: int = 1) -> Recording:
    tale.connects("client 1").accepts("client 1").has_threads(threads).quiet()
    return tale.asks("client 1").answers("client 1").closes("client 1").quiet().over()


def adopted_children() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1", parent=INIT).quiet()
    return tale.asks("client 1").answers("client 1").closes("client 1").quiet().over()


@pytest.mark.parametrize(
    ("recording", "design"),
    [
        (with_many_hands(story(SERIES).starts(workers=4)), "prefork(4)"),
        (with_many_hands(story(SERIES).starts(), threads=2), "threads"),
        (with_many_hands(story(SERIES).starts(threads=5), threads=5), "pool(4)"),
        (adopted_children(), "double fork"),
        (it_serves_one_client_and_ends(), "one-shot"),
        (it_exits_with_status_2(), "does not run"),
        (it_sleeps_without_a_listener(), "does not run"),
    ],
)
def test_the_design_is_named(recording: Recording, design: str) -> None:
    found, _, sentence = diagnosed(recording)
    assert found == design
    assert sentence.endswith(".")


def test_nothing_at_all_is_diagnosed_without_a_fuss() -> None:
    assert diagnose({}, {}).sentence == ""


def test_a_cause_is_told_once() -> None:
    sentence = diagnosed(one_process_serves_everybody(), one_client_at_a_time())[2].lower()
    assert sentence.count("you serve one client at a time") == 1
