"""Judges what came of a child that ended while its parent was held at one point."""

import errno
from dataclasses import replace
from typing import Final

from harness.record.client import Client
from harness.record.events import AtPoint
from harness.record.imports import LEAPS
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot
from harness.record.spelling import CALL_OTHERS, called
from harness.record.suffixes import CPP

from . import interrupted, survival, uncaught, wording
from .verdict import Verdict, failed

EXPECTED: Final = "the client answered, and each child reaped, whenever SIGCHLD comes"
_SLEEPS: Final = frozenset({"pause", "rt_sigsuspend", "rt_sigtimedwait", "nanosleep", "clock_nanosleep"})
_NAMES: Final = {
    "clone": "fork()",
    "clone3": "fork()",
    "rt_sigprocmask": "sigprocmask()",
    "newfstatat": "stat()",
}


def what_went_wrong(seen: Recording, event: AtPoint, *, trials_before: int) -> Verdict | None:
    """The failure that the client who came, the next client or a zombie shows; None if none does.

    The first `trials_before` trials had no point.
    """
    number = trials_before + event.trial - 1
    newcomer, other = (
        seen.client(f"{word} {number + n}") for word, n in (("stays", 1), (event.when, 0))
    )
    if not event.reached:
        return None
    what = f"a child ended when its parent {in_words(event)}"
    if not newcomer.answer and (newcomer.connected is None or newcomer.asked is not None):
        newcomer.require_attempt()
        died = "errno-not-saved" if event.side == "after" and event.result < 0 else ""
        mute = _why_mute(seen, newcomer, event)
        verdict = survival.failure(seen, newcomer, what, expected=EXPECTED, died=died, mute=mute)
        is_killed = verdict.evidence.cause in {"", uncaught.SPOILT}  # malloc() aborts
        if event.function and is_killed:
            return verdict.by_cause("handler-shares-data")
        return verdict
    if event.when == "comes" and not other.answer:
        other.require_attempt()
        at = seen.before(other.left).proven()
        lives = seen.is_alive(at)
        by_words = "" if lives else interrupted.by_its_words(seen) or uncaught.of_server(seen)
        return failed(
            f"{what}; the client that came then was not answered"
            f"{'' if lives else wording.its_end(seen, at)}",
            expected=EXPECTED,
            cause=by_words or ("handler-leaps" if _may_leap(seen) else "handler-shares-data"),
        )
    asked = other.asked if event.when == "comes" else newcomer.asked
    return _left(seen, event, what, seen.last() if asked is None else seen.before(asked))


def _may_leap(seen: Recording) -> bool:
    """Whether it is a program in C or C++ that can leave its handler by longjmp(3)."""
    is_compiled = seen.subject.endswith((".c", *CPP))
    return is_compiled and not LEAPS.isdisjoint(seen.imports or ())


def as_drawn(verdict: Verdict, event: AtPoint, points: int, seed: int) -> Verdict:
    """The failure with the seed by which its point was drawn, if not all `points` were tried."""
    if not 0 < event.of < points:
        return verdict
    evidence = verdict.evidence
    return replace(
        verdict,
        evidence=replace(
            evidence,
            observed=f"{evidence.observed} (seed {seed})",
            facts={**evidence.facts, "points": points, "drawn": event.of},
        ),
    )


def _why_mute(seen: Recording, client: Client, event: AtPoint) -> str:
    """The cause where the parent lives and answers no client: by the call in which it sleeps."""
    parent = seen.unanswered(client).find(event.pid)
    if parent is not None and parent.call == "futex":
        return "handler-takes-lock"
    if event.function:
        return "handler-shares-data"
    return "wake-up-lost" if event.side == "before" and event.call in _SLEEPS else ""


def _left(seen: Recording, event: AtPoint, what: str, at: Snapshot) -> Verdict | None:
    """The failure, where a zombie is left that is none as usual, although another client has come."""
    usual = len(seen.before(seen.client("stays 0").asked).zombies)
    left = len(at.zombies) - usual
    if left <= 0:
        return None
    at.proven()
    late = event.side == "after" and event.call in {"wait4", "waitid"} and event.result <= 0
    return failed(
        f"{what}; {left} zombie{'s are' if left > 1 else ' is'} left, although one more client came",
        expected=EXPECTED,
        cause="flag-cleared-late" if late else "",
        zombies=left,
    )


def in_words(event: AtPoint) -> str:
    """The place at which the parent was held: beside which call, and where that is made."""
    frame = next((each for held in event.standing for each in held.frames), "")
    where = f" in {frame.replace(', ', ' at ')}" if frame else ""
    if event.function:
        via = f", called by {event.via}()" if event.via else ""
        name = f"{event.function}(){via}{where}"
        if not event.step:
            return f"had just called {name}"
        if event.step == event.steps:
            return f"was just back from {name}"
        return f"was within {name}, at instruction {event.step} of {event.steps}"
    if event.call == "rt_sigreturn":
        return f"{'was about to leave' if event.side == 'before' else 'had just left'} its handler"
    name = _NAMES.get(event.call, called(event.call))
    written = next((held.call for held in event.standing), "")
    if written in CALL_OTHERS:
        name = f"{name}, which {written}() calls,"
    if event.side == "before":
        return f"was about to call {name}{where}"
    failed_with = (
        f", which failed ({errno.errorcode.get(-event.result, '?')})" if event.result < 0 else ""
    )
    return f"was just back from {name}{where}{failed_with}"
