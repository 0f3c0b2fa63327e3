"""Judges order: which client was answered while another one still kept the server waiting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from harness.record.client import Client
from harness.record.events import Connected, Died, End, Refused
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process, Snapshot
from harness.record.spelling import ending

from . import children, crashes, delays, endings, interrupted, reply, uncaught, wording
from .patience import require_patience, silent_for_s
from .verdict import Verdict, blocked, failed, passed

LISTENS_ANEW: Final = "listens-anew"
_TWO: Final = 2


@dataclass(frozen=True, slots=True)
class Hold:
    """What might keep a server from its other clients, and the event that ends it: the release.

    In words: `holding` ("6 silent clients connected"), `meanwhile` ("while 6 silent clients had said
    nothing"), `release` ("a silent one had spoken"), `expected` of the server.
    """

    until: int | None
    holding: str
    meanwhile: str
    release: str
    expected: str


def overtakes(
    seen: Recording,
    quick: Client,
    silent: Sequence[Client],
    *,
    one_at_a_time: str = "iterative",
    beside: str = "",
) -> Verdict:
    """Judge that the quick client is answered before any of the silent ones says a word.

    `one_at_a_time` is the cause where the server serves one client after the other; `beside` says who
    else came meanwhile.
    """
    words = [client.asked for client in silent if client.asked is not None]
    held = sum(1 for client in silent if client.connected is not None)
    hold = Hold(
        until=min(words) if words else None,
        holding=f"{held} silent client{'s' if held > 1 else ''} connected"
        + _of_them(seen, quick, silent)
        + beside,
        meanwhile=f"while {len(silent)} silent client{'s' if len(silent) > 1 else ''} had said nothing",
        release="a silent one had spoken",
        expected="the quick client answered while the others say nothing",
    )

    def cause(root: Process | None) -> str:
        found = delays.beside_silent(seen, quick, silent, root)
        return one_at_a_time if found == "iterative" else found

    return answered_during(seen, quick, hold, cause)


def _of_them(seen: Recording, quick: Client, silent: Sequence[Client]) -> str:
    """How many of the silent clients were accepted, where that was seen and is not all of them."""
    came = next((at for at in (quick.connected, quick.asked) if at is not None), 0)
    held = [at.connection(client.port) for at in seen.looks(stop=came)[-1:] for client in silent]
    let_in = [connection.accepted for connection in held if connection is not None]
    return f", and {sum(let_in)} of them were accepted" if not all(let_in) else ""


def answered_during(
    seen: Recording, quick: Client, hold: Hold, cause: Callable[[Process | None], str]
) -> Verdict:
    """Judge that the quick client is answered before the release.

    Its silence counts only under a proof of rest. The release must follow: it shows whether the quick
    client waited for it. Only then is `cause` asked which known fault leaves exactly this evidence; its
    argument is where the server stood.

    Raises:
        Missing: there is no proof or no release, or no silent client was left.
    """
    if reply.unasked(seen, [quick]) is not None:
        return blocked("service/reply")
    if quick.was_answered(hold.until):
        require_patience(seen, quick.answered)
        return passed(f"{quick.name!r} was answered {hold.meanwhile}")
    if quick.was_refused:
        otherwise = gone(seen, hold.holding, hold.expected) or _refused(seen, quick, hold)
        return blocked("service/again", otherwise=otherwise)
    if quick.was_sent_away(hold.until):
        return _sent_away(seen, quick, hold)
    if hold.until is None:
        raise Missing("nobody released the waiting client")
    if quick.connected is None:
        quick.require_attempt()
        at, waits = seen.before(hold.until).proven(), "could not even connect: the queue was full"
    else:
        if not seen.rest_is_proven_between(quick.asked, hold.until):
            raise Missing("the wait was not proven to be one")
        at, waits = seen.after(quick.asked), "had asked and was not answered"
        seen.after(hold.until)
    is_over = not quick.answer and not seen.is_alive(at)
    if is_over and (ended := gone(seen, hold.holding, hold.expected)) is not None:
        return ended
    came = (
        f"that client was answered only after {hold.release}"
        if quick.answer
        else f"and no answer came even after {hold.release}"
    )
    return failed(
        f"{hold.holding}; the next client {waits}: {wording.where_all_stood(seen, at)}; "
        f"{wording.whereabouts(at, quick, wording.NEXT)}; {came}"
        f"{'' if quick.answer else wording.its_end(seen, seen.last())}",
        expected=hold.expected,
        cause=(
            cause(at.find(seen.root))
            if quick.answer or _was_killed(seen) or _naps_now(seen)
            else _why_it_ended(seen)
            or _of_its_queue(seen, at, quick)
            or delays.of_one_for_several(seen, at)
        ),
        accepted=sum(bool(c.accepted) for c in at.connections.values()),
        released=bool(quick.answer),
    )


def _sent_away(seen: Recording, quick: Client, hold: Hold) -> Verdict:
    """The failure of a server that ends the quick client's connection, or ends itself."""
    is_over = not all(map(seen.is_alive, seen.looks(quick.ended or 0)[:1]))
    if is_over and (ended := gone(seen, hold.holding, hold.expected)) is not None:
        return ended
    silent_s = silent_for_s(seen, quick)
    if silent_s is not None:
        cause, how = "throws-out-silent", wording.thrown_out(seen, quick, silent_s)
    else:
        is_unseen = not quick.refusal and children.is_over_unseen(seen, quick)
        cause, how = "" if is_unseen else "turns-away", "its connection was closed (FIN)"
    return failed(
        f"{hold.holding}; the next client {wording.no_answer(quick)}, and {how}",
        expected=hold.expected,
        cause=cause,
        released=False,
        silent_s=0 if silent_s is None else round(silent_s, 1),
    )


def _refused(seen: Recording, quick: Client, hold: Hold) -> Verdict | None:
    """The failure of a server that does not listen while it serves, and does so afterwards.

    Before the client came it was proven that nothing but another client brings its socket back.
    """
    refused = next((index for index, _ in seen.all(Refused, quick.name)), None)
    at = seen.before(refused)
    if refused is None or at.listener is not None or seen.last().listener is None:
        return None
    if not any(connection.accepted for connection in at.proven().connections.values()):
        return None
    return failed(
        f"{hold.holding}; the next client was refused: nobody listened; "
        f"{wording.where_all_stood(seen, at)}; it listens again since {hold.release}",
        expected=hold.expected,
        cause=LISTENS_ANEW,
        released=False,
    )


def _of_its_queue(seen: Recording, at: Snapshot, quick: Client) -> str:
    """Whether the queue in which the quick client stood was thrown away, with all who were in it."""
    connection = at.connection(quick.port)
    stood = connection is not None and not connection.accepted
    is_reset = stood and quick.end is End.RST and seen.is_alive(seen.last())
    return LISTENS_ANEW if is_reset and seen.last().listener is not None else ""


def gone(seen: Recording, holding: str, expected: str) -> Verdict | None:
    """The failure of a server that was alive, and no longer listens when another client comes."""
    died = seen.first(Died)
    if died is None or seen.is_alive(seen.last()):
        return None
    return failed(
        f"{holding}; the next client came and was not answered: the server {ending(died.status)}"
        f"{wording.said(seen)}",
        expected=expected,
        cause=_why_gone(seen, died),
        ended=True,
    )


def _why_it_ended(seen: Recording) -> str:
    """Why the server has ended since, where its own words tell; "" of one that lives."""
    if seen.is_alive(seen.last()):
        return ""
    return interrupted.by_its_words(seen) or uncaught.of_server(seen)


def _was_killed(seen: Recording) -> bool:
    """Whether a signal has ended the server since: then a wait before that has another cause."""
    died = seen.final(Died)
    return died is not None and died.signal > 0 and not seen.is_alive(seen.last())


def _naps_now(seen: Recording) -> bool:
    """Whether the server sleeps for a while at last: then the answer was to come, and late."""
    return any(process.naps for process in seen.last().living)


def _why_gone(seen: Recording, died: Died) -> str:
    if endings.by_own_signal(seen):
        return "kills-own-group"
    if "EAGAIN" in wording.errors_named(seen):
        return "would-block-is-fatal"
    if crashes.aborts(seen, died.signal):
        return crashes.ABORTS_ITSELF
    crashed = "dies-after-first" if endings.is_crash(died.status) else ""
    several = "ends-after-so-many" if _came_before(seen) > _TWO else "ends-when-two-come"
    return uncaught.of_server(seen) or crashed or several


def _came_before(seen: Recording) -> int:
    """How many clients had been connected when the server was found to have ended."""
    ended = seen.place_of(Died) or 0
    return sum(index < ended for index, _ in seen.all(Connected))
