"""What refutes causes: each returns in words what was seen against a cause, or "" where nothing was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from harness.call_kinds import ACCEPTS
from harness.record.client import Client
from harness.record.events import (
    Born,
    Connected,
    Died,
    Ended,
    Exited,
    HalfClosed,
    Left,
    Reaped,
    Reset,
    Signalled,
    Started,
)
from harness.record.last_words import report_of_error
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import ending

from . import design, endings, wording
from .verdict import Outcome, Verdict, has_failed


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that was observed of a subject, and the recording from which a cause was drawn."""

    seen: Recording
    recordings: Mapping[str, Recording]
    verdicts: Mapping[str, Verdict]


Refutation = Callable[[Case], str]
_GONE: Final = (Left, Reset, HalfClosed)
_HIGH: Final = 0x80


def somebody_was_answered(case: Case) -> str:
    """Whether a client got an answer in any recording."""
    clients = (client for seen in case.recordings.values() for client in _clients(seen))
    return next((f"{client.name!r} was answered" for client in clients if client.answer), "")


def somebody_was_let_in(case: Case) -> str:
    """Whether a connection was accepted in any recording."""
    looks = (at for seen in case.recordings.values() for at in seen.snapshots())
    is_so = any(connection.accepted for at in looks for connection in at.connections.values())
    return "a connection was accepted" if is_so else ""


def more_than_one_was_served(case: Case) -> str:
    """Whether one life of the server answered two clients."""
    for seen in case.recordings.values():
        starts = [index for index, _ in seen.all(Started)]
        lives = [
            sum(start < client.answered for start in starts)
            for client in _clients(seen)
            if client.answered is not None and client.answer
        ]
        if len(lives) > len(set(lives)):
            return "a second client was served"
    return ""


def somebody_overtook(case: Case) -> str:
    """Whether a client was answered while an earlier one, already accepted, had not said a word."""
    for seen in case.recordings.values():
        clients = _clients(seen)
        for silent in clients:
            for quick in clients:
                if _overtakes(seen, silent, quick):
                    return f"{quick.name!r} was answered while {silent.name!r} was connected and silent"
    return ""


def _overtakes(seen: Recording, silent: Client, quick: Client) -> bool:
    came, later, answered = silent.connected, quick.connected, quick.answered
    if came is None or later is None or answered is None or not came < later < answered:
        return False
    if any(at is not None and at < answered for at in (silent.asked, silent.ended)):
        return False
    if any(e.actor == silent.name and isinstance(e, _GONE) for e in seen.events[came:answered]):
        return False
    held = [at.connection(silent.port) for at in seen.looks(came, answered)]
    return any(connection is not None and connection.accepted for connection in held)


def thirty_two_had_places(case: Case) -> str:
    """Whether a client was answered beside 32 silent ones."""
    crowd = case.verdicts.get("concurrency/silent-crowd")
    passed = crowd is not None and crowd.outcome is Outcome.PASS
    return "a client was answered while 32 silent ones were connected" if passed else ""


def an_idle_worker_accepts(case: Case) -> str:
    """Whether a worker slept in accept(), and served nobody, while a client was not let in.

    Then the client waits at another listening socket of the port (socket(7), SO_REUSEPORT).
    """
    for at in case.seen.snapshots():
        waits = any(not connection.accepted for connection in at.connections.values())
        idle = [
            p for p in at.living if p.listens and p.threads == 1 and p.call in ACCEPTS and not p.serves
        ]
        if waits and at.proof == "quiet" and any(each.pid != case.seen.root for each in idle):
            return "a worker slept in accept() while a client was not let in"
    return ""


def hundreds_were_served(case: Case) -> str:
    """Whether more clients came and were served, one after another, than there can be places for."""
    run = case.verdicts.get("reaping/long-run")
    passed = run is not None and run.outcome is Outcome.PASS
    return "hundreds who spoke were served" if passed else ""


def who_speaks_keeps_its_place(case: Case) -> str:
    """Whether no more were served either, where each had spoken and was answered."""
    run = case.verdicts.get("reaping/long-run")
    is_full = has_failed(run) and "answered" in run.evidence.facts
    return "places of those who spoke are not given back either" if is_full else ""


def it_stops_below(case: Case) -> str:
    """Whether it stops to serve also where it has few descriptors."""
    few = ("concurrency/silent-crowd", "reaping/long-run", "abuse/lingering-places")
    broken = [each for each in few if has_failed(case.verdicts.get(each))]
    return f"it serves nobody any more with few descriptors either ({broken[0]})" if broken else ""


def three_are_too_many(case: Case) -> str:
    """Whether three clients, or one after another, were not all served: no number is the limit."""
    few = ("service/again", "concurrency/last-first")
    broken = [each for each in few if has_failed(case.verdicts.get(each))]
    return f"fewer clients were not served either ({broken[0]})" if broken else ""


def children_were_reaped(at_least: int) -> Refutation:
    """Whether the first process reaped that many of its clients' children, while it lived."""

    def claim(case: Case) -> str:
        seen, born = case.seen, set()
        reaped: set[str] = set()
        first = seen.first(Started)
        root = None if first is None else first.pid
        has_client = False
        for event in seen.events:
            match event:
                case Connected():
                    has_client = True
                case Born() if has_client and event.ppid == root:
                    born.add(event.actor)
                case Reaped() if event.actor in born:
                    reaped.add(event.actor)
                case Signalled() | Ended():
                    break
                case Exited() if event.actor == f"process {root}":
                    break
                case _:
                    pass
        return f"{len(reaped)} children were waited for" if len(reaped) >= at_least else ""

    return claim


def it_was_killed(case: Case) -> str:
    """Whether a signal ended the server that it has not raised: then it took nothing for its end."""
    died = case.seen.first(Died)
    was_killed = died is not None and died.signal and not endings.gives_up(case.seen)
    return f"it {ending(died.status)}" if died is not None and was_killed else ""


def two_clients_end_it(case: Case) -> str:
    """Whether it ended when a second client came: then a shortage is not what ends it."""
    silent = case.verdicts.get("concurrency/silent-client")
    ended = silent is not None and silent.evidence.facts.get("ended")
    return "it ends when two clients are there" if ended else ""


def it_names(*errors: str) -> Refutation:
    """Whether what the server printed at last tells of an error, and of none of these."""

    def claim(case: Case) -> str:
        named = wording.errors_named(case.seen)
        is_another = named.isdisjoint(errors) and bool(named or report_of_error(case.seen.printed))
        return f"it says {wording.last_words(case.seen, 1)!r}" if is_another else ""

    return claim


def it_has_ended(case: Case) -> str:
    """Whether the server's first process has ended."""
    died = case.seen.final(Died)
    return f"it {ending(died.status)}" if died is not None else ""


def children_spin_always(case: Case) -> str:
    """Whether its children spin, whatever their clients do."""
    child = case.verdicts.get("fork/child-exits")
    spins = child is not None and child.evidence.cause == "child-spins"
    return "its children spin whatever their client did" if spins else ""


def it_serves_by_none_of(*allowed: str) -> Refutation:
    """Whether its design is known, and none of these, in the diagnosis's words."""

    def claim(case: Case) -> str:
        try:
            found = design.seen_in(case.recordings["one after another"])
        except (Missing, KeyError):
            return ""
        return f"it serves by {found}" if found.partition("(")[0] not in allowed else ""

    return claim


def a_nul_came_back(case: Case) -> str:
    """Whether a NUL byte of a line came back."""
    return "a NUL came back" if any(0 in client.answer for client in _clients(case.seen)) else ""


def what_is_no_text_came_back(case: Case) -> str:
    """Whether a line came back that is no text in UTF-8; a server that decodes sends only text back."""
    came = (client.answer for client in _clients(case.seen) if not _is_text(client.sent))
    is_there = any(byte >= _HIGH for each in came for byte in each)
    return "a byte from 0x80 on came back" if is_there else ""


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def others_words_are_its_replies(case: Case) -> str:
    """Whether even a client that is alone gets something else than the contract wants."""
    told = case.verdicts.get("service/reply")
    is_another = has_failed(told) and told.evidence.facts.get("answered", True)
    return "a client that is alone gets another reply, too" if is_another else ""


def _clients(seen: Recording) -> list[Client]:
    names = dict.fromkeys(event.actor for event in seen.every(Connected))
    return [seen.client(name) for name in names]
