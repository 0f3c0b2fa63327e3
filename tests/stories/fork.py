"""Stories of fork/*."""

from __future__ import annotations

import signal
from typing import Final

from harness.record.recording import Recording
from tests.recordings import SERVER, Story, story
from tests.stories import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    SERIES,
    shows,
)
from tests.stories.reaping import running, to_the_last

FIRST_CHILD: Final = SERVER + 1


@shows("fork/one-child", FAIL, "forks-twice")
def two_children_for_a_client() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1", times=2).quiet()
    tale.asks("client 1").answers("client 1").closes("client 1").exits("client 1").reaps("client 1")
    return tale.quiet().leaves("client 1").quiet().over()


def with_helpers(*begun: int) -> Recording:
    """Eight clients, each with a child; with these of them the first process begins a helper, too."""
    tale = story(SERIES).starts().quiet()
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).forks(name)
        if number in begun:
            tale.forks_besides()
        tale.quiet().asks(name).answers(name).closes(name).exits(name).reaps(name)
        tale.quiet().leaves(name).quiet()
    return tale.over()


@shows("fork/one-child", PASS)
@shows("fork/child-exits", PASS)
def helpers_begun_with_the_first_and_the_third_client() -> Recording:
    return with_helpers(1, 3)


@shows("fork/one-child", FAIL, "forks-twice")
@shows("fork/child-exits", FAIL)
def a_helper_for_each_client() -> Recording:
    return with_helpers(*range(1, 9))


@shows("fork/one-child", FAIL, "forks-twice")
@shows("fork/child-exits", FAIL)
def a_helper_for_every_fourth_client() -> Recording:
    return with_helpers(1, 5)


@shows("fork/one-child", PASS)
def a_relay_whose_service_forks_too() -> Recording:
    tale = story(SERIES).starts().forks_besides().quiet()
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).forks(name).starts_program(FIRST_CHILD, ends=False).quiet()
        tale.asks(name).answers(name).closes(name).exits(name).reaps(name)
        tale.waits_for(tale.child_of(name) + 1).quiet().leaves(name).quiet()
    return tale.over()


@shows("fork/child-exits", FAIL)
def a_helper_that_waits_for_clients() -> Recording:
    """Who has the listening socket may serve somebody: it is no helper."""
    tale = story(SERIES).starts().quiet()
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).forks(name)
        if number == 1:
            tale.forks_besides().holds_listener(tale.child_of(name) + 1)
        tale.quiet().asks(name).answers(name).closes(name).exits(name).reaps(name)
        tale.quiet().leaves(name).quiet()
    return tale.over()


@shows("fork/one-child", PASS)
@shows("fork/child-exits", PASS)
def a_childs_own_program_outlives_it() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1")
    tale.starts_program(tale.child_of("client 1"), ends=False).quiet().asks("client 1")
    tale.answers("client 1").closes("client 1").exits("client 1").reaps("client 1")
    return tale.quiet().leaves("client 1").quiet().over()


@shows("fork/one-child", PASS)
@shows("fork/child-exits", PASS)
def a_child_leaves_a_program_to_init_and_serves() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1")
    child = tale.child_of("client 1")
    tale.starts_program(child, ends=False).is_left(child + 1).quiet().asks("client 1")
    tale.answers("client 1").closes("client 1").exits("client 1").reaps("client 1")
    return tale.quiet().leaves("client 1").quiet().over()


@shows("fork/parent-closes-connection", FAIL, "parent-keeps-connection")
def the_parent_keeps_the_connection() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").holds("client 1").quiet()
    tale.asks("client 1").answers("client 1").exits("client 1").reaps("client 1").quiet()
    return tale.leaves("client 1").quiet().over()


@shows("fork/parent-closes-connection", FAIL, "both-serve")
@shows("service/again", FAIL, "both-serve")
def parent_and_child_both_wait_for_the_line() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").accepts("client 1").quiet()
    tale.asks("client 1").answers("client 1").closes("client 1").exits("client 1").stops_listening()
    tale.dies(0).quiet().leaves("client 1").quiet()
    return tale.is_refused("client 2").quiet().over()


@shows("fork/parent-closes-connection", FAIL, "waits-in-vfork")
def the_parent_has_not_come_so_far_since_it_sleeps_in_vfork() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").holds("client 1")
    tale.sleeps("vfork").quiet().asks("client 1").answers("client 1").exits("client 1")
    return tale.sleeps("accept").reaps("client 1").quiet().leaves("client 1").quiet().over()


def following(*, ends: bool) -> Recording:
    """The first process serves, and a child accepts the next client; then the first process ends."""
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").forks_worker().quiet()
    tale.asks("client 1").answers("client 1").closes("client 1")
    tale = tale.dies(0) if ends else tale.sleeps("accept")
    return tale.quiet().leaves("client 1").quiet().over()


@shows("fork/parent-closes-connection", FAIL, "swaps-branches", needs="a look")
def the_parent_serves_and_the_child_accepts() -> Recording:
    return following(ends=True)


@shows("fork/parent-closes-connection", NOT_APPLICABLE)
def a_leader_lets_another_follow() -> Recording:
    return following(ends=False)


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


def spinning(*, slept_in: str) -> Recording:
    """The child keeps the connection, and runs without rest when the client has left."""
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet()
    tale.asks("client 1").answers("client 1").sleeps(slept_in, tale.child_of("client 1")).quiet()
    return tale.leaves("client 1").runs(tale.child_of("client 1")).spins().over()


@shows("fork/child-exits", FAIL, "spins-on-goodbye")
def the_child_reads_nothing_again_and_again() -> Recording:
    return spinning(slept_in="recvfrom")


@shows("fork/child-exits", FAIL)
def the_child_spins_with_the_connection_in_its_hands() -> Recording:
    return spinning(slept_in="futex")


@shows("fork/child-exits", FAIL, "child-spins")
def the_child_runs_without_rest() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet()
    tale.asks("client 1").answers("client 1").closes("client 1").runs(tale.child_of("client 1"))
    return tale.spins().leaves("client 1").spins().over()


def growing(tale: Story, every: int, *, most: int = 500) -> Recording:
    """After every `every` clients, up to `most`, another process is started, and stays."""
    started = 0

    def start_more(came: int) -> None:
        nonlocal started
        while started < min(came, most) // every:
            tale.forks_besides()
            started += 1

    return to_the_last(running(tale, start_more))


@shows("fork/child-exits", FAIL, "child-forks-on", needs="a look")
def the_child_forks_on_when_it_has_served() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet()
    tale.asks("client 1").answers("client 1").closes("client 1")
    for _ in range(20):
        tale.forks_and_runs_on(tale.child_of("client 1"))
    return tale.never_rests("it forks on and on").breaks_off()


@shows("fork/family-size", FAIL, "leaks-processes")
def a_process_stays_of_every_tenth_client() -> Recording:
    return growing(story("long run").starts(), 10)


@shows("fork/family-size", PASS)
def one_more_process_is_started_and_no_others_follow() -> Recording:
    return growing(story("long run").starts(), 30, most=30)


@shows("fork/family-size", FAIL)
def the_first_process_starts_thread_after_thread() -> Recording:
    tale = story("long run").starts()
    return to_the_last(running(tale, lambda came: tale.has_threads(1 + came // 10)))


def piling_up(*, listens: bool, serves_itself: bool, until: int = 100) -> Recording:
    """Each client leaves one more process, up to a number; then no more clients come."""
    tale = story("long run").starts().connects("first").accepts("first", call="read")
    if not serves_itself:
        tale.sleeps("epoll_wait")

    def one_more() -> None:
        tale.forks_worker() if listens else tale.forks_besides()

    one_more()
    tale.quiet().asks("first").answers("first").closes("first").sleeps("accept").quiet()
    tale.leaves("first").quiet()
    came = 1
    for to in (64, 100):
        tale.come_and_go(f"up to {to}", to - came)
        for _ in range(came, min(to, until)):
            one_more()
        tale.quiet()
        came = to
    tale.branches("there are 80 processes more, or 256 threads: no more come")
    return to_the_last(tale, forks=False)


@shows("fork/family-size", FAIL, "swaps-branches")
def the_parent_serves_the_child_accepts_and_neither_ends() -> Recording:
    return piling_up(listens=True, serves_itself=True)


@shows("fork/family-size", FAIL, "leaks-processes")
def a_helper_is_started_for_each_client_and_stays() -> Recording:
    return piling_up(listens=False, serves_itself=False)


@shows("fork/family-size", NOT_APPLICABLE)
def workers_are_started_as_clients_come() -> Recording:
    return piling_up(listens=True, serves_itself=False)


@shows("fork/family-size", NOT_APPLICABLE)
def helpers_are_started_until_there_are_enough() -> Recording:
    return piling_up(listens=False, serves_itself=False, until=70)


@shows("fork/one-child", NOT_APPLICABLE)
@shows("fork/child-exits", NOT_APPLICABLE)
@shows("reaping/sequential", NOT_APPLICABLE)
def a_pool_is_started_when_the_first_client_comes() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1")
    return served_by_the_first_child(tale.forks_besides().forks_besides())


@shows("fork/child-exits", NOT_APPLICABLE)
def a_pool_starts_a_process_where_none_is_free() -> Recording:
    return served_by_the_first_child(story(SERIES).starts().connects("client 1").forks("client 1"))


def served_by_the_first_child(tale: Story) -> Recording:
    """Whoever comes after the first client is served by the child that served it."""
    child = tale.child_of("client 1")
    for number in range(1, 9):
        name = f"client {number}"
        if number > 1:
            tale.connects(name).accepts(name, by=child)
        tale.quiet().asks(name).answers(name).closes(name).leaves(name).sleeps("read", child).quiet()
    return tale.over()


@shows("fork/one-child", FAIL, "forks-twice")
def three_children_stay_for_each_client() -> Recording:
    tale = story(SERIES).starts()
    for number in range(1, 5):
        name = f"client {number}"
        tale.connects(name).forks(name).forks_besides().forks_besides().quiet()
        tale.asks(name).answers(name).closes(name).leaves(name).quiet()
    return tale.over()


@shows("fork/child-exits", FAIL, "bad-pointer", needs="a look")
def its_child_crashes_behind_the_reply() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet().asks("client 1")
    tale.answers("client 1").closes("client 1").exits("client 1", status=signal.SIGSEGV).quiet()
    tale.reaps("client 1").quiet().leaves("client 1").quiet()
    return tale.serves("client 2").over()
