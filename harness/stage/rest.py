"""Proofs of rest, for a server's stage and for a client's: nothing can happen until we act again."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, Protocol

from harness.cell.cell import Cell
from harness.cell.look_protocol import AwaitAccepted, AwaitConsumed, Prove, Stand, TakeCensus
from harness.observe.family_state import FamilyReport
from harness.record.events import Accepted, Branched, End, NotAccepted, Proved, Started, Stood
from harness.record.imports import ALARMS
from harness.record.journal import Journal
from harness.record.log import snapshot
from harness.record.snapshot import Snapshot

from .deadline import GUARD_S, CouldNotTell, after_ns
from .reported import note_proof, proof_of, standing_of

_MOST_EXTENSIONS: Final = 10
_LONGEST_PAUSE_S: Final = 10.0
_BETWEEN_CLOCKS_S: Final = 0.5
_PATIENCE: Final = 4  # proofs "until" without a further byte of a reply that has begun
AfterProof = Callable[["Rest", FamilyReport], Awaitable[None]]


class Progress(NamedTuple):
    """How many bytes the kernel has taken from an actor, and how many the actor has read."""

    sent: int = 0
    read: int = 0


class News(NamedTuple):
    """What an actor found out when it caught up.

    `wakes`: something that it did may have woken what is on trial. `has_begun`: a reply has begun to
    come, and all of it is right so far. `goes_on`: some of that reply is new.
    """

    wakes: bool = False
    has_begun: bool = False
    goes_on: bool = False


class Actor(ABC):
    """A client or server of ours that talks to the program on trial."""

    @property
    def progress(self) -> Progress:
        """How many bytes it has sent and read; zeros for an actor for whose bytes no wait waits."""
        return Progress()

    @abstractmethod
    def catch_up(self, since: Progress) -> News:
        """Read what has come, and send what was left; what is new since then."""


class Connection(Protocol):
    """One client's connection, as far as a proof about it must know it."""

    name: str
    port: int
    is_connected: bool
    end: End | None


class Rest:
    """Waits until what is on trial rests, and writes down how that is known. Owns the last snapshot.

    Whatever waits here raises CouldNotTell if the guard runs out first; that is nobody's fault.
    """

    def __init__(
        self,
        cell: Cell,
        journal: Journal,
        *,
        guard_s: float = GUARD_S,
        after_proof: AfterProof | None = None,
        notes_place: bool = True,
        needs_proof: bool = True,
    ) -> None:
        """`guard_s` is the longest that one wait may take, in seconds.

        `after_proof` is called after each proof, and then no proof is spared: it is for tests that
        doubt the proofs. With `notes_place` the first wait in vain is followed by a note of the lines
        of source at which the processes stand. Without `needs_proof` the scenario goes on where the
        guard has run out.
        """
        self.journal = journal
        self.snapshot = Snapshot(0, "none", 0, (), {}, None)
        self._cell = cell
        self._guard_s = guard_s
        self._after_proof = after_proof
        self._notes_place = notes_place
        self._needs_proof = needs_proof
        self._extensions = _MOST_EXTENSIONS
        self._actors: list[Actor] = []
        self._seen: tuple[FamilyReport, Proved] | None = None

    def heed(self, actor: Actor) -> None:
        """Let this actor catch up at each proof from now on."""
        self._actors.append(actor)

    async def quiet(self, *, unless: Callable[[], bool] | None = None) -> None:
        """Wait until nothing can happen by itself; then read all that has come, and note the proof.

        Where only a clock could still wake a process, a proof takes its time. It is spared when what
        the scenario waits for (`unless`) has come already: then mere rest is noted.
        """
        spare = unless is not None and self._after_proof is None
        report = await self.prove(rest_will_do=spare)
        if report.proof == "resting" and unless is not None and not unless():
            report = await self.prove()
        self.note(report)
        if report.proof == "spin" or (unless is not None and not unless()):
            await self._note_place()
        if self._after_proof is not None:
            await self._after_proof(self, report)

    async def outlast_clocks(self, *, unless: Callable[[], bool]) -> None:
        """Wait as `quiet` does, and on while only a clock can bring what the scenario waits for.

        A server that keeps a client, to try again after a few seconds, has all that time: 10 s.
        """
        end_ns = after_ns(_LONGEST_PAUSE_S)
        await self.quiet(unless=unless)
        while self.snapshot.proof == "until" and not unless() and time.monotonic_ns() < end_ns:
            await asyncio.sleep(_BETWEEN_CLOCKS_S)
            await self.quiet(unless=unless)

    async def outlast_a_clock(self, within_s: float) -> bool:
        """Wait for a clock that strikes within `within_s` and alone can wake a process, if one does."""
        pause_s = _pause_s(self._seen[0], within_s) if self._seen is not None else None
        if pause_s is None:
            return False
        await asyncio.sleep(pause_s)
        await self.quiet()
        return True

    @property
    def may_set_alarms(self) -> bool:
        """Whether the program itself calls alarm() or setitimer(), whose clock shows nowhere."""
        begun = [each for each in self.journal.events if isinstance(each, Started)]
        return any(not ALARMS.isdisjoint(each.imports or ()) for each in begun)

    async def outlast_an_alarm(self, within_s: float, *, is_over: Callable[[], bool]) -> None:
        """Wait until `is_over`, at most `within_s`: a clock may be set that shows nowhere."""
        end_ns = after_ns(within_s)
        while not is_over() and time.monotonic_ns() < end_ns:
            await asyncio.sleep(_BETWEEN_CLOCKS_S)
            self.see(await self.prove(rest_will_do=True))
        await self.quiet()

    async def settle(self) -> None:
        """Let everything come to rest, but for clocks and spinners. This proves nothing."""
        await self.quiet(unless=lambda: True)

    async def accepted(self, client: Connection) -> bool:
        """Whether the server has taken this client's connection from its queue; proven if not."""
        if not client.is_connected:
            return False
        if client.end is not None:
            return True
        answer = await self._cell.ask(AwaitAccepted(client.port, self.deadline_ns))
        self.journal.note(Accepted if answer.holds else NotAccepted, client.name)
        if answer.report is not None:
            self.note(answer.report)
        return answer.holds

    async def consumed(self, client: Connection) -> bool:
        """Whether the server has read all that this client sent; proven if not."""
        return (await self._cell.ask(AwaitConsumed(client.port, self.deadline_ns))).holds

    async def census(self) -> FamilyReport:
        """The family and the sockets as they are at this moment, for tests. This proves nothing."""
        return await self._cell.ask(TakeCensus())

    @property
    def deadline_ns(self) -> int:
        """Until when a wait that begins now may last: the guard."""
        return after_ns(self._guard_s)

    async def prove(self, *, rest_will_do: bool = False) -> FamilyReport:
        """A proof, not noted yet, with nothing of ours left to send or to make room for."""
        return await self._until_caught_up(None, rest_will_do=rest_will_do)

    async def note_launch(self, report: FamilyReport) -> None:
        """Note the proof that a launch came with, once all actors have caught up with it."""
        self.note(await self._until_caught_up(report))

    async def _until_caught_up(
        self, report: FamilyReport | None, *, rest_will_do: bool = False
    ) -> FamilyReport:
        """Prove again while what we do ourselves may have woken what is on trial.

        What we write, and what we read from a full buffer, sets it going. While a reply still comes,
        and is right so far, the guard begins anew: the reply may take its time. So may a reply that has
        begun while a clock is to strike: its server may be asleep between two pieces.
        """
        patience = _PATIENCE
        while True:
            before = [(actor, actor.progress) for actor in self._actors]
            if report is None:
                report = await self._cell.ask(Prove(self.deadline_ns, rest_will_do=rest_will_do))
            news = [actor.catch_up(since) for actor, since in before]
            self.see(report)
            goes_on = any(each.goes_on for each in news)
            if goes_on and report.proof == "guard" and self._extensions > 0:
                self._extensions -= 1
            else:
                patience = _PATIENCE if goes_on else patience - 1
                pause_s = _pause_s(report) if patience > 0 else None
                if pause_s is not None and any(each.has_begun for each in news):
                    await asyncio.sleep(pause_s)
                elif not any(each.wakes for each in news):
                    return report
            report = None

    def note(self, report: FamilyReport) -> None:
        """Write down what was seen and proven; raises CouldNotTell where the guard had run out."""
        note_proof(self.journal, self.see(report))
        if report.proof == "guard" and self._needs_proof:
            raise CouldNotTell(report.why_not)

    def branch(
        self,
        cause: str,
        *,
        limit: int | None = None,
        places: int | None = None,
        waiting: int | None = None,
        printed: int | None = None,
    ) -> None:
        """Note that the scenario took another way, and why; further counts as `Branched` has them."""
        self.journal.note(
            Branched, "stage", cause, limit=limit, places=places, waiting=waiting, printed=printed
        )

    def see(self, report: FamilyReport) -> Proved:
        """Take this report for the last snapshot; nothing is noted. The event that it would be."""
        if self._seen is None or self._seen[0] is not report:
            self._seen = report, proof_of(report)
            self.snapshot = snapshot(len(self.journal.events), self._seen[1])
        return self._seen[1]

    async def _note_place(self) -> None:
        """Note once, after a wait without success, at which lines of its source the family stands."""
        if self._notes_place:
            self._notes_place = False
            standing = tuple(map(standing_of, await self._cell.ask(Stand())))
            self.journal.note(Stood, "keeper", standing)


def _pause_s(report: FamilyReport, most_s: float = _LONGEST_PAUSE_S) -> float | None:
    """Seconds until a clock strikes, when that is all that can happen, and soon; otherwise None."""
    if report.proof != "until":
        return None
    strikes_s = ((report.until_ns or 0) - time.monotonic_ns()) / 1e9
    return max(0.0, strikes_s) if strikes_s < most_s else None
