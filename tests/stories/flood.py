"""Stories of abuse/flood-of-connections."""

from __future__ import annotations

from harness.judge.unreaped import SIGCHLD
from harness.record.recording import Recording
from harness.record.visits import Visit
from tests.recordings import Story, story
from tests.stories import FAIL, INCONCLUSIVE, PASS, shows

CLIENTS = 200
A_SECOND = 1_000_000_000


def visits(*, answered: int, refused: int = 0, again: int = 0) -> list[Visit]:
    """Two hundred visits: some are answered, some refused, the others wait to the end.

    Of those that were answered, `again` had to connect a second time.
    """
    return [
        *[Visit(b"hello\n", 1, 1, 2, 3, 4, b"HELLO\n") for _ in range(answered - again)],
        *[Visit(b"hello\n", 1, 1, A_SECOND, A_SECOND, A_SECOND, b"HELLO\n") for _ in range(again)],
        *[Visit(b"hello\n", 1, 1, 2, 0, 4, b"", "ECONNRESET") for _ in range(refused)],
        *[
            Visit(b"hello\n", 1, 1, 0, 0, 0, b"", "the guard ran out")
            for _ in range(CLIENTS - answered - refused)
        ],
    ]


def flood(*, answered: int, refused: int = 0, again: int = 0, backlog: int = 64) -> Story:
    """Two hundred clients come; the caller says how all rests afterwards."""
    tale = story("flood").starts(backlog=backlog)
    return tale.crowds("flood", visits(answered=answered, refused=refused, again=again))


def forgets_some(tale: Story) -> Story:
    """Three clients of the crowd were accepted, asked, and left, and no process has read that."""
    for name in ("forgotten 1", "forgotten 2", "forgotten 3"):
        tale.connects(name).accepts(name, call="poll").leaves_behind(name).leaves_unread(name, 7)
    return tale


@shows("abuse/flood-of-connections", PASS)
def everybody_is_answered() -> Recording:
    return flood(answered=CLIENTS).quiet().serves("next").over()


@shows("abuse/flood-of-connections", PASS)
def those_who_do_not_fit_are_turned_away() -> Recording:
    return flood(answered=150, refused=50).quiet().serves("next").over()


@shows("abuse/flood-of-connections", PASS)
def a_queue_of_six_keeps_most_of_them_knocking() -> Recording:
    return flood(answered=38, backlog=5).quiet().serves("next").over()


@shows("abuse/flood-of-connections", FAIL, "small-backlog", needs="a look")
def a_queue_of_one_keeps_nearly_all_of_them_knocking() -> Recording:
    return flood(answered=21, backlog=0).quiet().serves("next").over()


@shows("abuse/flood-of-connections", FAIL, "small-backlog", needs="a look")
def a_queue_of_one_lets_them_in_at_the_second_try() -> Recording:
    return flood(answered=CLIENTS, again=150, backlog=0).quiet().serves("next").over()


@shows("abuse/flood-of-connections", INCONCLUSIVE)
def a_queue_of_two_was_lucky() -> Recording:
    return flood(answered=CLIENTS, backlog=1).quiet().serves("next").over()


@shows("abuse/flood-of-connections", FAIL, "drops-beyond-16")
def the_seventeenth_is_let_in_and_forgotten() -> Recording:
    return forgets_some(flood(answered=16)).quiet().serves("next").over()


@shows("abuse/flood-of-connections", FAIL)
def nobody_at_all_is_answered() -> Recording:
    return forgets_some(flood(answered=0)).quiet().serves("next").over()


@shows("abuse/flood-of-connections", FAIL)
def the_next_one_is_not_served() -> Recording:
    tale = flood(answered=CLIENTS).sleeps("pause").quiet().connects("next").quiet().asks("next")
    return tale.quiet().leaves("next").quiet().over()


def ends_with(words: str) -> Recording:
    """It handles SIGCHLD, and ends amid the flood with these last words."""
    tale = story("flood").starts().is_known(caught=SIGCHLD).quiet()
    tale.crowds("flood", visits(answered=70)).prints(words).stops_listening().dies(1 << 8).quiet()
    return tale.is_refused("next").quiet().over()


@shows("abuse/flood-of-connections", FAIL, "eintr-is-fatal", needs="a look")
def it_ends_by_an_interrupted_wait_for_a_place() -> Recording:
    return ends_with("sem_wait: Interrupted system call\n")


@shows("abuse/flood-of-connections", FAIL, needs="a look")
def it_ends_by_another_error() -> Recording:
    return ends_with("sem_wait: Invalid argument\n")


def left_in_the_queue(*, edge_triggered: bool, caught: int = 0) -> Recording:
    """Of the flood three were never accepted, nor is the next one, though its epoll sleeps."""
    tale = flood(answered=CLIENTS - 3).is_known(edge_triggered=edge_triggered, caught=caught)
    tale.sleeps("epoll_wait").queues(3).quiet().connects("next").queues(4).quiet()
    return tale.asks("next").quiet().leaves("next").quiet().over()


@shows("abuse/flood-of-connections", FAIL, "one-accept-per-edge")
def epoll_told_once_of_all_who_wait() -> Recording:
    return left_in_the_queue(edge_triggered=True)


@shows("abuse/flood-of-connections", FAIL)
def the_epoll_is_that_of_a_run_time() -> Recording:
    return left_in_the_queue(edge_triggered=True, caught=0xFFFFFFFD7FC1FEFD)


@shows("abuse/flood-of-connections", FAIL)
def epoll_watches_the_listener_no_more() -> Recording:
    return left_in_the_queue(edge_triggered=False)


@shows("abuse/flood-of-connections", FAIL, "bad-pointer", needs="a look")
def the_flood_ends_the_server() -> Recording:
    tale = flood(answered=40, refused=160).stops_listening().dies(11).quiet()
    return tale.is_refused("next").quiet().over()


@shows("abuse/flood-of-connections", INCONCLUSIVE)
def nobody_came_next() -> Recording:
    return flood(answered=CLIENTS).quiet().over()
