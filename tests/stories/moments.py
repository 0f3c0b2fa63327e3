"""Stories of moments/*."""

from __future__ import annotations

from typing import Final

from harness.record.recording import Recording
from tests.recordings import Story, story
from tests.stories import BLOCKED, FAIL, INCONCLUSIVE, NOT_APPLICABLE, PASS, shows

LAST: Final = "after child first 250"


def as_usual(*, zombies: int = 0) -> Story:
    """Many clients come, and nobody is held; the children of a few stay zombies."""
    tale = story("fork order").starts().serves("as usual")
    for number in range(1, 1 + zombies):
        tale.serves(f"of the crowd {number}", reaped=False)
    tale.come_and_go("as usual 10", 10).quiet().come_and_go("as usual 250", 250).quiet()
    return tale.serves("after as usual")


def forks(*, zombies: int = 0) -> Story:
    """A client's child runs only once its parent waits again; one more client comes then."""
    tale = as_usual(zombies=zombies)
    tale.connects("parent first").forks("parent first").quiet().asks("parent first").quiet()
    tale.answers("parent first").closes("parent first").exits("parent first").reaps("parent first")
    tale.quiet().leaves("parent first").quiet().has_run_first("parent", 1)
    return tale.serves("after parent first")


def a_few_run_first(tale: Story, *, ended: int = 2, reaped: bool = True) -> Story:
    """Two children run before their parent returns from fork(); one more client comes then."""
    for number in (1, 2):
        client = f"child first {number}"
        tale.connects(client).asks(client).forks(client).answers(client).closes(client).exits(client)
        if reaped:
            tale.reaps(client)
        tale.quiet().leaves(client).quiet()
    return tale.has_run_first("child", 2, ended).serves("after child first 2")


def many_run_first(tale: Story, *, unanswered: int = 0) -> Story:
    """Two hundred and fifty more come, and their children run first."""
    tale.come_and_go("child first 250", 250, unanswered=unanswered).quiet()
    return tale.has_run_first("child", 250 - unanswered, 250 - unanswered)


@shows("moments/fork-order", PASS)
def it_does_not_matter_who_runs_first() -> Recording:
    return many_run_first(a_few_run_first(forks())).serves(LAST).over()


@shows("moments/fork-order", FAIL, "pid-entered-late")
def each_place_is_lost_whose_child_ran_first() -> Recording:
    tale = many_run_first(a_few_run_first(forks()), unanswered=22)
    tale.connects(LAST).queues(1).sleeps("sigsuspend").quiet().asks(LAST).quiet()
    return tale.leaves(LAST).quiet().over()


@shows("moments/fork-order", FAIL, "pid-entered-late")
def whoever_comes_after_two_is_sent_away() -> Recording:
    tale = forks().has_run_first("child", 2, 2)
    tale.connects("after child first 2").closes("after child first 2").quiet()
    return tale.asks("after child first 2").quiet().leaves("after child first 2").quiet().over()


@shows("moments/fork-order", FAIL)
def it_dies_when_a_child_has_run_first() -> Recording:
    tale = forks()
    tale.connects("child first 1").asks("child first 1").forks("child first 1")
    tale.answers("child first 1").closes("child first 1").exits("child first 1").dies(256)
    tale.quiet().leaves("child first 1").quiet().has_run_first("child", 1, 1)
    return tale.is_refused("after child first 2").quiet().over()


@shows("moments/fork-order", FAIL)
def who_is_served_late_gets_no_answer() -> Recording:
    tale = as_usual()
    tale.connects("parent first").forks("parent first").quiet().asks("parent first").quiet()
    tale.exits("parent first").reaps("parent first").closes("parent first").quiet()
    return tale.leaves("parent first").quiet().has_run_first("parent", 1).over()


@shows("moments/fork-order", FAIL)
def who_is_served_early_gets_no_answer() -> Recording:
    tale = forks()
    for number in (1, 2):
        client = f"child first {number}"
        tale.connects(client).asks(client).forks(client).closes(client).exits(client).reaps(client)
        tale.quiet().leaves(client).quiet()
    return tale.has_run_first("child", 2, 2).serves("after child first 2").over()


@shows("moments/fork-order", FAIL)
def those_that_ran_first_stay_zombies() -> Recording:
    tale = a_few_run_first(forks(), reaped=False)
    return many_run_first(tale).serves(LAST).over()


@shows("moments/fork-order", NOT_APPLICABLE)
def nobody_is_born() -> Recording:
    tale = story("fork order").starts().serves("as usual", forks=False)
    return tale.branches("no process was born for a client: nobody forks").over()


@shows("moments/fork-order", NOT_APPLICABLE)
def nobody_may_be_held() -> Recording:
    tale = as_usual()
    return tale.branches("ptrace: Operation not permitted", refused=True).over()


@shows("moments/fork-order", NOT_APPLICABLE)
def another_process_was_waiting_for_it() -> Recording:
    tale = as_usual().serves("parent first")
    return tale.has_run_first("parent", 0).serves("after parent first").over()


@shows("moments/fork-order", NOT_APPLICABLE)
def a_child_stays_while_its_parent_is_held() -> Recording:
    return a_few_run_first(forks(), ended=0).over()


@shows("moments/fork-order", NOT_APPLICABLE)
def it_forks_a_helper_that_stays() -> Recording:
    tale = a_few_run_first(forks()).come_and_go("child first 250", 250, unanswered=240).quiet()
    return tale.has_run_first("child", 11, 10).serves(LAST).over()


@shows("moments/fork-order", BLOCKED)
def so_many_stay_zombies_whoever_runs_first() -> Recording:
    tale = a_few_run_first(forks(zombies=2), reaped=False)
    return many_run_first(tale).serves(LAST).over()


@shows("moments/fork-order", BLOCKED)
def hundreds_are_not_served_whoever_runs_first() -> Recording:
    tale = story("fork order").starts().serves("as usual").come_and_go("as usual 10", 10).quiet()
    tale.come_and_go("as usual 250", 250, unanswered=150).quiet()
    tale.connects("after as usual").queues(1).quiet().asks("after as usual").quiet()
    return tale.leaves("after as usual").quiet().over()


@shows("moments/fork-order", INCONCLUSIVE)
def only_a_few_came() -> Recording:
    return a_few_run_first(forks()).over()


@shows("moments/fork-order", INCONCLUSIVE)
def one_of_the_crowd_got_no_answer() -> Recording:
    tale = many_run_first(a_few_run_first(forks()), unanswered=1)
    return tale.serves(LAST).over()


@shows("moments/fork-order", INCONCLUSIVE)
def no_child_ran_first() -> Recording:
    return forks().over()
