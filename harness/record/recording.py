"""What happened in one run of one scenario: flat, frozen facts in the order they were seen."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Final, Self

from msgspec.structs import replace as changed

from . import answers
from .client import Client, hear, story_of
from .contract import Contract
from .events import (
    Accepted,
    Branched,
    Crowded,
    Died,
    Event,
    Fin,
    Finished,
    Listens,
    Printed,
    Received,
    Refused,
    Rst,
    Shown,
    Started,
    Typed,
)
from .log import Log
from .missing import Missing
from .snapshot import Snapshot
from .visits import BEFORE, Crowd, Visit

_LECTURES: Final = Contract()
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*[mK]")  # of text on a terminal (console_codes(4))
_NO_MORE_TASKS: Final = re.compile(
    r"Resource temporarily unavailable|\bEAGAIN\b|can't start new thread|"
    r"unable to create (?:native |new )?thread|can't create Thread|failed to spawn thread|"
    r"Thread creation failed",
    re.IGNORECASE,
)
_SHORTEST_LIMIT_S: Final = 0.2  # of patience with a silent client, that anybody would set


@dataclass(frozen=True)
class Recording(Log):
    """Header and events of one run. Judgements read it and nothing else.

    `target` is what the user typed; `run` tells apart the examinations that share one file.
    """

    scenario: str
    subject: str
    cell: str
    seed: int
    events: tuple[Event, ...]
    contract: Contract = _LECTURES
    forkspec: str = ""
    refusals: tuple[str, ...] = ()
    target: str = ""
    run: int = 0

    @property
    def is_finished(self) -> bool:
        """True when the scenario ran to its end."""
        return bool(self.events) and isinstance(self.events[-1], Finished)

    def only(self, *kinds: type[Event]) -> Self:
        """The same with the events of these kinds alone."""
        return replace(self, events=tuple(event for event in self.events if type(event) in kinds))

    @property
    def broke_off(self) -> str:
        """Why it ended early, in the engine's words; "" when it did not."""
        if self.is_finished:
            return ""
        causes = [event.cause for _, event in self.all(Branched)]
        return causes[-1] if causes and causes[-1].startswith("broken off") else ""

    @property
    def ran_out(self) -> bool:
        """Whether the whole examination's time was up: then one sentence says all."""
        return any(event.bound for _, event in self.all(Branched))

    @property
    def lost_its_cell(self) -> bool:
        """Whether our cell went while it ran: its processes and connections ended with that."""
        return any(event.lost for _, event in self.all(Branched))

    @property
    def came_before(self) -> int:
        """How many clients had come and gone before a scenario that is played late; 0 elsewhere."""
        return sum(len(event.visits) for _, event in self.all(Crowded) if event.name == BEFORE)

    @property
    def paused_before_s(self) -> float:
        """For how long nobody came after those clients; 0 where nobody was awaited so."""
        for event, following in pairwise(self.events):
            if isinstance(event, Crowded) and event.name == BEFORE:
                return (following.at_ns - event.at_ns) / 1e9
        return 0.0

    @property
    def wanted_more_tasks(self) -> bool:
        """True when it ended before it listened, and said that no more thread or process can be made."""
        is_over = self.first(Died) is not None and self.first(Listens) is None
        return is_over and _NO_MORE_TASKS.search(self.printed) is not None

    @property
    def starved(self) -> str:
        """In words, that some of it were ended because all together had too much memory; "" else."""
        return next((event.cause for _, event in self.all(Branched) if event.starved), "")

    @property
    def met_our_limit(self) -> bool:
        """True when it had all tasks or memory that its cell allows, or died of too much CPU time."""
        died = self.final(Died)
        if died is not None and died.status & 0x7F == signal.SIGXCPU:
            return True
        if self.starved:
            return True
        started = self.first(Started)
        limit = started.limit if started is not None else None
        return limit is not None and any(
            sum(max(1, process.threads) for process in seen.processes) >= limit - 1
            for seen in self.snapshots()
        )

    @property
    def threw_out_in_time(self) -> bool:
        """Whether a client was silent as long as the assignment allows, and then disconnected.

        Of a person it is seen only that they typed too late.
        """
        people = dict.fromkeys(e.actor for e in self.events if isinstance(e, Typed))
        typed = ((each.connected, each.asked) for each in map(self.client, people))
        return bool(self.thrown_out()) or any(self._exceeds_limit(*each) for each in typed)

    def thrown_out(self, before: int | None = None) -> list[Client]:
        """The clients that were silent as long as the assignment allows, and then disconnected.

        If an event is given in `before`, only those whose connection ended before it.
        """
        ended = dict.fromkeys(e.actor for e in self.events if isinstance(e, Fin | Rst))
        return [
            each
            for each in map(self.client, ended)
            if each.ended is not None
            and (each.asked is None or each.ended < each.asked)
            and (before is None or each.ended < before)
            and self._exceeds_limit(each.connected, each.ended)
        ]

    def _exceeds_limit(self, start: int | None, stop: int | None) -> bool:
        """Whether as much time lies between two events as the assignment grants to a silent client."""
        if not self.contract.idle_timeout_s or start is None or stop is None:
            return False
        return self.seconds_between(start, stop) >= self.contract.idle_timeout_s[0]

    def client(self, name: str) -> Client:
        """The story of one client.

        Raises:
            Missing: there is no such client in the recording.
        """
        if name not in self._stories:
            own = self._by_actor.get(name, ())
            self._stories[name] = story_of(name, own, self.contract, lambda: self._answers_somebody)
        return self._stories[name]

    @cached_property
    def _stories(self) -> dict[str, Client]:
        """The stories that were asked for so far, by the client's name."""
        return {}

    @cached_property
    def _by_actor(self) -> dict[str, list[tuple[int, Event]]]:
        """The events of each actor, with their places."""
        found = dict[str, list[tuple[int, Event]]]()
        for index, event in enumerate(self.events):
            found.setdefault(event.actor, []).append((index, event))
        return found

    @cached_property
    def _answers_somebody(self) -> bool:
        """Whether a client in this recording got a right reply."""
        terms = self.contract
        names = dict.fromkeys(e.actor for e in self.events if isinstance(e, Received | Shown))
        if any(hear(self._by_actor[name], terms).is_right(terms) for name in names):
            return True
        return any(
            terms.is_reply(visit.line, terms.reply_in(visit.answer, visit.line))
            for _, event in self.all(Crowded)
            for visit in event.visits
        )

    def clients(self, prefix: str) -> list[Client]:
        """The clients whose names begin so, in the order they appeared."""
        names = dict.fromkeys(e.actor for e in self.events if e.actor.startswith(prefix))
        return [self.client(name) for name in names]

    def crowd(self, name: str) -> Crowd:
        """One crowd: what its visits were answered, and nothing where that was no answer (`answers`).

        Raises:
            Missing: there is no such crowd in the recording.
        """
        for index, event in self.all(Crowded):
            if event.name == name:
                return Crowd(name, index, tuple(map(self._judged, event.visits)))
        raise Missing(f"the run did not get as far as the crowd {name!r}")

    def _judged(self, visit: Visit) -> Visit:
        """The same visit; without an answer where this is wrong, and others were answered rightly."""
        came = self.contract.reply_in(visit.answer, visit.line)
        if answers.is_own(self.contract, visit.line, came) or (came and not self._answers_somebody):
            return changed(visit, answer=came)
        return changed(visit, answer=b"", answered_ns=0, refusal=came)

    @property
    def imports(self) -> tuple[str, ...] | None:
        """Those of TOLD_APART that the program takes from a library; None where it does not say."""
        started = self.first(Started)
        return started.imports if started is not None else None

    @property
    def root(self) -> int:
        """The pid of the process that was started.

        Raises:
            Missing: it never was.
        """
        started = self.first(Started)
        if started is None or started.pid is None:
            raise Missing(self.starved or "the server was never started")
        return started.pid

    def is_alive(self, at: Snapshot) -> bool:
        """True while the first process, or anyone holding the listening socket, lives."""
        root = self.root
        return any(p.pid == root or p.listens for p in at.living)

    def unanswered(self, client: Client) -> Snapshot:
        """The look that proves that no answer to a client can come.

        A client that was refused asks nothing: any proof of rest after it will do, unless the server
        listens again by then.

        Raises:
            Missing: there is no such proof.
        """
        if client.asked is not None:
            return self.after(client.asked).proven()
        first = self._by_actor[client.name][0][0]
        proofs = (at for at in self.snapshots() if at.index > first and at.is_proof)
        at = next(proofs, self.last()).proven()
        listens = at.listener is not None and self.is_alive(at)
        if listens and any(self.all(Refused, client.name)):
            raise Missing("a client was refused, and then the server listened again")
        return at

    @property
    def printed(self) -> str:
        """All that the server printed in its last life, as far as it is kept; without its colours."""
        event = self.final(Printed)
        return "" if event is None else _COLOUR.sub("", event.data.decode("utf-8", "replace"))

    def was_read(self, client: Client) -> bool:
        """Whether the server had read a client's line by the first rest after it, without an answer."""
        if client.asked is None or client.connected is None:
            return False
        connection = self.after(client.asked).connection(client.port)
        return connection is not None and connection.accepted and not connection.unread

    def silent_for_s(self, client: Client) -> float | None:
        """After how much silence the server ended a connection that it had held; None when it did not.

        It must have ended before the client said a word, and after a look at which the server had it;
        what ends at once (_SHORTEST_LIMIT_S) was ended by something else than a clock, and what ends
        with the server itself by its death.
        """
        start, end = client.connected, client.ended
        if start is None or end is None or (client.asked is not None and client.asked < end):
            return None
        was_let_in = any(start < index < end for index, _ in self.all(Accepted, client.name))
        afterwards = next((each for each in self.snapshots() if each.index > end), None)
        if afterwards is not None and not self.is_alive(afterwards):
            return None
        looks = (each for each in self.snapshots() if start < each.index < end)
        silent_s = self.seconds_between(start, end)
        was_held = was_let_in or any(each.holds(client.port) for each in looks)
        return silent_s if was_held and silent_s >= _SHORTEST_LIMIT_S else None

    def require_patience(self, until: int | None) -> None:
        """Make sure that no silent client was disconnected before an event, as the assignment wants.

        Raises:
            Missing: one was, and no longer kept the server waiting.
        """
        if gone := self.thrown_out(before=until):
            raise Missing(
                f"{gone[0].name!r} was thrown out for its silence too early for this to be seen, as the "
                "assignment wants"
            )
