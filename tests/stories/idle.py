"""Stories of abuse/idle-cost."""

from __future__ import annotations

from harness.judge.recording import Recording
from tests.recordings import Story, story
from tests.stories import FAIL, INCONCLUSIVE, PASS, shows

SILENT, BREAKS_OFF = "one who is silent", "one who breaks off"


def visited(tale: Story) -> Story:
    """One asks and leaves, one leaves without a word, one in mid-line."""
    tale.serves("one who asks")
    for name in (SILENT, BREAKS_OFF):
        tale.connects(name).forks(name).quiet().leaves(name).exits(name).reaps(name).quiet()
    return tale


def measured() -> Story:
    """Asleep before anybody came."""
    return story("idle").starts().is_idle("before")


@shows("abuse/idle-cost", PASS)
def it_sleeps_before_and_after() -> Recording:
    return visited(measured()).is_idle("after").over()


@shows("abuse/idle-cost", PASS)
def it_looks_round_twice_a_second() -> Recording:
    tale = story("idle").starts().is_idle("before", share=0.001, wakings=2)
    return visited(tale).is_idle("after", share=0.001, wakings=2).over()


@shows("abuse/idle-cost", FAIL, "polls", needs="nothing")
def it_looks_round_a_thousand_times_a_second() -> Recording:
    tale = story("idle").starts().is_idle("before", share=0.015, wakings=900)
    return visited(tale).is_idle("after", share=0.015, wakings=900).over()


@shows("abuse/idle-cost", FAIL, "never-sleeps", needs="nothing")
def it_asks_for_a_client_without_a_pause() -> Recording:
    tale = story("idle").starts().runs().spins().is_idle("before", share=0.98)
    return visited(tale).is_idle("after", share=0.98).over()


def spinning_since(visitor: str) -> Recording:
    """The child of one visitor reads the end for ever."""
    tale = measured().serves("one who asks")
    for name in (SILENT, BREAKS_OFF):
        tale.connects(name).forks(name).quiet().leaves(name)
        if name == visitor:
            tale.runs(tale.child_of(name)).spins()
            break
        tale.exits(name).reaps(name).quiet()
    return tale.is_idle("after", share=0.97).over()


@shows("abuse/idle-cost", FAIL, "spins-on-goodbye", needs="nothing")
def it_spins_since_one_left_without_a_word() -> Recording:
    return spinning_since(SILENT)


@shows("abuse/idle-cost", FAIL, "spins-on-half-close", needs="nothing")
def it_spins_since_one_left_in_mid_line() -> Recording:
    return spinning_since(BREAKS_OFF)


@shows("abuse/idle-cost", FAIL, needs="nothing")
def it_spins_and_nobody_saw_since_when() -> Recording:
    return visited(measured()).is_idle("after", share=0.5).over()


@shows("abuse/idle-cost", FAIL)
def it_had_burnt_before_it_was_measured() -> Recording:
    tale = measured().serves("one who asks").connects(SILENT).forks(SILENT).quiet().leaves(SILENT)
    tale.runs(tale.child_of(SILENT)).spins().exits(SILENT).reaps(SILENT).quiet()
    return tale.is_idle("after").over()


@shows("abuse/idle-cost", INCONCLUSIVE)
def it_was_measured_once() -> Recording:
    return visited(measured()).over()


@shows("abuse/idle-cost", INCONCLUSIVE)
def the_server_had_gone() -> Recording:
    return visited(measured()).stops_listening().dies(1 << 8).quiet().is_idle("after").over()
