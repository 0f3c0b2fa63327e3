"""The recording of one run of one scenario: flat, frozen facts in the order they were seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Final, Self

from msgspec.structs import replace as changed

from . import answers
from .client import Client, hear, story_of
from .contract import Contract
from .events import (
    Branched,
    Crowded,
    Event,
    Finished,
    Printed,
    Received,
    Refused,
    Shown,
    Started,
    Submitted,
)
from .log import Log
from .missing import Missing
from .snapshot import Snapshot
from .visits import BEFORE, Crowd, Visit

_LECTURES: Final = Contract()
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*[mK]")  # of text on a terminal (console_codes(4))


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
        """This recording with the events of these kinds alone."""
        return replace(self, events=tuple(event for event in self.events if type(event) in kinds))

    def with_told(self, told: Callable[[int], Event]) -> Self:
        """This recording with one event more before its last, made at the time (ns) of that."""
        *before, last = self.events
        return replace(self, events=(*before, told(last.at_ns), last))

    @property
    def broke_off(self) -> str:
        """Why it ended early, in the engine's words; "" when it did not."""
        if self.is_finished:
            return ""
        causes = [event.cause for event in self.every(Branched)]
        return causes[-1] if causes and causes[-1].startswith("broken off") else ""

    @property
    def ran_out(self) -> bool:
        """Whether the whole examination's time was up: then one sentence says all."""
        return any(event.bound for event in self.every(Branched))

    @property
    def lost_its_cell(self) -> bool:
        """Whether our cell went while it ran: its processes and connections ended with that."""
        return any(event.lost for event in self.every(Branched))

    @property
    def came_before(self) -> int:
        """How many clients had come and gone before a scenario that is played late; 0 elsewhere."""
        return sum(len(event.visits) for event in self.every(Crowded) if event.name == BEFORE)

    @property
    def paused_before_s(self) -> float:
        """Seconds without a client after those of `came_before`; 0 where there was no such pause."""
        for event, following in pairwise(self.events):
            if isinstance(event, Crowded) and event.name == BEFORE:
                return (following.at_ns - event.at_ns) / 1e9
        return 0.0

    @property
    def starved(self) -> str:
        """The sentence that the kernel ended some of it, since all had too much memory; "" else."""
        return next((event.cause for event in self.every(Branched) if event.starved), "")

    def client(self, name: str) -> Client:
        """The story of one client; raises Missing where there is no such client."""
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
            for event in self.every(Crowded)
            for visit in event.visits
        )

    def clients(self, prefix: str) -> list[Client]:
        """The clients whose names begin so, in the order they appeared."""
        names = dict.fromkeys(e.actor for e in self.events if e.actor.startswith(prefix))
        return [self.client(name) for name in names]

    def crowd(self, name: str) -> Crowd:
        """One crowd, each visit with its answer alone (`answers`); raises Missing if it never came."""
        for index, event in self.all(Crowded):
            if event.name == name:
                return Crowd(name, index, tuple(map(self._judged, event.visits)))
        raise Missing(f"the run did not get as far as the crowd {name!r}")

    def _judged(self, visit: Visit) -> Visit:
        """A visit; a wrong answer is a refusal where other clients were answered rightly."""
        came = self.contract.reply_in(visit.answer, visit.line)
        if answers.is_own(self.contract, visit.line, came) or (came and not self._answers_somebody):
            return changed(visit, answer=came)
        return changed(visit, answer=b"", answered_ns=0, refusal=came)

    @property
    def in_time(self) -> list[Event]:
        """The events by their moments: some were seen later than they happened."""
        return sorted(self.events, key=lambda each: each.at_ns)

    @property
    def files(self) -> tuple[str, ...]:
        """The subject's name, and the first files that were handed in, as far as they were noted."""
        submitted = self.first(Submitted)
        return (self.subject, *(submitted.files if submitted is not None else ()))

    @property
    def imports(self) -> tuple[str, ...] | None:
        """Those of TOLD_APART that the program takes from a library; None where it does not say."""
        started = self.first(Started)
        return started.imports if started is not None else None

    @property
    def root(self) -> int:
        """The pid of the process that was started; raises Missing where none was."""
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
        """What the server printed in its last life, as far as it is kept; without its colours.

        Not what it printed about a client that did not speak as a client does (Branched).
        """
        event = self.final(Printed)
        if event is None:
            return ""
        until = next((each.printed for each in self.every(Branched) if each.printed is not None), None)
        return _COLOUR.sub("", event.data[:until].decode("utf-8", "replace"))

    @property
    def all_printed(self) -> bytes:
        """All that the server printed in all its lives, one after another."""
        return b"".join(event.data for event in self.every(Printed))

    def was_read(self, client: Client) -> bool:
        """Whether the server had read a client's line by the first rest after it, without an answer."""
        if client.asked is None or client.connected is None:
            return False
        return self.after(client.asked).has_read(client.port)
