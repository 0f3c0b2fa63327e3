"""Stories of moments/threads."""

from __future__ import annotations

from typing import Any

from harness.record.recording import Recording
from tests.recordings import Story, story
from tests.stories import FAIL, INCONCLUSIVE, NOT_APPLICABLE, PASS, shows


def says(tale: Story, *clients: str) -> Story:
    """Each client says a line in which its own name stands."""
    for client in clients:
        tale.asks(client, f"{client} speaks\n".encode())
    return tale


def is_served(tale: Story, *clients: str) -> Story:
    """Each client says its line, and is answered by its own thread."""
    for client in clients:
        says(tale, client).answers(client).closes(client)
    return tale


def come(tale: Story, *clients: str) -> Story:
    """These clients connect, and a thread is started for each."""
    for client in clients:
        tale.connects(client).accepts(client).quiet()
    return tale


def followed(*, times: int = 2, points: int = 2) -> Story:
    """A client comes, and one asks, while all threads are followed and nobody is held."""
    tale = come(story("held threads").starts().sleeps_in(accept=1), "as usual 1", "as usual 2")
    is_served(tale, "as usual 1", "as usual 2").quiet().leaves("as usual 1", "as usual 2").quiet()
    for number, when in enumerate(("comes", "asks")[:times]):
        held, beside, newcomer = (f"{name} {number}" for name in (when, "beside", "newcomer"))
        come(tale, beside, held)
        tale.was_followed(when, points)
        come(tale, newcomer)
        is_served(tale, beside, held, newcomer).quiet().leaves(beside, held, newcomer).quiet()
    return tale


def one_came(point: str = "before read", result: int = 0, *, of: int = 1, **held: Any) -> Story:
    """A client comes and its thread is held; another one is served, and two come meanwhile."""
    tale = come(followed(), "beside 2", "comes 2", "newcomer 2")
    is_served(tale, "beside 2").quiet().leaves("beside 2")
    return come(tale, "latecomer 2").was_held(1, "comes", point, result, of=of, **held)


def one_asked(point: str, *, newcomer: bool = True, **held: Any) -> Story:
    """A client asks and its thread is held before it answers; one asks, and one comes, meanwhile."""
    tale = come(followed(), "beside 2", "asks 2")
    says(tale, "asks 2").quiet()
    if newcomer:
        come(tale, "newcomer 2")
    return says(tale, "beside 2").quiet().was_held(1, "asks", point, of=1, **held)


def all_leave(tale: Story, *names: str) -> Recording:
    """The clients of the trial leave, and the scenario ends."""
    return tale.quiet().leaves(*(f"{name} 2" for name in names)).quiet().over()


@shows("moments/threads", PASS)
def everybody_is_served_whichever_thread_is_late() -> Recording:
    tale = is_served(one_came(frame="read_line(), server.c:40"), "comes 2").quiet()
    return all_leave(is_served(tale, "newcomer 2", "latecomer 2"), "comes", "newcomer", "latecomer")


@shows("moments/threads", PASS)
def who_found_the_queue_full_does_not_count() -> Recording:
    tale = come(followed(), "beside 2", "comes 2").hangs("newcomer 2")
    is_served(tale, "beside 2").quiet().was_held(1, "comes", "before accept", of=1)
    return all_leave(is_served(tale, "comes 2"), "comes", "beside")


@shows("moments/threads", FAIL, "connection-by-address")
def its_thread_takes_the_next_clients_connection() -> Recording:
    tale = says(one_came("before set_robust_list"), "comes 2").leaves_unread("comes 2", 15)
    return all_leave(tale, "comes", "newcomer", "latecomer")


@shows("moments/threads", FAIL, "signal-before-wait")
def nobody_takes_the_newcomer_from_the_queue() -> Recording:
    tale = is_served(one_came("before write"), "comes 2").quiet()
    says(tale, "newcomer 2", "latecomer 2").leaves_unread("newcomer 2", 18)
    return all_leave(tale.leaves_unread("latecomer 2", 19), "comes", "newcomer", "latecomer")


@shows("moments/threads", FAIL, "taken-twice")
def two_threads_have_taken_one_place() -> Recording:
    tale = is_served(one_came("before setsockopt"), "comes 2").quiet()
    is_served(tale, "latecomer 2")
    return all_leave(says(tale, "newcomer 2"), "comes", "newcomer", "latecomer")


@shows("moments/threads", FAIL, "closed-by-another")
def the_newcomers_connection_is_closed_by_another_thread() -> Recording:
    tale = one_asked("before close").answers("asks 2").closes("asks 2")
    tale.answers("beside 2").closes("beside 2").quiet()
    return all_leave(says(tale, "newcomer 2").closes("newcomer 2"), "asks", "beside", "newcomer")


@shows("moments/threads", FAIL, "lock-order")
def two_threads_wait_for_each_other() -> Recording:
    tale = one_asked("before write").answers("asks 2").sleeps_in(accept=1, futex=3)
    return all_leave(tale, "asks", "beside", "newcomer")


@shows("moments/threads", FAIL, "shared-by-threads", needs="nothing")
def one_gets_the_words_of_another() -> Recording:
    tale = one_asked("before write", newcomer=False).answers("beside 2").closes("beside 2")
    tale.answers("asks 2", b"BESIDE 2 SPEAKS\n").closes("asks 2")
    return all_leave(tale, "asks", "beside")


@shows("moments/threads", FAIL, "shared-by-threads")
def what_one_had_read_is_gone_when_it_goes_on() -> Recording:
    tale = one_asked("after read", newcomer=False, result=1).leaves_unread("asks 2", 0)
    tale.answers("beside 2").closes("beside 2").sleeps_in(accept=1, read=1)
    return all_leave(tale, "asks", "beside")


@shows("moments/threads", FAIL, "bad-pointer")
def it_dies_when_a_thread_is_late() -> Recording:
    tale = one_asked("before write").dies(11)
    return tale.quiet().leaves("asks 2", "beside 2", "newcomer 2").quiet().over()


@shows("moments/threads", FAIL)
def it_is_answered_and_never_closed() -> Recording:
    tale = one_asked("before close").answers("asks 2").answers("beside 2").closes("beside 2")
    return all_leave(tale, "asks", "beside", "newcomer")


@shows("moments/threads", NOT_APPLICABLE)
def no_threads_serve() -> Recording:
    tale = story("held threads").starts()
    return tale.branches("no two clients are served by threads of one process").over()


@shows("moments/threads", NOT_APPLICABLE)
def its_threads_may_not_be_followed() -> Recording:
    tale = followed(times=0).branches("ptrace(): Operation not permitted", refused=True)
    return tale.over()


@shows("moments/threads", NOT_APPLICABLE)
def one_is_not_answered_also_where_nobody_is_held() -> Recording:
    return followed(times=1).over()


@shows("moments/threads", NOT_APPLICABLE)
def no_thread_came_to_the_point_again() -> Recording:
    tale = one_came(reached=False)
    return all_leave(
        is_served(tale, "comes 2", "newcomer 2", "latecomer 2"), "comes", "newcomer", "latecomer"
    )


@shows("moments/threads", INCONCLUSIVE)
def one_point_of_two_was_tried() -> Recording:
    tale = is_served(one_came(of=2), "comes 2", "newcomer 2", "latecomer 2")
    return all_leave(tale, "comes", "newcomer", "latecomer")


@shows("moments/threads", INCONCLUSIVE)
def it_was_not_followed_to_the_end() -> Recording:
    return followed(times=1).breaks_off()
