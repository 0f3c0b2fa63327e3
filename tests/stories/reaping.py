"""Stories of reaping/*."""

from __future__ import annotations

from harness.judge.recording import Recording
from tests.recordings import SIGCHLD, story
from tests.stories import (
    BLOCKED,
    FAIL,
    NOT_APPLICABLE,
    PASS,
    SERIES,
    in_a_row,
    shows,
)

CROWD = [f"of 10, client {number}" for number in range(1, 11)]


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
