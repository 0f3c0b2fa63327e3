"""Stories of concurrency/*."""

from __future__ import annotations

from collections.abc import Sequence

from harness.judge.recording import Recording
from tests.recordings import SERVER, Story, story
from tests.stories import (
    BLOCKED,
    FAIL,
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
