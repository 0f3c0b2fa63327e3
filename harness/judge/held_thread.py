"""Judges what came of it that one thread was held at one point while the others went on."""

from collections.abc import Sequence
from typing import Final

from harness.call_kinds import AT_BIRTH, READS
from harness.record.client import Client
from harness.record.events import AtPoint
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot

from . import at_point, survival, wording
from .verdict import Outcome, Verdict, failed

EXPECTED: Final = "to each client the answer to its own line, whichever thread is late"
_SEVERAL: Final = 2
_CAME_MEANWHILE: Final = ("newcomer ", "latecomer ")


def what_went_wrong(seen: Recording, event: AtPoint, *, number: int) -> Verdict | None:
    """The failure that a client of this trial shows, if any; its facts name the call and the side."""
    wrong = _of_clients(seen, event, number) if event.reached else None
    if wrong is None or wrong.outcome is not Outcome.FAIL:
        return wrong
    return wrong.with_facts(held_at=event.call, side=event.side)


def _of_clients(seen: Recording, event: AtPoint, number: int) -> Verdict | None:
    what = f"a thread was held when it {_in_words(event)}, and the others went on"
    clients = _clients(seen, event, number)
    for client in clients:
        came = client.came.upper()
        others = (each for each in clients if each is not client)
        other = next((each for each in others if each.name.upper().encode() in came), None)
        if other is not None:
            return failed(
                f"{what}; {_who(client)} got {client.came_in_words()}, with words of {_who(other)}",
                expected=EXPECTED,
                cause="shared-by-threads",
            )
    for client in clients:
        if not client.answer or (seen.contract.closes and client.end is None):
            client.require_attempt()
            return _not_served(seen, event, what, client, clients)
    return None


def _clients(seen: Recording, event: AtPoint, number: int) -> Sequence[Client]:
    """The clients of a trial, without those that the full queue kept from being connected."""
    names = [f"{name} {number}" for name in (event.when, "beside", "newcomer", "latecomer")]
    came = [client for name in names for client in seen.clients(name) if client.name == name]
    return [client for client in came if not client.hangs]


def _who(client: Client) -> str:
    match client.name.split()[0]:
        case "beside":
            return "a client that was there before"
        case "newcomer" | "latecomer":
            return "a client that came meanwhile"
        case "comes":
            return "the client that had just come"
        case _:
            return "the client that had just asked"


def _not_served(
    seen: Recording, event: AtPoint, what: str, client: Client, clients: Sequence[Client]
) -> Verdict:
    """The failure of a client without an answer or an end; raises Missing where it is not proven."""
    at = (seen.unanswered(client) if client.left is None else seen.before(client.left)).proven()
    if not seen.is_alive(at):
        return survival.failure(seen, client, what, expected=EXPECTED, at=at)
    what_of = (
        "was answered, but its connection never closed"
        if client.answer
        else f"{wording.no_answer(client)}: {wording.whereabouts(at, client)}"
    )
    stuck = [c for c in clients if c.asked is not None and at.holds(c.port) and not at.unread(c.port)]
    asleep = max((each.sleeping.get("futex", 0) for each in at.living), default=0)
    waits = len(stuck) >= _SEVERAL and asleep >= _SEVERAL
    told = f"; {asleep} threads sleep in futex(), which waits for a lock" if waits else ""
    return failed(
        f"{what}; {_who(client)} {what_of}{told}{wording.printed_too(seen)}",
        expected=EXPECTED,
        cause="lock-order" if waits else _why_lost(event, at, client),
    )


def _why_lost(event: AtPoint, at: Snapshot, client: Client) -> str:
    """The cause where a client is lost, and no threads wait for each other."""
    came_meanwhile = client.name.startswith(_CAME_MEANWHILE)
    if client.answer:
        return ""
    if _reads_on_in_vain(event, at, client):
        return "shared-by-threads"
    if at.keeps_unread(client.port):
        if came_meanwhile:
            return "signal-before-wait"
        return "connection-by-address" if event.when == client.name.split()[0] == "comes" else ""
    if came_meanwhile and client.end is not None:
        return "closed-by-another" if event.call == "close" else ""
    return "taken-twice" if came_meanwhile and at.holds(client.port) else ""


def _reads_on_in_vain(event: AtPoint, at: Snapshot, client: Client) -> bool:
    """Whether the thread held was back from reading this client's line, and then reads for more of it.

    What it had read was gone when it went on, and nobody wrote anything to its client.
    """
    is_its_own = event.when == client.name.split()[0] == "asks"
    back = event.side == "after" and event.call in READS and event.result > 0
    reads = any(each.reads_in for each in at.holders(client.port))
    return is_its_own and back and reads and not client.came and not at.unread(client.port)


def _in_words(event: AtPoint) -> str:
    """The place at which the thread was held, in words."""
    if event.call in AT_BIRTH and not any(held.frames for held in event.standing):
        return "had just been started"
    return "was about to end" if event.call == "exit" else at_point.in_words(event)
