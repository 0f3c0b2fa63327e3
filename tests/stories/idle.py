"""Stories of abuse/idle-cost."""

from __future__ import annotations

import signal

from harness.record.recording import Recording
from harness.signal_mask import bit
from tests.recordings import Story, story
from tests.stories import BLOCKED, FAIL, INCONCLUSIVE, PASS, shows

SILENT, BREAKS_OFF, UNREAD = "one who is silent", "one who breaks off", "one who does not read"


def visited(tale: Story, share: float = 0.0) -> Story:
    """A client asks; one is silent, for which `share` of a core is used; one leaves in mid-line."""
    tale.serves("one who asks")
    for name in (SILENT, BREAKS_OFF):
        tale.connects(name).forks(name).quiet()
        if name == SILENT:
            tale.is_idle("silent", share=share)
        tale.leaves(name).exits(name).reaps(name).quiet()
    return tale


def unread(tale: Story, share: float = 0.0, *, more: int = 0) -> Recording:
    """A client does not read its reply; `share` of a core is used, and `more` bytes come meanwhile."""
    tale.connects(UNREAD).forks(UNREAD).quiet().asks(UNREAD, b"x" * 130_000 + b"\n").rests()
    tale.branches("a reply lies unread", waiting=36_000).is_idle("unread", share=share).rests()
    tale.reads_on(UNREAD, 36_000 + more).answers(UNREAD).closes(UNREAD).exits(UNREAD).reaps(UNREAD)
    return tale.quiet().over()


def measured() -> Story:
    """The server slept before the first client came."""
    return story("idle").starts().is_idle("before")


@shows("abuse/idle-cost", PASS)
def it_sleeps_before_and_after() -> Recording:
    return visited(measured()).is_idle("after").quiet().over()


@shows("abuse/idle-cost", PASS)
def it_sleeps_while_a_reply_lies_unread() -> Recording:
    return unread(visited(measured()).is_idle("after").quiet())


@shows("abuse/idle-cost", PASS)
def it_works_on_the_reply_that_nobody_reads_yet() -> Recording:
    return unread(visited(measured()).is_idle("after").quiet(), 0.9, more=4096)


@shows("abuse/idle-cost", BLOCKED)
def it_ends_while_nobody_comes() -> Recording:
    tale = story("idle").starts().until().waits(8).dies(0).rests().is_idle("before")
    return tale.rests().over()


@shows("abuse/idle-cost", FAIL, "spins-on-full-buffer", needs="a look")
def it_tries_again_and_again_to_write() -> Recording:
    return unread(visited(measured()).is_idle("after").quiet(), 0.9)


@shows("abuse/idle-cost", FAIL, "spins-on-eagain", needs="nothing")
def it_asks_the_silent_one_again_and_again() -> Recording:
    return visited(measured(), 0.97).is_idle("after").quiet().over()


@shows("abuse/idle-cost", FAIL, needs="nothing")
def it_had_burnt_before_the_silent_one_came() -> Recording:
    tale = measured().serves("one who asks").runs().spins().connects(SILENT).spins()
    return tale.is_idle("silent", share=0.97).leaves(SILENT).spins().is_idle("after", share=0.97).over()


@shows("abuse/idle-cost", FAIL, "closed-in-set", needs="nothing")
def poll_returns_at_once_since_the_first_client_was_served() -> Recording:
    tale = (
        measured().sleeps("poll").quiet().connects("one who asks").accepts("one who asks", call="poll")
    )
    tale.quiet().asks("one who asks").answers("one who asks").closes("one who asks").runs().spins()
    tale.leaves("one who asks").spins().connects(SILENT).spins().is_idle("silent", share=0.9)
    return tale.leaves(SILENT).spins().is_idle("after", share=0.9).over()


@shows("abuse/idle-cost", PASS)
def it_looks_round_twice_a_second() -> Recording:
    tale = story("idle").starts().is_idle("before", share=0.001, wakings=2)
    return visited(tale).is_idle("after", share=0.001, wakings=2).quiet().over()


@shows("abuse/idle-cost", FAIL, "polls", needs="nothing")
def it_looks_round_a_thousand_times_a_second() -> Recording:
    tale = story("idle").starts().is_idle("before", share=0.015, wakings=900)
    return visited(tale).is_idle("after", share=0.015, wakings=900).over()


@shows("abuse/idle-cost", FAIL, "never-sleeps", needs="nothing")
def it_asks_for_a_client_without_a_pause() -> Recording:
    tale = story("idle").starts().runs().spins().is_idle("before", share=0.98)
    return visited(tale).is_idle("after", share=0.98).over()


@shows("abuse/idle-cost", FAIL, "runs-beside", needs="nothing")
def a_thread_beside_the_one_that_accepts_never_sleeps() -> Recording:
    tale = story("idle").starts().sleeps_in(accept=1).has_threads(2).spins()
    return visited(tale.is_idle("before", share=0.98)).is_idle("after", share=0.98).over()


def spinning_since(visitor: str) -> Recording:
    """The child of one client reads the end of its input for ever."""
    tale = measured().serves("one who asks")
    for name in (SILENT, BREAKS_OFF):
        tale.connects(name).forks(name).quiet()
        if name == SILENT:
            tale.is_idle("silent")
        tale.leaves(name)
        if name == visitor:
            tale.runs(tale.child_of(name)).spins()
            break
        tale.exits(name).reaps(name).quiet()
    return tale.is_idle("after", share=0.97).over()


@shows("abuse/idle-cost", FAIL, "spins-on-goodbye", needs="nothing")
def it_spins_since_one_left_without_a_word() -> Recording:
    return spinning_since(SILENT)


@shows("abuse/idle-cost", FAIL, "forks-on-eintr", needs="nothing")
def a_child_that_has_no_client_spins() -> Recording:
    tale = measured().is_known(caught=bit(signal.SIGCHLD)).serves("one who asks").forks_and_runs_on()
    return tale.connects(SILENT).forks(SILENT).spins().is_idle("silent", share=0.97).over()


@shows("abuse/idle-cost", FAIL, "comes-back-to-accept", needs="nothing")
def its_child_is_back_in_the_loop_since_one_left() -> Recording:
    tale = measured().serves("one who asks").connects(SILENT).forks(SILENT).quiet().is_idle("silent")
    child = tale.leaves(SILENT).child_of(SILENT)
    return tale.runs(child).spins().accepts_in_vain(child).is_idle("after", share=0.97).over()


@shows("abuse/idle-cost", FAIL, "spins-on-half-close", needs="nothing")
def it_spins_since_one_left_in_mid_line() -> Recording:
    return spinning_since(BREAKS_OFF)


@shows("abuse/idle-cost", FAIL, needs="nothing")
def it_spins_and_nobody_saw_since_when() -> Recording:
    return visited(measured()).is_idle("after", share=0.5).over()


@shows("abuse/idle-cost", FAIL)
def it_had_burnt_before_it_was_measured() -> Recording:
    tale = measured().serves("one who asks").connects(SILENT).forks(SILENT).quiet().is_idle("silent")
    tale.leaves(SILENT).runs(tale.child_of(SILENT)).spins().exits(SILENT).reaps(SILENT).quiet()
    return tale.is_idle("after").quiet().over()


@shows("abuse/idle-cost", INCONCLUSIVE)
def it_was_measured_once() -> Recording:
    return visited(measured()).over()


@shows("abuse/idle-cost", BLOCKED)
def the_server_had_gone() -> Recording:
    return visited(measured()).stops_listening().dies(1 << 8).quiet().is_idle("after").quiet().over()
