"""Stories of concurrency/*."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from harness.record.recording import Recording
from harness.record.visits import Visit
from tests.recordings import SERVER, Story, story
from tests.stories import (
    BLOCKED,
    FAIL,
    INCONCLUSIVE,
    NOT_APPLICABLE,
    PASS,
    shows,
)

FOLK = [f"person {number}" for number in range(1, 21)]


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


@shows("concurrency/silent-client", FAIL, "reads-before-fork")
def it_forks_once_the_line_has_come() -> Recording:
    tale = story("silent client").starts().connects("silent").accepts("silent").quiet()
    tale.connects("quick").sleeps("read").quiet().asks("quick").quiet().asks("silent")
    tale.starts_program(waits=True).answers("silent").closes("silent").accepts("quick")
    tale.starts_program(waits=True).answers("quick").closes("quick").sleeps("accept")
    return tale.quiet().leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "waits-in-loop")
def it_waits_for_one_client_in_a_loop_for_many() -> Recording:
    tale = story("silent client").starts().sleeps("epoll_wait").quiet()
    return silence(tale.connects("silent").accepts("silent").quiet(), "read")


@shows("concurrency/silent-client", FAIL, "iterative")
def it_sleeps_for_a_while_when_the_silent_one_has_spoken() -> Recording:
    tale = story("silent client").starts().connects("silent").accepts("silent").quiet()
    tale.connects("quick").sleeps("read").quiet().asks("quick").quiet().asks("silent").answers("silent")
    return tale.sleeps("clock_nanosleep").until().leaves("quick", "silent").until().over()


@shows("concurrency/silent-client", FAIL, "reads-unready")
def it_reads_from_the_silent_one_when_the_quick_one_speaks() -> Recording:
    tale = story("silent client").starts().sleeps("poll").quiet()
    for name in ("silent", "quick"):
        tale.connects(name).accepts(name, call="poll").quiet()
    tale.asks("quick").sleeps("read").leaves_unread("quick", 6).quiet().asks("silent")
    tale.answers("silent").closes("silent").answers("quick").closes("quick").sleeps("poll").quiet()
    return tale.leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "listens-anew")
def its_queue_is_thrown_away_with_the_socket() -> Recording:
    tale = story("silent client").starts().connects("silent").accepts("silent").quiet()
    tale.connects("quick").sleeps("read").quiet().asks("quick").quiet().asks("silent")
    tale.answers("silent").closes("silent").resets("quick").sleeps("accept").quiet()
    return tale.leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", BLOCKED)
def it_does_not_listen_while_it_serves() -> Recording:
    return refusing("silent client")


def refusing(scenario: str) -> Recording:
    """A server has no listening socket while it serves one client, and has one again afterwards."""
    tale = story(scenario).starts().connects("silent").accepts("silent").stops_listening()
    tale.sleeps("read").quiet().is_refused("quick").asks("silent").answers("silent").closes("silent")
    return tale.listens_again().sleeps("accept").quiet().leaves("silent").quiet().over()


@shows("concurrency/silent-client", BLOCKED)
def each_is_answered_before_it_has_asked() -> Recording:
    tale = story("silent client").starts()
    for name in ("silent", "quick"):
        tale.connects(name).accepts(name).answers(name, b"HELLO\n").closes(name).quiet()
    return tale.asks("quick").quiet().asks("silent").quiet().leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "reply-at-next-event")
def the_line_is_read_and_its_reply_kept_back() -> Recording:
    tale = story("silent client").starts().connects("silent").accepts("silent").quiet().connects("quick")
    tale.accepts("quick").quiet().asks("quick").quiet().asks("silent").answers("quick")
    return tale.answers("silent").closes("quick").closes("silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "waits-in-parent")
def the_parent_waits_for_the_silent_ones_child() -> Recording:
    tale = story("silent client").starts().connects("silent").forks("silent").sleeps("wait4").quiet()
    return silence(tale, "wait4")


@shows("concurrency/silent-client", FAIL, "joins-at-once")
def the_first_thread_waits_for_the_silent_ones_thread() -> Recording:
    tale = story("silent client").starts().connects("silent").accepts("silent").has_threads(2)
    return silence(tale.sleeps("futex").quiet(), "futex")


@shows("concurrency/silent-client", FAIL, "lock-around-service")
def each_client_has_a_thread_and_one_is_served() -> Recording:
    tale = story("silent client").starts().connects("silent").accepts("silent", call="accept")
    tale.has_threads(2).quiet().connects("quick").accepts("quick", call="accept").has_threads(3).quiet()
    tale.asks("quick").leaves_unread("quick", 20).quiet().asks("silent").answers("silent")
    tale.closes("silent").answers("quick").closes("quick")
    return tale.quiet().leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "lock-around-service")
def the_first_thread_waits_for_the_end_and_another_lets_them_all_in() -> Recording:
    """As in a JVM, whose first thread sleeps in a futex from first to last."""
    tale = story("silent client").starts().sleeps_in(futex=9, accept=1).sleeps("futex").quiet()
    tale.connects("silent").accepts("silent", call="futex").sleeps_in(futex=9, accept=1, read=1).quiet()
    tale.connects("quick").accepts("quick", call="futex").sleeps_in(futex=10, accept=1, read=1).quiet()
    tale.asks("quick").leaves_unread("quick", 20).quiet().asks("silent").answers("silent")
    tale.closes("silent").answers("quick").closes("quick")
    return tale.quiet().leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "lock-around-service")
def a_goroutine_of_each_waits_for_the_one_that_has_the_lock() -> Recording:
    tale = Story("silent client", "server.go").starts(threads=5).sleeps("futex").quiet()
    tale.connects("silent").accepts("silent", call="futex").quiet().connects("quick")
    tale.accepts("quick", call="futex").quiet().asks("quick").leaves_unread("quick", 20).quiet()
    tale.asks("silent").answers("silent").closes("silent").answers("quick").closes("quick")
    return tale.quiet().leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL)
def the_parent_sleeps_in_epoll_wait_and_lets_nobody_in() -> Recording:
    tale = story("silent client").starts().connects("silent").forks("silent")
    return silence(tale.sleeps("epoll_wait").quiet(), "epoll_wait")


@shows("concurrency/silent-client", FAIL, "lock-among-children")
def the_second_child_waits_for_a_lock_that_the_first_one_holds() -> Recording:
    tale = story("silent client").starts().connects("silent").forks("silent").quiet()
    tale.connects("quick").forks("quick").sleeps("fcntl", tale.child_of("quick")).quiet()
    tale.asks("quick").leaves_unread("quick", 20).quiet().asks("silent").answers("silent")
    tale.closes("silent").exits("silent").reaps("silent").answers("quick").closes("quick")
    return tale.exits("quick").reaps("quick").quiet().leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "waits-in-vfork")
def the_parent_sleeps_in_vfork_while_its_child_serves() -> Recording:
    tale = story("silent client").starts().connects("silent").forks("silent").sleeps("vfork").quiet()
    return silence(tale, "vfork")


@shows("concurrency/silent-client", FAIL, "one-worker")
def the_only_worker_reads_from_the_silent_one() -> Recording:
    tale = story("silent client").starts(workers=1).connects("silent")
    return silence(tale.accepts("silent", by=SERVER + 1).sleeps("pause").quiet(), "pause")


@shows("concurrency/silent-client", FAIL, "lock-among-workers")
def one_of_three_processes_serves_and_the_others_wait_for_its_lock() -> Recording:
    tale = story("silent client").starts(workers=3).sleeps("pause")
    tale.sleeps("flock", SERVER + 2).sleeps("flock", SERVER + 3).quiet().connects("silent")
    return silence(tale.accepts("silent", by=SERVER + 1).quiet(), "pause")


@shows("concurrency/silent-client", FAIL, "lock-among-workers")
def one_of_three_threads_serves_and_the_others_sleep() -> Recording:
    tale = story("silent client").starts().sleeps_in(accept=1, futex=3).quiet().connects("silent")
    tale.accepts("silent", call="accept").sleeps_in(accept=1, futex=2, read=1).quiet()
    tale.connects("quick").accepts("quick", call="accept").quiet().asks("quick")
    tale.leaves_unread("quick", 20).quiet().asks("silent").answers("silent").closes("silent")
    tale.answers("quick").closes("quick")
    return tale.quiet().leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "several-serve-one")
def three_threads_read_from_one_client() -> Recording:
    tale = story("silent client").starts().sleeps_in(accept=1, futex=3).quiet().connects("silent")
    tale.accepts("silent", call="accept").sleeps_in(accept=1, read=3).quiet()
    tale.connects("quick").accepts("quick", call="accept").quiet().asks("quick")
    tale.leaves_unread("quick", 20).quiet().asks("silent").answers("silent").closes("silent")
    return tale.quiet().leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "forks-before-accept")
def the_parent_waits_for_the_child_that_it_forked_before_anybody_came() -> Recording:
    tale = story("silent client").starts(workers=1).connects("silent")
    tale.accepts("silent", by=SERVER + 1).sleeps("wait4").quiet().connects("quick").quiet()
    tale.asks("quick").quiet().asks("silent").answers("silent").closes("silent")
    tale.worker_ends(SERVER + 1).forks_worker().accepts("quick", by=SERVER + 2).answers("quick")
    tale.closes("quick").worker_ends(SERVER + 2).forks_worker().quiet()
    return tale.leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "one-worker")
def the_parent_waits_for_the_only_worker_which_serves_on() -> Recording:
    tale = story("silent client").starts(workers=1).connects("silent")
    tale.accepts("silent", by=SERVER + 1).sleeps("wait4").quiet().connects("quick").quiet()
    tale.asks("quick").quiet().asks("silent").answers("silent").closes("silent")
    tale.accepts("quick", by=SERVER + 1).answers("quick").closes("quick").quiet()
    return tale.leaves("quick", "silent").quiet().over()


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


def sent_away(*, told: bytes = b"SORRY, BUSY\n", others: bytes = b"LATE\n") -> Recording:
    """The server sends the quick client a text and closes; the silent one is served when it asks."""
    tale = story("silent client").starts().connects("silent").forks("silent").quiet()
    tale.connects("quick").forks("quick").quiet().asks("quick")
    if told:
        tale.answers("quick", told)
    tale.closes("quick").exits("quick").reaps("quick").quiet().asks("silent", b"late\n")
    tale.answers("silent", others).closes("silent").exits("silent").reaps("silent").quiet()
    return tale.leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "turns-away", needs="nothing")
def whoever_comes_meanwhile_is_told_that_it_is_busy() -> Recording:
    return sent_away()


@shows("concurrency/silent-client", FAIL, "turns-away", needs="nothing")
def whoever_comes_meanwhile_is_let_go_without_a_word() -> Recording:
    return sent_away(told=b"")


@shows("concurrency/silent-client", FAIL, needs="nothing")
def what_was_started_for_the_quick_one_has_ended_unseen() -> Recording:
    tale = story("silent client").starts().connects("silent").forks("silent").quiet()
    tale.connects("quick").forks("quick").closes("quick").exits("quick").reaps("quick").quiet()
    tale.asks("quick").quiet().asks("silent").answers("silent").closes("silent").exits("silent")
    return tale.reaps("silent").quiet().leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "dies-after-first", needs="nothing")
def the_server_crashes_when_the_quick_one_comes() -> Recording:
    tale = story("silent client").starts().connects("silent").accepts("silent").quiet()
    tale.connects("quick").closes("quick").closes("silent").stops_listening().dies(11).quiet()
    return tale.asks("quick").quiet().asks("silent").quiet().leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "ends-when-two-come", needs="nothing")
def the_server_ends_when_the_quick_one_comes() -> Recording:
    tale = story("silent client").starts().connects("silent").accepts("silent").quiet()
    tale.connects("quick").closes("quick").closes("silent").stops_listening().dies(1 << 8).quiet()
    return tale.asks("quick").quiet().asks("silent").quiet().leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-few", FAIL, "ends-after-so-many", needs="nothing")
def the_server_ends_when_the_seventh_one_comes() -> Recording:
    tale = story("silent few").starts()
    names = [f"silent {number}" for number in range(1, 7)]
    for name in names:
        tale.connects(name).forks(name).quiet()
    tale.connects("quick").closes("quick").stops_listening().dies(0).quiet()
    tale.asks("quick").quiet().asks(names[0]).quiet()
    return tale.leaves("quick", *names).quiet().over()


def losing_patience(**terms: Any) -> Recording:
    """The quick client is accepted, and its connection closed after five seconds, before it asks."""
    tale = story("silent client").is_asked_for(**terms).starts()
    tale.connects("silent").forks("silent").rests().connects("quick").forks("quick").rests().waits(5)
    tale.closes("quick").exits("quick").reaps("quick").asks("quick").rests().asks("silent", b"late\n")
    tale.answers("silent").closes("silent").exits("silent").reaps("silent").quiet()
    return tale.leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-client", FAIL, "throws-out-silent", needs="nothing")
def the_quick_one_is_thrown_out_before_it_asks() -> Recording:
    return losing_patience()


@shows("concurrency/silent-client", INCONCLUSIVE)
def the_quick_one_is_thrown_out_as_the_assignment_wants() -> Recording:
    return losing_patience(idle_timeout_s=[4, 7])


@shows("concurrency/silent-client", INCONCLUSIVE)
def the_silent_one_is_thrown_out_before_the_quick_one_comes() -> Recording:
    tale = story("silent client").is_asked_for(idle_timeout_s=[4, 7]).starts()
    tale.connects("silent").accepts("silent").rests().waits(5).closes("silent").rests()
    return tale.serves("quick").leaves("silent").quiet().over()


@shows("concurrency/silent-client", PASS)
def everybody_is_told_the_same_wrong_thing() -> Recording:
    return sent_away(told=b"WELCOME\n", others=b"WELCOME\n")


@shows("concurrency/silent-client", PASS)
def the_quick_ones_own_answer_is_wrong_by_a_byte() -> Recording:
    return sent_away(told=b"HELLO\n\0\0\0")


@shows("concurrency/silent-client", FAIL, "iterative")
def it_is_asked_to_wait_and_waits() -> Recording:
    tale = story("silent client").starts().connects("silent").accepts("silent").quiet()
    tale.connects("quick").quiet().asks("quick").answers("quick", b"PLEASE WAIT\n").quiet()
    tale.asks("silent").answers("silent").closes("silent")
    tale.accepts("quick").answers("quick").closes("quick").sleeps("accept")
    return tale.quiet().leaves("quick", "silent").quiet().over()


def few(places: int) -> Recording:
    """Six silent clients and a quick one, at a server with this number of places."""
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


def many() -> Story:
    """Five hundred came and went, and were served."""
    return story("long run").starts().serves("first").come_and_go("up to 500", 499).quiet()


def after_many() -> Story:
    """Somebody connects late in the server's life, and says nothing."""
    return many().serves("last").connects("silent")


@shows("concurrency/silent-later", PASS)
def the_five_hundredth_has_a_child_too() -> Recording:
    tale = after_many().forks("silent").quiet().connects("quick").forks("quick").quiet()
    tale.asks("quick").answers("quick").closes("quick").exits("quick").reaps("quick").quiet()
    tale.asks("silent").answers("silent").closes("silent").exits("silent").reaps("silent")
    return tale.quiet().leaves("quick", "silent").quiet().over()


@shows("concurrency/silent-later", FAIL, "concurrent-at-first")
def the_five_hundredth_is_served_by_the_parent() -> Recording:
    return silence(after_many().accepts("silent").quiet(), "read")


@shows("concurrency/silent-later", FAIL, "waits-when-full")
def a_full_array_is_joined_while_one_is_silent() -> Recording:
    tale = after_many().accepts("silent").quiet().connects("quick").accepts("quick").quiet()
    tale.asks("quick").answers("quick").closes("quick").quiet().come_and_go("beside a silent one", 98)
    tale.connects("after").sleeps("futex").quiet().asks("after").quiet()
    tale.asks("silent").answers("silent").closes("silent")
    tale.accepts("after").answers("after").closes("after").sleeps("accept")
    return tale.quiet().leaves("quick", "after", "silent").quiet().over()


@shows("concurrency/silent-later", PASS)
def a_hundred_come_and_go_beside_a_silent_one() -> Recording:
    tale = after_many().accepts("silent").quiet().connects("quick").accepts("quick").quiet()
    tale.asks("quick").answers("quick").closes("quick").quiet().come_and_go("beside a silent one", 110)
    tale.connects("after").accepts("after").quiet().asks("after").answers("after").closes(
        "after"
    ).quiet()
    tale.asks("silent").answers("silent").closes("silent")
    return tale.quiet().leaves("quick", "after", "silent").quiet().over()


@shows("concurrency/silent-later", FAIL, "waits-in-parent")
def a_parent_waits_for_the_five_hundredth_child() -> Recording:
    return silence(after_many().forks("silent").sleeps("wait4").quiet(), "wait4")


@shows("concurrency/silent-later", BLOCKED)
def the_last_of_many_is_not_answered() -> Recording:
    tale = many().connects("last").quiet().asks("last").quiet().leaves("last").quiet()
    return tale.branches("the last client was not answered: no silent one comes").over()


@shows("concurrency/silent-later", INCONCLUSIVE)
def no_silent_one_came_after_many() -> Recording:
    return many().serves("last").over()


@shows("concurrency/silent-few", PASS)
def there_is_a_place_for_the_seventh() -> Recording:
    return few(places=7)


@shows("concurrency/silent-few", FAIL, "limited-workers")
def there_are_four_places() -> Recording:
    return few(places=4)


def three(*, answered: Sequence[str], at_last: Sequence[str] = ()) -> Recording:
    """Three clients ask, the last first; some are answered at once, some at the end."""
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


@shows("concurrency/last-first", FAIL, "turns-away", needs="a look")
def the_third_is_sent_away() -> Recording:
    tale = story("last first").starts()
    for name in ("first", "second", "third"):
        tale.connects(name).forks(name).quiet()
    tale.asks("third").answers("third", b"TOO MANY\n").closes("third").exits("third").quiet()
    for name in ("second", "first"):
        tale.asks(name).answers(name).closes(name).exits(name).quiet()
    return tale.leaves("first", "second", "third").quiet().over()


@shows("concurrency/last-first", FAIL)
def the_third_is_never_answered() -> Recording:
    return three(answered=("first", "second"))


def ended_by_a_slow_reader(words: str) -> Recording:
    """It ends while one client does not read its reply, and another one is there."""
    tale = story("slow reader").starts().connects("slow").accepts("slow", call="poll").quiet()
    tale.asks("slow").quiet().connects("quick").accepts("quick", call="poll").quiet().prints(words)
    tale.closes("quick").stops_listening().dies(1 << 8).quiet().asks("quick").quiet()
    tale.reads_on("slow", 4096).answers("slow").closes("slow").quiet()
    return tale.leaves("slow", "quick").quiet().over()


@shows("concurrency/slow-reader", FAIL, "would-block-is-fatal", needs="nothing")
def a_full_buffer_ends_it() -> Recording:
    return ended_by_a_slow_reader("write: Resource temporarily unavailable\n")


@shows("concurrency/slow-reader", FAIL, "error-ends-server", needs="nothing")
def another_error_ends_it() -> Recording:
    return ended_by_a_slow_reader(
        'Traceback (most recent call last):\n  File "a.py", line 9, in <module>\nKeyError: 4\n'
    )


@shows("concurrency/last-first", FAIL, needs="a look")
def the_server_ends_before_the_first_has_asked() -> Recording:
    tale = story("last first").starts()
    for name in ("first", "second", "third"):
        tale.connects(name).accepts(name, call="epoll_wait").quiet()
    for name in ("third", "second"):
        tale.asks(name).answers(name).closes(name).quiet()
    tale.waits(2).closes("first").stops_listening().dies(1 << 8).quiet().asks("first").quiet()
    return tale.leaves("first", "second", "third").quiet().over()


@shows("concurrency/last-first", FAIL, "never-woken")
def the_second_waits_for_a_lock_that_the_third_has_kept() -> Recording:
    tale = story("last first").starts()
    for number, name in enumerate(("first", "second", "third"), start=1):
        tale.connects(name).accepts(name, call="accept").sleeps_in(accept=1, recvfrom=number).quiet()
    tale.asks("third").answers("third").closes("third").sleeps_in(accept=1, recvfrom=2).quiet()
    tale.asks("second").sleeps_in(accept=1, recvfrom=1, futex=1).quiet()
    tale.asks("first").sleeps_in(accept=1, futex=2).quiet()
    return tale.leaves("first", "second", "third").quiet().over()


@shows("concurrency/last-first", FAIL, "shared-connection")
def the_thread_of_the_second_reads_and_answers_elsewhere() -> Recording:
    tale = story("last first").starts()
    for number, name in enumerate(("first", "second", "third"), start=2):
        tale.connects(name).accepts(name, call="accept").has_threads(number).quiet()
    tale.asks("third").answers("third").closes("third").has_threads(3).quiet()
    tale.asks("second").has_threads(2).quiet().asks("first").has_threads(1).quiet()
    return tale.leaves("first", "second", "third").quiet().over()


@shows("concurrency/last-first", FAIL, "shared-connection", needs="a look")
def the_thread_of_the_second_closes_when_it_has_read() -> Recording:
    tale = story("last first").starts()
    for number, name in enumerate(("first", "second", "third"), start=2):
        tale.connects(name).accepts(name, call="accept").has_threads(number).quiet()
    tale.asks("third").answers("third").closes("third").has_threads(3).quiet()
    tale.asks("second").closes("second").has_threads(2).quiet().asks("first").closes("first")
    return tale.has_threads(1).quiet().leaves("first", "second", "third").quiet().over()


@shows("concurrency/last-first", FAIL, "shared-connection")
def the_loop_answers_whoever_came_last() -> Recording:
    tale = story("last first").starts().sleeps("epoll_wait").quiet()
    for name in ("first", "second", "third"):
        tale.connects(name).accepts(name, call="epoll_wait").quiet()
    tale.asks("third").answers("third").closes("third").quiet()
    tale.asks("second").quiet().asks("first").quiet()
    return tale.leaves("first", "second", "third").quiet().over()


def seated(*, seats: int = 20, waits: str = "") -> Recording:
    """This number of people get a prompt; all but one are answered at once, one after the others."""
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


@shows("concurrency/people", FAIL)
def one_screen_shows_the_clients_own_words() -> Recording:
    return are_told_that_it_left(story("people").starts())


@shows("concurrency/people", FAIL, "turns-away")
def one_connection_is_over_before_its_person_types() -> Recording:
    tale = story("people").starts().connects("one too many").accepts("one too many")
    return are_told_that_it_left(tale.closes("one too many"))


def are_told_that_it_left(tale: Story) -> Recording:
    """Every second person reads on their screen that the server left."""
    for person in FOLK:
        tale.sits_down(person).quiet()
    for number, person in enumerate(FOLK):
        left = b"the server left without a reply\n" if number % 2 else None
        tale.types(person).is_shown(person, left).quiet()
    return tale.over()


@shows("concurrency/people", FAIL, "throws-out-silent")
def one_person_is_thrown_out_while_others_type() -> Recording:
    tale = story("people").starts().connects("slow to type").accepts("slow to type")
    for person in FOLK:
        tale.sits_down(person).quiet()
    tale.types(FOLK[0]).is_shown(FOLK[0]).waits(2).lets_go("slow to type").quiet()
    tale.types(FOLK[1]).is_shown(FOLK[1], b"the server left without a reply\n").quiet()
    return tale.over()


@shows("concurrency/people", INCONCLUSIVE)
def one_is_thrown_out_after_a_silence_that_is_the_machines() -> Recording:
    tale = story("people").starts().connects("slow to type").accepts("slow to type").quiet().waits(3)
    for person in FOLK:
        tale.sits_down(person).quiet()
    tale.types(FOLK[0]).is_shown(FOLK[0]).lets_go("slow to type").quiet()
    tale.types(FOLK[1]).is_shown(FOLK[1], b"the server left without a reply\n").quiet()
    return tale.over()


def given_up(after_s: int, *, last: bool = False) -> Recording:
    """One thread has given its client up after a time, and keeps the connection; the next one waits."""
    tale = story("people").starts().connects("given up").accepts("given up").sleeps("accept").quiet()
    for person in FOLK:
        tale.sits_down(person).quiet()
    tale.waits(after_s)
    if not last:
        tale.types(FOLK[0]).is_shown(FOLK[0])
    return tale.types(FOLK[1]).quiet().over()


@shows("concurrency/people", INCONCLUSIVE)
def one_is_given_up_after_a_silence_that_is_the_machines() -> Recording:
    return given_up(after_s=3)


@shows("concurrency/people", FAIL)
def one_who_came_early_is_not_answered() -> Recording:
    return given_up(after_s=1)


@shows("concurrency/people", FAIL, "drops-beyond-16")
def the_last_who_sat_down_is_not_answered() -> Recording:
    return given_up(after_s=3, last=True)


@shows("concurrency/people", FAIL, "limited-workers")
def only_ten_get_a_prompt() -> Recording:
    return seated(seats=10)


@shows("concurrency/people", FAIL, needs="nothing")
def two_people_sit_at_programs_that_somebody_kills() -> Recording:
    tale = story("people").starts().sits_down("person 1").sits_down("person 2", prompted=False)
    return tale.leaves("person 1", "person 2").is_killed_at("person 1", "person 2").quiet().over()


@shows("concurrency/people", BLOCKED)
def nobody_listens_any_more() -> Recording:
    return story("people").starts().stops_listening().sits_down(FOLK[0], prompted=False).quiet().over()


@shows("concurrency/people", NOT_APPLICABLE)
def the_greeting_would_be_taken_for_the_reply() -> Recording:
    return story("people").starts().is_asked_for(greeting="220 ready\r\n").over()


@shows("concurrency/people", NOT_APPLICABLE)
def the_lectures_client_ends_its_lines_otherwise() -> Recording:
    return story("people").starts().is_asked_for(line_ending="\r\n").over()


# Thirty-two silent clients


def silent_crowd(*, places: int, quick_is_answered: bool, late: bool = True) -> Recording:
    """Each client gets a child while there are `places`; with fewer than 32 the next one waits."""
    names = [f"silent {number}" for number in range(1, places + 1)]
    tale = story("silent crowd").starts()
    for name in names:
        tale.connects(name).forks(name)
    if places < len(MANY):
        tale.connects(MANY[places]).quiet()
        tale.branches(f"the server accepts {places} at once, not {len(MANY)}", limit=places)
    tale.connects("quick").quiet().asks("quick")
    if quick_is_answered:
        tale.answers("quick").closes("quick")
    tale.quiet()
    for name in names:
        tale.asks(name).answers(name).closes(name)
    if not quick_is_answered and late:
        tale.answers("quick").closes("quick")
    return tale.quiet().leaves("quick", *names).quiet().over()


MANY = [f"silent {number}" for number in range(1, 33)]


@shows("concurrency/silent-crowd", PASS)
def there_is_a_place_for_the_thirty_third() -> Recording:
    return silent_crowd(places=32, quick_is_answered=True)


@shows("concurrency/silent-crowd", FAIL, "limited-places")
def there_are_ten_places() -> Recording:
    return silent_crowd(places=10, quick_is_answered=False)


@shows("concurrency/silent-crowd", FAIL)
def all_thirty_two_are_let_in_and_the_next_is_not_served() -> Recording:
    return silent_crowd(places=32, quick_is_answered=False, late=False)


@shows("concurrency/silent-crowd", INCONCLUSIVE)
def only_some_were_let_in_and_yet_the_next_was_answered() -> Recording:
    return silent_crowd(places=10, quick_is_answered=True)


# A client in mid-line


def half_a_line(tale: Story, call: str = "poll") -> Story:
    """One process serves; a client has sent half a line, and it sleeps in a call."""
    tale.connects("slow").accepts("slow").sleeps("poll").quiet().asks("slow", b"he").sleeps(call)
    return tale.connects("quick")


def the_rest_comes(tale: Story, reply: bytes = b"HELLO\n") -> Story:
    """The second half of the line, and the answer to the whole."""
    tale.asks("slow", b"llo\n")
    return tale.answers("slow", reply).closes("slow") if reply else tale


@shows("concurrency/half-line", PASS)
def half_a_line_delays_nobody() -> Recording:
    tale = half_a_line(story("half line").starts()).accepts("quick", call="poll").quiet()
    tale.asks("quick").answers("quick").closes("quick").quiet()
    return the_rest_comes(tale).quiet().leaves("slow", "quick").quiet().over()


@shows("concurrency/half-line", FAIL, "half-line-blocks-loop")
def the_loop_reads_on_until_the_newline() -> Recording:
    tale = half_a_line(story("half line").starts(), "read").quiet().asks("quick").quiet()
    the_rest_comes(tale).accepts("quick").answers("quick").closes("quick").sleeps("poll")
    return tale.quiet().leaves("slow", "quick").quiet().over()


@shows("concurrency/half-line", FAIL, "half-line-blocks-loop")
def the_loop_waits_in_poll_for_the_rest_of_this_line() -> Recording:
    tale = half_a_line(story("half line").starts(), "poll").quiet().asks("quick").quiet()
    the_rest_comes(tale).accepts("quick").answers("quick").closes("quick").sleeps("poll")
    return tale.quiet().leaves("slow", "quick").quiet().over()


@shows("concurrency/half-line", FAIL)
def half_a_line_ends_all_service() -> Recording:
    tale = half_a_line(story("half line").starts(), "pause").quiet().asks("quick").quiet()
    return the_rest_comes(tale, b"").quiet().leaves("slow", "quick").quiet().over()


@shows("concurrency/half-line", INCONCLUSIVE)
def the_rest_of_the_line_never_came() -> Recording:
    return half_a_line(story("half line").starts(), "read").quiet().asks("quick").quiet().over()


# A client that does not read

LONG = 128 << 10


def unread_reply(tale: Story, call: str) -> Story:
    """A client has sent a long line and reads nothing; the one process sleeps in a call."""
    tale.connects("slow").accepts("slow").sleeps("poll").quiet().asks("slow", b"x" * LONG).quiet()
    return tale.asks("slow", b"\n").sleeps(call).quiet().connects("quick")


@shows("concurrency/slow-reader", PASS)
def an_unread_reply_delays_nobody() -> Recording:
    tale = unread_reply(story("slow reader").starts(), "poll").accepts("quick", call="poll").quiet()
    tale.asks("quick").answers("quick").closes("quick").quiet().reads_on("slow", 2000)
    return tale.answers("slow", b"X" * LONG + b"\n").closes("slow").quiet().over()


@shows("concurrency/slow-reader", FAIL, "blocking-write-in-loop")
def the_loop_sleeps_in_write() -> Recording:
    tale = unread_reply(story("slow reader").starts(), "sendto").quiet().asks("quick").quiet()
    tale.reads_on("slow", 2000).answers("slow", b"X" * LONG + b"\n").closes("slow")
    return tale.accepts("quick").answers("quick").closes("quick").sleeps("poll").quiet().over()


@shows("concurrency/slow-reader", FAIL, "blocking-write-in-loop")
def the_loop_polls_for_one_client_alone() -> Recording:
    tale = unread_reply(story("slow reader").starts(), "poll").quiet().asks("quick").quiet()
    tale.reads_on("slow", 2000).answers("slow", b"X" * LONG + b"\n").closes("slow")
    return tale.accepts("quick").answers("quick").closes("quick").quiet().over()


@shows("concurrency/slow-reader", FAIL)
def an_unread_reply_ends_all_service() -> Recording:
    tale = unread_reply(story("slow reader").starts(), "pause").quiet().asks("quick").quiet()
    return tale.reads_on("slow", 0).quiet().over()


@shows("concurrency/slow-reader", INCONCLUSIVE)
def nobody_ever_read_the_reply() -> Recording:
    return unread_reply(story("slow reader").starts(), "sendto").quiet().asks("quick").quiet().over()


# Everybody's own answer


def pair(tale: Story, **replies: bytes) -> Story:
    """A client alone, then two by turns; each is answered rightly unless the reply is given."""
    tale.connects("alone").accepts("alone", call="poll").asks("alone", b"all alone\n")
    tale.answers("alone", replies.get("alone")).closes("alone").quiet()
    for name in ("anna", "otto"):
        tale.connects(name).accepts(name, call="poll").quiet()
    for name in ("anna", "otto"):
        tale.asks(name, f"{name} begins and ".encode())
    for name in ("anna", "otto"):
        tale.asks(name, f"{name} ends\n".encode())
        whole = f"{name} begins and {name} ends\n".upper().encode()
        tale.answers(name, replies.get(name, whole)).closes(name)
    return tale.quiet().leaves("alone", "anna", "otto").quiet()


def a_newcomer(*, unread: int, call: str = "select") -> Story:
    """One of two has been served and has left, and another comes; then the second says all it has to."""
    tale = story("cross talk").starts().sleeps(call).connects("alone").accepts("alone", call=call)
    tale.asks("alone", b"all alone\n").answers("alone").closes("alone").quiet()
    for name in ("anna", "otto"):
        tale.connects(name).accepts(name, call=call).asks(name, f"{name} begins and ".encode()).quiet()
    tale.asks("anna", b"anna ends\n").answers("anna", b"ANNA BEGINS AND ANNA ENDS\n").closes("anna")
    tale.quiet().leaves("anna").quiet().connects("emma").accepts("emma", call=call).quiet()
    return tale.asks("otto", b"otto ends\n").leaves_unread("otto", unread).quiet()


@shows("concurrency/cross-talk", FAIL, "unwatched-since")
def who_stays_is_not_looked_at_since_another_came() -> Recording:
    return queue(a_newcomer(unread=10).leaves("alone", "otto", "emma")).over()


@shows("concurrency/cross-talk", FAIL)
def who_stays_is_read_from_and_not_answered() -> Recording:
    return queue(a_newcomer(unread=0).leaves("alone", "otto", "emma")).over()


@shows("concurrency/cross-talk", PASS)
def who_stays_is_answered_when_another_has_come() -> Recording:
    tale = a_newcomer(unread=0).answers("otto", b"OTTO BEGINS AND OTTO ENDS\n").closes("otto")
    return queue(tale.leaves("alone", "otto", "emma")).over()


def queue(tale: Story, *, answered: int = 3, accepted: bool = True, threads: int = 0) -> Story:
    """Three clients ask from the queue; some are answered, the others wait; some threads start."""
    tale.freezes()
    names = [f"queued {number:02}" for number in (1, 2, 3)]
    for name in names:
        tale.connects(name)
    for name in names:
        tale.asks(name, f"{name} asks\n".encode())
    tale.thaws().sleeps("accept").has_started(threads)
    for name in names[:answered]:
        tale.accepts(name, call="accept").leaves_unread(name, 0).answers(name).closes(name)
    for name in names[answered:] if accepted else []:
        tale.accepts(name, call="accept")
    return tale.quiet().leaves(*names).quiet()


@shows("concurrency/cross-talk", PASS)
def each_gets_its_own_line() -> Recording:
    return queue(pair(story("cross talk").starts())).over()


@shows("concurrency/cross-talk", PASS)
def half_an_answer_is_no_cross_talk() -> Recording:
    tale = pair(story("cross talk").starts(), anna=b"ANNA BEGINS AND ", otto=b"OTTO BEGINS AND ")
    return queue(tale).over()


@shows("concurrency/cross-talk", FAIL, "keeps-last-piece", needs="nothing")
def of_each_line_the_last_piece_comes_back() -> Recording:
    tale = pair(story("cross talk").starts(), anna=b"ANNA ENDS\n", otto=b"OTTO ENDS\n")
    return queue(tale).over()


@shows("concurrency/cross-talk", FAIL, "shared-buffer", needs="nothing")
def two_lines_are_mixed_in_one_buffer() -> Recording:
    mixed = b"ANNA BEGINS AND OTTO BEGINS AND ANNA ENDS\n"
    return queue(pair(story("cross talk").starts(), anna=mixed, otto=b"OTTO ENDS\n")).over()


@shows("concurrency/cross-talk", FAIL, "line-left-behind", needs="nothing")
def the_second_goes_on_with_the_line_of_the_first() -> Recording:
    otto = b"ANNA BEGINS AND ANNA ENDS\nOTTO ENDS\n"
    return queue(pair(story("cross talk").starts(), otto=otto)).over()


@shows("concurrency/cross-talk", FAIL, "line-left-behind", needs="nothing")
def the_beginning_of_the_second_line_is_lost_once_the_first_has_left() -> Recording:
    return queue(pair(story("cross talk").starts(), otto=b"OTTO ENDS\n")).over()


@shows("concurrency/cross-talk", FAIL, needs="nothing")
def one_gets_what_the_other_said() -> Recording:
    anna, otto = b"ANNA BEGINS AND ANNA ENDS\n", b"OTTO BEGINS AND OTTO ENDS\n"
    return queue(pair(story("cross talk").starts(), anna=otto, otto=anna)).over()


@shows("concurrency/cross-talk", FAIL, "shared-connection", needs="nothing")
def the_last_to_come_gets_what_the_first_said_and_the_first_nothing() -> Recording:
    tale = story("cross talk").starts().connects("alone").accepts("alone").quiet().asks("alone")
    tale.answers("alone").closes("alone").quiet()
    for name in ("anna", "otto"):
        tale.connects(name).accepts(name, call="accept").quiet()
    for name in ("anna", "otto"):
        tale.asks(name, f"{name} begins and {name} ends\n".encode())
    tale.answers("otto", b"ANNA BEGINS AND ANNA ENDS\n").closes("otto").quiet()
    return queue(tale.leaves("alone", "anna", "otto").quiet()).over()


@shows("concurrency/cross-talk", FAIL, "connfd-pointer")
def some_of_the_queue_are_let_in_and_forgotten() -> Recording:
    return queue(pair(story("cross talk").starts()), answered=1, threads=3).over()


@shows("concurrency/cross-talk", FAIL)
def a_full_pool_forgets_some_of_the_queue() -> Recording:
    tale = pair(story("cross talk").starts().prints("no place for client 2\n"))
    return queue(tale, answered=1).over()


@shows("concurrency/cross-talk", FAIL)
def the_queue_is_never_served() -> Recording:
    return queue(pair(story("cross talk").starts()), answered=0, accepted=False).over()


@shows("concurrency/cross-talk", BLOCKED)
def even_alone_the_answer_is_wrong() -> Recording:
    return queue(pair(story("cross talk").starts(), alone=b"SOMETHING ELSE\n")).over()


@shows("concurrency/cross-talk", INCONCLUSIVE)
def being_continued_ended_it() -> Recording:
    tale = pair(story("cross talk").starts()).freezes().connects("queued 01")
    tale.asks("queued 01", b"queued 01 asks\n").thaws().stops_listening().dies(1 << 8)
    return tale.resets("queued 01").quiet().leaves("queued 01").quiet().over()


# A crowd against a lone client

MS = 1_000_000


def waits(*spans_ms: float, late_ms: float = 0.0, at_ms: int = 1) -> list[Visit]:
    """Visits of clients that ask at the same moment; each is answered after its wait, or never (inf)."""
    want = at_ms * MS
    asked = [(b"hello\n", want, max(1, want - MS), want + int(late_ms * MS))] * len(spans_ms)
    return [
        Visit(*each, 0, want + 3000 * MS)
        if math.isinf(span)
        else Visit(*each, want + int(span * MS), want + int(span * MS) + 1, b"HELLO\n")
        for each, span in zip(asked, spans_ms, strict=True)
    ]


LONE: Final = (0.3,) * 12


def measured(
    crowd: list[Visit],
    *,
    lone: Sequence[float] = LONE,
    fresh: float = 0.5,
    patient: float = 0.0,
    idle: float | None = None,
    again: Sequence[tuple[Sequence[float], list[Visit]]] = (),
) -> Recording:
    """A lone client and a crowd are measured, and both `again`; after slow crowds, `patient` clients."""
    tale = story("latency").starts(backlog=64).crowds("busy", waits(0.5)).crowds("fresh", waits(fresh))
    tale.crowds("lone", waits(*lone)).crowds("crowd", crowd, idle)
    for number, (alone, together) in zip(("second", "third"), again, strict=False):
        tale.crowds(f"{number} lone", waits(*alone)).crowds(f"{number} crowd", together, idle)
    if patient:
        tale.branches("the crowd waited long: once more").crowds("patient", waits(*(patient,) * 8))
    return tale.over()


ONE_AFTER_THE_OTHER = [20.0 * number for number in range(8)]


def groups(*each: Sequence[float]) -> list[Visit]:
    """Group after group."""
    return [visit for at, spans in enumerate(each) for visit in waits(*spans, at_ms=1 + 500 * at)]


@shows("concurrency/latency", PASS)
def a_crowd_waits_like_one_alone() -> Recording:
    return measured(groups(*[(0.4, 0.5, 0.6, 0.7)] * 4))


@shows("concurrency/latency", PASS)
def letting_in_costs_much_and_so_a_group_may_wait_longer() -> Recording:
    return measured(groups(*[[7.0 * number for number in range(8)]] * 4), fresh=8.0)


@shows("concurrency/latency", FAIL, "parent-sleeps", needs="nothing")
def they_are_let_in_one_after_the_other() -> Recording:
    return measured(groups(*[ONE_AFTER_THE_OTHER] * 3), patient=0.5)


@shows("concurrency/latency", FAIL, "parent-sleeps", needs="nothing")
def even_a_lone_client_waits_for_a_pause_and_the_crowd_for_all_of_them() -> Recording:
    waits_ms = [50.0 * number for number in range(8)]
    return measured(groups(*[waits_ms] * 3), fresh=50.0, lone=[30.0] * 12, patient=0.5)


@shows("concurrency/latency", FAIL, "handler-under-lock", needs="nothing")
def they_are_served_one_after_the_other() -> Recording:
    return measured(groups(*[ONE_AFTER_THE_OTHER] * 3), patient=60.0)


@shows("concurrency/latency", FAIL, needs="nothing")
def the_crowd_waits_and_nobody_tried_longer_patience() -> Recording:
    return measured(groups(*[ONE_AFTER_THE_OTHER] * 3))


@shows("concurrency/latency", FAIL, "parent-sleeps", needs="nothing")
def the_crowd_waits_each_of_three_times() -> Recording:
    slow = groups(*[ONE_AFTER_THE_OTHER] * 3)
    return measured(slow, patient=0.5, again=[(LONE, slow)] * 2)


@shows("concurrency/latency", PASS)
def the_crowd_waits_once_and_not_again() -> Recording:
    """One after the other on a busy machine; with the machine free again, none of them waits."""
    slow, quick = groups(*[ONE_AFTER_THE_OTHER] * 3), groups(*[(0.5,) * 8] * 3)
    return measured(slow, again=[(LONE, quick)])


@shows("concurrency/latency", INCONCLUSIVE)
def the_crowd_waits_once_and_cannot_be_measured_again() -> Recording:
    slow = groups(*[ONE_AFTER_THE_OTHER] * 3)
    return measured(slow, again=[([0.3] * 9 + [40.0] * 3, slow)] * 2)


@shows("concurrency/latency", INCONCLUSIVE)
def only_one_group_in_four_is_slow() -> Recording:
    return measured(groups(ONE_AFTER_THE_OTHER, *[(0.5,) * 8] * 3))


@shows("concurrency/latency", INCONCLUSIVE)
def the_lone_client_has_no_steady_time() -> Recording:
    return measured(groups(*[ONE_AFTER_THE_OTHER] * 3), lone=[0.3] * 9 + [40.0] * 3)


@shows("concurrency/latency", INCONCLUSIVE)
def nobody_was_answered_in_time_and_so_nobody_waited_longer() -> Recording:
    """A parent that slept for a second after each client still had the crowd before in its queue."""
    unheard = (math.inf,) * 8
    return measured(waits(*unheard), again=[(unheard, waits(*unheard))] * 2, lone=unheard)


@shows("concurrency/latency", INCONCLUSIVE)
def others_used_the_processors() -> Recording:
    return measured(groups(*[ONE_AFTER_THE_OTHER] * 3), idle=0.1)


@shows("concurrency/latency", FAIL, needs="nothing")
def the_crowd_waits_while_the_processors_are_idle() -> Recording:
    return measured(groups(*[ONE_AFTER_THE_OTHER] * 3), idle=0.8)


@shows("concurrency/latency", INCONCLUSIVE)
def we_ourselves_came_late() -> Recording:
    return measured(waits(*ONE_AFTER_THE_OTHER, late_ms=12))


@shows("concurrency/latency", NOT_APPLICABLE)
def nobody_has_to_ask() -> Recording:
    tale = story("latency").starts(backlog=64).is_asked_for(transform="{any}\n", unasked=True)
    return tale.crowds("busy", waits(0.5)).crowds("fresh", waits(0.5)).crowds("lone", waits(0.3)).over()


@shows("concurrency/latency", NOT_APPLICABLE)
def no_two_can_come_together() -> Recording:
    tale = story("latency").starts(backlog=0).crowds("busy", waits(0.5)).crowds("fresh", waits(0.5))
    return tale.crowds("lone", waits(0.3)).branches("one place", places=1).over()


@shows("concurrency/latency", INCONCLUSIVE)
def one_alone_is_not_even_served() -> Recording:
    tale = story("latency").starts(backlog=64).crowds("busy", [Visit(b"next\n", 1, 1, 2, 0, 3)])
    return tale.branches("a client alone is not served").over()


def knocking(count: int) -> list[Visit]:
    """Visits of clients whose SYN was dropped: they connect a second later."""
    return waits(*(1001.0,) * count, late_ms=1000.0)


@shows("concurrency/latency", PASS)
def who_must_knock_again_is_not_counted() -> Recording:
    return measured(groups(*[(0.5,) * 8] * 4) + knocking(8))


@shows("concurrency/latency", INCONCLUSIVE)
def most_must_knock_again() -> Recording:
    return measured(groups((0.5,) * 8) + knocking(32))


# A connection that other processes hold too


def one_is_slow(tale: Story) -> Story:
    """A client is connected; another asks for much, reads nothing, and a child is born for it."""
    tale.connects("first").accepts("first", call="poll").quiet().connects("slow")
    tale.accepts("slow", call="poll").quiet().asks("slow", b"x" * LONG + b"\n").forks("slow").quiet()
    return tale.asks("first").answers("first")


def the_slow_one_reads(tale: Story) -> Story:
    """The slow client reads, and its child ends."""
    tale.reads_on("slow", 2000).answers("slow", b"X" * LONG + b"\n").closes("slow").exits("slow")
    return tale.reaps("slow").quiet().leaves("slow").quiet()


@shows("concurrency/inherited", PASS)
def its_connection_ends_at_once() -> Recording:
    tale = one_is_slow(story("inherited").starts()).closes("first").quiet()
    return the_slow_one_reads(tale).leaves("first").quiet().over()


@shows("concurrency/inherited", PASS)
def it_had_to_wait_for_the_reply_itself() -> Recording:
    tale = story("inherited").starts().connects("first").accepts("first").quiet().connects("slow")
    tale.accepts("slow", call="write").quiet().asks("slow", b"x" * LONG + b"\n").quiet().asks("first")
    tale.quiet().reads_on("slow", 2000).answers("slow", b"X" * LONG + b"\n").closes("slow")
    return tale.answers("first").closes("first").quiet().leaves("slow", "first").quiet().over()


@shows("concurrency/inherited", FAIL, "inherited")
def the_child_of_another_holds_its_connection() -> Recording:
    tale = one_is_slow(story("inherited").starts())
    tale.lets_go("first").holds("first", tale.child_of("slow")).quiet()
    return the_slow_one_reads(tale).closes("first").quiet().leaves("first").quiet().over()


@shows("concurrency/inherited", FAIL)
def its_connection_ends_with_another_and_nobody_knows_why() -> Recording:
    tale = one_is_slow(story("inherited").starts()).quiet()
    return the_slow_one_reads(tale).closes("first").quiet().leaves("first").quiet().over()


@shows("concurrency/inherited", BLOCKED)
def it_ends_while_another_does_not_read() -> Recording:
    tale = story("inherited").starts().connects("first").accepts("first").quiet().connects("slow")
    tale.accepts("slow", call="poll").quiet().asks("slow", b"x" * LONG + b"\n").quiet()
    tale.stops_listening().dies(1 << 8).quiet().asks("first").quiet().reads_on("slow", 2000)
    return tale.closes("slow").quiet().leaves("slow", "first").quiet().over()


@shows("concurrency/inherited", FAIL, "closes-latest")
def a_thread_closes_the_connection_of_whoever_came_last() -> Recording:
    tale = story("inherited").starts().connects("first").accepts("first", call="accept")
    tale.has_threads(2).quiet().connects("slow").accepts("slow", call="accept").has_threads(3).quiet()
    tale.asks("slow", b"x" * LONG + b"\n").quiet().asks("first").answers("first").has_threads(2).quiet()
    tale.reads_on("slow", 2000).resets("slow").quiet().leaves("slow").quiet()
    return tale.leaves("first").quiet().over()


@shows("concurrency/inherited", FAIL)
def its_connection_never_ends() -> Recording:
    tale = one_is_slow(story("inherited").starts()).quiet()
    return the_slow_one_reads(tale).leaves("first").quiet().over()


@shows("concurrency/inherited", INCONCLUSIVE)
def the_slow_one_never_read() -> Recording:
    return one_is_slow(story("inherited").starts()).quiet().over()


# A reply that has to wait, and another that is written meanwhile

OTHERS = b"~" * LONG + b"\n"


def another_writes(
    reply: bytes, *, waiting: int = 2000, other: bytes | None = OTHERS.upper(), reads: bool = True
) -> Story:
    """A client is slow to read; meanwhile a quick one, and one that asks for as much, are served."""
    tale = unread_reply(story("slow reader").starts(), "poll").accepts("quick", call="poll").quiet()
    tale.asks("quick").answers("quick").closes("quick").quiet().connects("other").accepts("other")
    tale.asks("other", OTHERS)
    if other is not None:
        tale.answers("other", other).closes("other")
    tale.quiet().leaves("other")
    if reads:
        tale.reads_on("slow", waiting)
    return tale.answers("slow", reply).closes("slow").quiet() if reply else tale.quiet()


@shows("concurrency/shared-buffer", PASS)
def a_reply_that_waits_stays_its_own() -> Recording:
    return another_writes(b"X" * LONG + b"\n").over()


@shows("concurrency/shared-buffer", FAIL, "shared-reply-buffer", needs="nothing")
def it_goes_on_with_the_others_reply() -> Recording:
    return another_writes(b"X" * 36_000 + b"~" * (LONG - 36_000) + b"\n").over()


@shows("concurrency/shared-buffer", FAIL, "shared-reply-buffer", needs="nothing")
def a_few_of_the_others_bytes_are_in_the_middle() -> Recording:
    return another_writes(b"X" * 36_000 + b"~" * 500 + b"X" * (LONG - 36_500) + b"\n").over()


@shows("concurrency/shared-buffer", NOT_APPLICABLE)
def the_whole_reply_had_been_written_before() -> Recording:
    return another_writes(b"X" * 2000, waiting=2000).over()


@shows("concurrency/shared-buffer", NOT_APPLICABLE)
def everybody_hears_everybody() -> Recording:
    tale = another_writes(b"X" * 36_000 + b"~" * (LONG - 36_000) + b"\n")
    talk = {"between": "{any}\n", "steps": [{"send": "{line}\n", "expect": "{line}\n"}]}
    return tale.is_asked_for(dialogue=talk).over()


@shows("concurrency/shared-buffer", INCONCLUSIVE)
def the_other_was_not_answered_meanwhile() -> Recording:
    return another_writes(b"X" * LONG + b"\n", other=None).over()


@shows("concurrency/shared-buffer", BLOCKED)
def the_other_gets_a_nul_behind_every_piece() -> Recording:
    pieces = b"".join(b"~" * 4095 + b"\0" for _ in range(LONG // 4095))
    return another_writes(b"X" * 4095 + b"\0" + b"X" * LONG + b"\n", other=pieces + b"\n").over()


@shows("concurrency/shared-buffer", INCONCLUSIVE)
def nobody_read_on() -> Recording:
    return another_writes(b"", reads=False).over()
