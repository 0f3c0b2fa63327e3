"""Stories of stream/*."""

from __future__ import annotations

from harness.judge.recording import Recording
from tests.recordings import Story, story
from tests.stories import (
    FAIL,
    PASS,
    shows,
)


def goodbyes(tale: Story, *, leaves_zombies: bool = False) -> Recording:
    """Three who speak and three who do not, and one more."""
    for number in (1, 2, 3):
        tale.serves(f"talker {number}")
    tale.quiet()
    for name in ("mute 1", "mute 2", "mute 3"):
        tale.connects(name).forks(name).quiet().leaves(name).exits(name)
        if not leaves_zombies:
            tale.reaps(name)
        tale.quiet()
    return tale.quiet().serves("last").over()


@shows("stream/silent-goodbye", PASS)
def nothing_stays_of_those_who_say_nothing() -> Recording:
    return goodbyes(story("silent goodbye").starts())


@shows("stream/silent-goodbye", FAIL, "zombie-on-goodbye")
def a_zombie_stays_of_each_who_says_nothing() -> Recording:
    return goodbyes(story("silent goodbye").starts(), leaves_zombies=True)


@shows("stream/silent-goodbye", FAIL, "child-waits-for-ever")
def the_child_waits_for_one_who_has_gone() -> Recording:
    tale = story("silent goodbye").starts().serves("talker 1").connects("mute 1").forks("mute 1").quiet()
    return tale.leaves("mute 1").quiet().serves("last").over()


@shows("stream/silent-goodbye", FAIL, "spins-on-goodbye")
def the_server_burns_after_a_goodbye() -> Recording:
    tale = story("silent goodbye").starts().serves("talker 1").connects("mute 1").forks("mute 1").quiet()
    tale.leaves("mute 1").runs(tale.child_of("mute 1")).spins()
    return tale.connects("last").forks("last").spins().asks("last").answers("last").spins().over()


@shows("stream/silent-goodbye", FAIL)
def the_server_is_gone_after_a_goodbye() -> Recording:
    tale = story("silent goodbye").starts().serves("talker 1").connects("mute 1").forks("mute 1").quiet()
    tale.leaves("mute 1").exits("mute 1").reaps("mute 1").stops_listening().dies(0).quiet()
    return tale.is_refused("last").quiet().over()
