"""Judgements of order: who was answered while who was still silent."""

from __future__ import annotations

from collections.abc import Sequence

from . import views
from .recording import Client, Missing, Recording
from .verdict import Verdict, blocked, failed, passed


def overtakes(seen: Recording, quick: Client, silent: Sequence[Client]) -> Verdict:
    """The quick client must be answered before any of the silent ones says a word.

    Its silence counts only under a proof of rest, and the release must follow: the silent ones
    speak, and then it is seen whether that was what the quick one waited for.
    """
    words = [client.asked for client in silent if client.asked is not None]
    release = min(words) if words else None
    if views.was_answered(quick, release):
        return passed(
            f"{quick.name!r} was answered while {len(silent)} silent client"
            f"{'s' if len(silent) > 1 else ''} had said nothing"
        )
    if quick.was_refused:
        return blocked("service/again")
    if release is None:
        raise Missing("nobody released the waiting client")
    if quick.connected is None:
        views.require_attempt(quick)
        at, waits = seen.before(release).proven(), "could not even connect: the queue was full"
    else:
        if not views.silence_is_proven(seen, quick.asked, release):
            raise Missing("the wait was not proven to be one")
        at, waits = seen.after(quick.asked), "had asked and was not answered"
        seen.after(release)
    held = sum(1 for client in silent if client.connected is not None)
    came = (
        "it was answered only after a silent one had spoken"
        if quick.answer
        else "and no answer came even after they had spoken"
    )
    state = views.listener_state(seen, at)
    return failed(
        f"{held} silent client{'s' if held > 1 else ''} connected; the next {waits}: the server "
        f"was {state}, {views.whereabouts(at, quick)}; {came}",
        expected="the quick client answered while the others say nothing",
        cause=_cause(seen, silent, state) if quick.answer else "",
        accepted=sum(bool(c["accepted"]) for c in at.connections.values()),
        released=bool(quick.answer),
    )


def _cause(
    seen: Recording,
    silent: Sequence[Client],
    state: str,
) -> str:
    """Which known fault leaves exactly this: a parent in wait(), a full pool, or one at a time."""
    if len(silent) > 1:
        return "limited-workers"
    if views.born_for(seen, silent[0]):
        return "waits-in-parent" if "wait" in state else ""
    first = seen.after(silent[0].connected)
    if len(first.living) > 1 or any(process.threads > 1 for process in first.living):
        return "one-worker"
    return "iterative"
