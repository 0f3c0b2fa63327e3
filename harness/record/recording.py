"""What happened in one run of one scenario: flat, frozen facts in the order they were seen."""

from __future__ import annotations

import base64
import json
import signal
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Self

from . import answers
from .client import Client, hear, story_of
from .contract import Contract
from .events import Event, Kind
from .missing import Missing
from .snapshot import Process, Snapshot, settled, snapshot
from .visits import Crowd, Visit

__all__ = ["Client", "Event", "Kind", "Missing", "Process", "Recording", "Snapshot"]

SCHEMA: Final = 2
_LONG: Final = 4096
_SHORTEST_LIMIT_S: Final = 0.2  # of patience with a silent client, that anybody would set


@dataclass(frozen=True)
class Recording:
    """Header and events of one run. Judgements read it and nothing else.

    `target` is what the user typed; `run` tells apart the examinations that share one file.
    """

    scenario: str
    subject: str
    cell: str
    seed: int
    events: tuple[Event, ...]
    contract: Mapping[str, Any] = field(default_factory=dict)
    forkspec: str = ""
    refusals: tuple[str, ...] = ()
    target: str = ""
    run: int = 0

    @property
    def terms(self) -> Contract:
        """The contract in force."""
        return Contract.of(self.contract)

    @property
    def is_finished(self) -> bool:
        """True when the scenario ran to its end."""
        return bool(self.events) and self.events[-1].kind is Kind.FINISHED

    @property
    def end_ns(self) -> int:
        """The moment of the last event; 0 where there is none."""
        return max((event.at_ns for event in self.events), default=0)

    def only(self, kind: Kind) -> Self:
        """The same with the events of one kind alone."""
        return replace(self, events=tuple(event for event in self.events if event.kind is kind))

    def all(self, kind: Kind, actor: str | None = None) -> Iterator[tuple[int, Event]]:
        """Index and event of every event of a kind, of one actor or of any."""
        for index, event in enumerate(self.events):
            if event.kind is kind and actor in (None, event.actor):
                yield index, event

    @property
    def broke_off(self) -> str:
        """Why it ended early, in the engine's words; "" when it did not."""
        if self.is_finished:
            return ""
        causes = [str(event.detail["cause"]) for _, event in self.all(Kind.BRANCHED)]
        return causes[-1] if causes and causes[-1].startswith("broken off") else ""

    @property
    def ran_out(self) -> bool:
        """Whether the whole examination's time was up: then one sentence says all."""
        return any(event.detail.get("bound") for _, event in self.all(Kind.BRANCHED))

    @property
    def met_our_limit(self) -> bool:
        """True when the subject had as many tasks as its cell allows, or died of too much CPU time."""
        died = self.final(Kind.DIED)
        if died is not None and died.detail["status"] & 0x7F == signal.SIGXCPU:
            return True
        started = self.first(Kind.STARTED)
        limit = started.detail.get("limit") if started is not None else None
        return limit is not None and any(
            sum(max(1, process.threads) for process in seen.processes) >= limit - 1
            for seen in self.snapshots()
        )

    @property
    def threw_out_in_time(self) -> bool:
        """Whether somebody was silent for as long as the assignment allows, and let go before a word.

        Of a person it is seen only that they typed too late.
        """
        people = dict.fromkeys(e.actor for e in self.events if e.kind is Kind.TYPED)
        typed = ((each.connected, each.asked) for each in map(self.client, people))
        return bool(self.thrown_out()) or any(self._exceeds_limit(*each) for each in typed)

    def thrown_out(self, before: int | None = None) -> list[Client]:
        """Who was let go before a word, having been silent for as long as the assignment allows.

        Of them those alone whose connection ended `before` an event, if one is given.
        """
        ended = dict.fromkeys(e.actor for e in self.events if e.kind in {Kind.FIN, Kind.RST})
        return [
            each
            for each in map(self.client, ended)
            if each.ended is not None
            and (each.asked is None or each.ended < each.asked)
            and (before is None or each.ended < before)
            and self._exceeds_limit(each.connected, each.ended)
        ]

    def _exceeds_limit(self, start: int | None, stop: int | None) -> bool:
        """Whether as much time lies between two events as the assignment grants to who is silent."""
        if not self.terms.idle_timeout_s or start is None or stop is None:
            return False
        return self._span_ns(start, stop) >= self.terms.idle_timeout_s[0] * 1e9

    def _span_ns(self, start: int, stop: int) -> int:
        return self.events[stop].at_ns - self.events[start].at_ns

    def first(self, kind: Kind, actor: str | None = None) -> Event | None:
        """The first event of a kind, or None."""
        return next((event for _, event in self.all(kind, actor)), None)

    def final(self, kind: Kind, actor: str | None = None) -> Event | None:
        """The last event of a kind, or None."""
        return next((event for _, event in reversed(list(self.all(kind, actor)))), None)

    def client(self, name: str) -> Client:
        """The story of one client.

        Raises:
            Missing: there is no such client in the recording.
        """
        return story_of(self.events, self.terms, name, lambda: self._answers_somebody)

    @cached_property
    def _answers_somebody(self) -> bool:
        """Whether anybody in this recording got a right reply."""
        terms = self.terms
        names = dict.fromkeys(e.actor for e in self.events if e.kind in {Kind.RECEIVED, Kind.SHOWN})
        if any(hear(self.events, terms, name).is_right(terms) for name in names):
            return True
        return any(
            terms.is_reply(visit.line, terms.reply_in(visit.answer, visit.line))
            for _, event in self.all(Kind.CROWDED)
            for visit in Crowd.of(0, event.detail).visits
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
        for index, event in self.all(Kind.CROWDED):
            if event.detail["name"] == name:
                crowd = Crowd.of(index, event.detail)
                return replace(crowd, visits=tuple(map(self._judged, crowd.visits)))
        raise Missing(f"no crowd {name!r} in the recording")

    def _judged(self, visit: Visit) -> Visit:
        """The same visit with what answers it; with nothing, where others were answered rightly."""
        came = self.terms.reply_in(visit.answer, visit.line)
        if answers.is_own(self.terms, visit.line, came) or (came and not self._answers_somebody):
            return replace(visit, answer=came)
        return replace(visit, answer=b"", answered_ns=0, refusal=came)

    @property
    def root(self) -> int:
        """The pid of the process that was started.

        Raises:
            Missing: it never was.
        """
        started = self.first(Kind.STARTED)
        if started is None or started.detail.get("root") is None:
            raise Missing("the server was never started")
        return int(started.detail["root"])

    def require_start(self) -> None:
        """Nothing is held against a server that was never started.

        Raises:
            Missing: it never was.
        """
        _ = self.root

    def is_alive(self, at: Snapshot) -> bool:
        """True while the first process, or anyone holding the listening socket, lives."""
        return any(p.pid == self.root or p.listens for p in at.living)

    @property
    def printed(self) -> str:
        """All that the server printed in its last life, as far as it is kept."""
        event = self.final(Kind.PRINTED)
        return "" if event is None else event.data.decode("utf-8", "replace")

    def seconds_between(self, start: int, stop: int) -> float:
        """From one event to another."""
        return (self.events[stop].at_ns - self.events[start].at_ns) / 1e9

    def rest_is_proven_between(self, start: int | None, stop: int | None) -> bool:
        """Whether rest was proven between two events: only then is "no answer" a fact."""
        if start is None:
            return False
        return any(
            snapshot.is_proof and start < snapshot.index and (stop is None or snapshot.index < stop)
            for snapshot in self.snapshots()
        )

    def was_read(self, client: Client) -> bool:
        """Whether somebody had read a client's line by the first rest after it, and had not answered."""
        if client.asked is None or client.connected is None:
            return False
        connection = self.after(client.asked).connections.get(str(client.port))
        return connection is not None and connection["accepted"] and not connection["unread"]

    def silent_for_s(self, client: Client) -> float | None:
        """After how much silence the server ended a connection that it had held; None when it did not.

        It must have ended before the client said a word, and after a look at which the server had it;
        what ends at once (_SHORTEST_LIMIT_S) was ended by something else than a clock.
        """
        start, end = client.connected, client.ended
        if start is None or end is None or (client.asked is not None and client.asked < end):
            return None
        was_let_in = any(start < index < end for index, _ in self.all(Kind.ACCEPTED, client.name))
        looks = (each for each in self.snapshots() if start < each.index < end)
        silent_s = self.seconds_between(start, end)
        was_held = was_let_in or any(each.holds(client.port) for each in looks)
        return silent_s if was_held and silent_s >= _SHORTEST_LIMIT_S else None

    def require_patience(self, until: int | None) -> None:
        """Nobody who was to keep the server waiting was thrown out before an event, by the assignment.

        Raises:
            Missing: somebody was, and no longer kept it waiting.
        """
        if gone := self.thrown_out(before=until):
            raise Missing(
                f"{gone[0].name!r} was thrown out for its silence too early for this to be seen, as the "
                "assignment wants"
            )

    def snapshots(self) -> list[Snapshot]:
        """Every snapshot, in order."""
        return [snapshot(index, event.detail) for index, event in self.all(Kind.PROVED)]

    def after(self, index: int | None) -> Snapshot:
        """The first snapshot after an event.

        Raises:
            Missing: there is none, or the guard ran out.
        """
        for at, event in self.all(Kind.PROVED):
            if index is not None and at > index:
                return settled(snapshot(at, event.detail))
        raise Missing("the recording ends before the server came to rest")

    def before(self, index: int | None) -> Snapshot:
        """The last snapshot before an event; raises as `after`."""
        found = [item for item in self.all(Kind.PROVED) if index is not None and item[0] < index]
        if not found:
            raise Missing("nothing was seen before")
        return settled(snapshot(found[-1][0], found[-1][1].detail))

    def last(self) -> Snapshot:
        """The last snapshot; raises as `after`."""
        return self.before(len(self.events))

    def cut(self, length: int) -> Recording:
        """The same recording, ended after its first `length` events."""
        return replace(self, events=self.events[:length])

    def to_json(self) -> str:
        """One line of JSON, bytes in base64; long ones deflated before, and marked by a "z:"."""
        header = {
            "schema": SCHEMA,
            "forkspec": self.forkspec,
            "scenario": self.scenario,
            "subject": self.subject,
            "cell": self.cell,
            "seed": self.seed,
            "contract": dict(self.contract),
            "refusals": list(self.refusals),
            "target": self.target,
            "run": self.run,
        }
        events = [[e.at_ns, e.actor, e.kind.value, _packed(e.data), dict(e.detail)] for e in self.events]
        return json.dumps({**header, "events": events}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Recording:
        """Read back what `to_json` wrote.

        Raises:
            ValueError: not a recording, or one of another schema.
        """
        try:
            raw = json.loads(text)
            if raw["schema"] != SCHEMA:
                raise ValueError(f"a recording of schema {raw['schema']}; this forkspec reads {SCHEMA}")
            events = tuple(
                Event(at, actor, Kind(kind), _unpacked(data), detail)
                for at, actor, kind, data, detail in raw["events"]
            )
            return cls(
                scenario=raw["scenario"],
                subject=raw["subject"],
                cell=raw["cell"],
                seed=raw["seed"],
                events=events,
                contract=raw["contract"],
                forkspec=raw["forkspec"],
                refusals=tuple(raw["refusals"]),
                target=raw["target"],
                run=raw["run"],
            )
        except json.JSONDecodeError as error:
            raise ValueError("not a forkspec recording (not JSON)") from error
        except (KeyError, TypeError, AttributeError, zlib.error) as error:
            raise ValueError(f"not a forkspec recording ({error})") from error


def _packed(data: bytes) -> str:
    if len(data) < _LONG:
        return base64.b64encode(data).decode()
    return "z:" + base64.b64encode(zlib.compress(data, 1)).decode()


def _unpacked(text: str) -> bytes:
    if text.startswith("z:"):
        return zlib.decompress(base64.b64decode(text[2:]))
    return base64.b64decode(text)
