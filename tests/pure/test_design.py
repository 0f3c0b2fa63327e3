"""The design of a server, where clients one after another do not show all of it."""

from __future__ import annotations

import pytest

from harness.judge.design import seen_in, with_many
from harness.judge.unreaped import SIGCHLD
from harness.record.recording import Recording
from tests.recordings import SERVER, story
from tests.stories import SERIES


def silent_few(threads: list[int]) -> Recording:
    """Silent clients are accepted one after another; the process then has these numbers of threads."""
    tale = story("silent few").starts().has_threads(threads[0]).quiet()
    for number, count in enumerate(threads[1:], start=1):
        tale.connects(f"silent {number}").accepts(f"silent {number}").has_threads(count).quiet()
    return tale.over()


@pytest.mark.parametrize(
    ("found", "threads", "design"),
    [
        ("pool(2)", [3, 3, 3, 4, 5, 6, 7], "threads"),  # it grows while all are busy
        ("threads", [18, 19, 20, 21, 21, 21, 21], "pool(3)"),  # it starts three with the first three
        ("pool(2)", [3, 3, 3, 3, 3, 3, 3], "pool(2)"),
        ("pool(64)", [65, 65, 65, 65, 65, 65, 65], "pool(64)"),
        ("threads", [19, 19, 20, 21, 22, 23, 24], "threads"),  # a thread of the JVM's own has ended
        ("threads", [1, 2, 3, 4, 5, 6, 7], "threads"),
        ("fork", [1, 1, 1, 1, 1, 1, 1], "fork"),
    ],
)
def test_a_pool_that_grows_is_none_and_one_that_stops_is_one(
    found: str, threads: list[int], design: str
) -> None:
    assert with_many(found, silent_few(threads)) == design


@pytest.mark.parametrize(("threads", "design"), [(28, "pool(10)"), (50, "threads"), (49, "threads")])
def test_a_crowd_that_comes_at_once_shows_how_far_a_pool_grows(threads: int, design: str) -> None:
    tale = story("silent crowd").starts().sleeps_in(futex=17, accept=1).quiet()
    for number in range(1, 33):
        tale.connects(f"silent {number}").accepts(f"silent {number}")
    tale.has_threads(threads).sleeps_in(futex=17, accept=1, read=10 if threads == 28 else 32)
    assert with_many("threads", tale.has_threads(threads).quiet().over()) == design


def test_a_connection_with_two_descriptors_is_one_client() -> None:
    tale = story("silent crowd").starts().sleeps_in(accept=1).quiet()
    for number in range(1, 33):
        tale.connects(f"silent {number}").accepts(f"silent {number}").accepts(f"silent {number}")
    tale.has_threads(33).sleeps_in(accept=1, read=32)
    assert with_many("threads", tale.has_threads(33).quiet().over()) == "threads"
    tale = story("silent few").starts(workers=4).quiet()
    for number in range(1, 5):
        tale.connects(f"silent {number}").accepts(f"silent {number}", by=SERVER + number)
        tale.accepts(f"silent {number}", by=SERVER + number).quiet()
    assert with_many("prefork(4)", tale.over()) == "prefork(4)"


def test_threads_that_read_for_work_are_a_pool_and_no_event_loop() -> None:
    tale = story(SERIES).starts().has_threads(65).sleeps_in(accept=1, read=64).quiet()
    tale.connects("client 1").accepts("client 1").sleeps_in(accept=1, read=64).quiet()
    assert seen_in(tale.over()) == "pool(64)"


def test_a_runtime_that_lets_in_by_epoll_and_then_reads_has_no_pool() -> None:
    tale = story(SERIES).starts().has_threads(19).sleeps_in(futex=18, epoll_wait=1).quiet()
    tale.connects("client 1").accepts("client 1").sleeps_in(futex=18, read=1).quiet()
    assert seen_in(tale.over()) == "one process"


def test_a_worker_that_starts_a_thread_for_each_client_serves_by_threads() -> None:
    tale = story(SERIES).starts(workers=1).quiet().connects("client 1")
    worker = SERVER + 1
    tale.accepts("client 1", by=worker).is_known(worker, threads=2)
    assert seen_in(tale.quiet().over()) == "threads"


@pytest.mark.parametrize(("ignored", "design"), [(0, "threads"), (SIGCHLD, "fork")])
def test_who_ignores_sigchld_has_children_that_nobody_saw(ignored: int, design: str) -> None:
    tale = story(SERIES).starts().is_known(ignored=ignored).quiet()
    for client in ("client 1", "client 2"):
        tale.connects(client).counts(1).quiet()
    assert seen_in(tale.over()) == design


@pytest.mark.parametrize(("threads", "design"), [(1, "prefork(4)"), (2, "threads")])
def test_who_hands_a_connection_over_may_keep_a_copy_of_it(threads: int, design: str) -> None:
    tale = story(SERIES).starts(workers=4)
    for worker in range(SERVER + 1, SERVER + 5):
        tale.is_known(worker, listens=False)
    tale.quiet().connects("client 1").accepts("client 1").has_threads(2)
    tale.accepts("client 1", by=SERVER + 2).is_known(SERVER + 2, threads=threads)
    assert seen_in(tale.quiet().over()) == design


def held_by_workers(number: int, each: int, threads: int = 1) -> Recording:
    """Workers that stood ready hold so many silent clients each."""
    tale = story("silent few").starts(workers=number).quiet()
    for client in range(number * each):
        worker = SERVER + 1 + client % number
        tale.connects(f"silent {client + 1}").accepts(f"silent {client + 1}", by=worker)
        tale.is_known(worker, threads=threads + client if threads > 1 else 1).quiet()
    return tale.over()


@pytest.mark.parametrize(
    ("number", "each", "threads", "design"),
    [
        (4, 1, 1, "prefork(4)"),
        (2, 3, 1, "workers(2)"),
        (1, 6, 1, "one process"),  # the other only watches over it
        (1, 6, 2, "threads"),
        (3, 2, 2, "workers(3)"),
    ],
)
def test_a_process_started_beforehand_may_serve_many_at_once(
    number: int, each: int, threads: int, design: str
) -> None:
    assert with_many(f"prefork({number})", held_by_workers(number, each, threads)) == design
