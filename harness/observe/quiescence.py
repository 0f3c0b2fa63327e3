"""The proof that nothing more can happen until the harness acts.

Two identical looks at every task and every socket, all tasks asleep in calls that only an event
can end, every byte delivered: then "no answer" is a fact and not a guess. A family that never rests
is told from one that burns (spin) and from one that merely ticks (turns).
"""

import time
from collections.abc import Callable, Collection
from typing import Final

import msgspec

from . import census, family_state
from .burning import Burning
from .census import Process
from .clocks import Clocks
from .family_state import FamilyReport, ProofKind
from .holdings import Holdings
from .jvm import JvmThreads
from .motion import Look, as_traced, beside_input, fingerprint, input_waits, unrest, wakings
from .rereading import FamilyReader
from .sockets import SocketTable, State
from .standstill import Standstill, patience_ns
from .timed_sleeps import Naps, Sleep
from .timers import FAR_AWAY_NS
from .watch import Event, Watch

DEAF_NS: Final = 300_000_000
TURNS: Final = 2
_FIRST_PAUSE_S: Final = 0.0002
_LONGEST_PAUSE_S: Final = 0.004
_SWARM: Final = 64  # processes more than at the last rest
_SWARMS_NS: Final = 2_000_000_000
_CLOCK_PAUSE_S: Final = 0.025  # all stand still, and what wakes by the clock is counted, not watched


class Proof(msgspec.Struct, frozen=True):
    """How a wait ended. `until_ns` bounds an "until"; `why_not` says what was still moving."""

    kind: ProofKind
    look: Look
    until_ns: int | None = None
    why_not: str = ""


class _Rest(msgspec.Struct):
    """A standstill: its look, since when it lasts, and how often each ticking task has woken."""

    fingerprint: object
    since_ns: int
    woken_at: dict[int, int] = msgspec.field(default_factory=dict)


class Observer:
    """The instruments of one cell. They watch the processes below its init."""

    def __init__(
        self,
        init: int,
        pause: Callable[[float], None],
        last_pid: Callable[[], int | None],
        *,
        owned_namespace: bool,
    ) -> None:
        """Point the instruments at `init`.

        `strangers` (by pid) are not the subject's, but must rest too, as its clients must; so must
        `guests` and all below them. `uninvolved` are not looked at: a tracer moves whenever somebody
        does.

        `pause(s)` waits and raises when the order is void; `last_pid()` is the newest pid of the
        cell's own pid namespace, None without one.
        """
        self.init = init
        self.strangers: set[int] = set()
        self.guests: set[int] = set()
        self.uninvolved: set[int] = set()
        self.events: list[Event] = []
        self.port: int | None = None
        self.defers = False
        self.watch = Watch()
        self.sockets = SocketTable()
        self._reader = FamilyReader(init)
        self._jvm = JvmThreads()
        self._holdings = Holdings()
        self._standstill = Standstill(pause)
        self._last_pid = last_pid
        self._owned_namespace = owned_namespace
        self._clocks = Clocks(self._holdings)
        self._last_look = Look(time.monotonic_ns(), [], [])
        self.burning = Burning()
        self._is_disturbed = True
        self._at_rest = 0

    def close(self) -> None:
        """Lay the instruments down."""
        self.watch.close()
        self.sockets.close()
        self._reader.close()

    def disturb(self) -> None:
        """Say that more was done than looking: how long the family stood still is counted anew."""
        self._is_disturbed = True

    def look(self) -> Look:
        """Read every task and every socket once."""
        processes = list(map(self._jvm.as_told, self._reader.family(without=self.uninvolved)))
        if self.uninvolved:
            processes = [as_traced(process, self.uninvolved) for process in processes]
        rows = self.sockets.rows(None if self._owned_namespace else self.port)
        if not self._owned_namespace and self.port is None:
            rows = [row for row in rows if row.state is State.LISTEN]
        look = Look(time.monotonic_ns(), processes, rows, self.defers)
        self._clocks.note(look)
        self._last_look = look
        self._standstill.note(look, self.port)
        self.events += self.watch.add(self.family(look))
        return look

    def family(self, look: Look) -> list[Process]:
        """The subject's own processes in a look, without clients and sandbox."""
        foreign = self._foreign(look)
        return [process for process in look.processes if process.pid not in foreign]

    def read_family(self) -> list[Process]:
        """The family at this moment, read anew, with a student's own clients."""
        return list(map(self._jvm.as_told, census.family(self.init, without=self.strangers)))

    def _foreign(self, look: Look) -> set[int]:
        """The pids of clients and sandbox. `look` lists parents before their children."""
        below = set(self.guests)
        for process in look.processes if below else ():
            if process.ppid in below:
                below.add(process.pid)
        return self.strangers | below

    def prove(self, deadline_ns: int, *, turns: int = TURNS, rest_will_do: bool = False) -> Proof:
        """Wait until nothing can change by itself; never longer than `deadline_ns` (monotonic).

        With `rest_will_do` a clock may still wake a task, and known spinners may go on: "resting"
        is returned as soon as all else stands still, and no task pauses in the middle of its work; it
        proves nothing about what has not come.
        """
        pause = _FIRST_PAUSE_S
        rest: _Rest | None = None
        look: Look | None = None
        ticking: set[int] = set()
        ignoring: set[int] = set()
        beside: dict[Sleep, int] = {}
        clocks = self._clocks
        clocks.found = set()
        if self._is_disturbed:
            self._standstill.begin()
            self._is_disturbed = False
        naps = Naps(self._last_look) if rest_will_do else None
        self.burning.begin()
        began_ns = time.monotonic_ns()
        while True:
            before, look = look, self.look()
            has_stood = rest is not None and not (ignoring or clocks.found) and _is_same(before, look)
            if not has_stood:
                self.burning.add(look, self.family(look))
                spared = self.burning.spinners if rest_will_do else ()
                ticking = clocks.ticking(look, ticking, spared)
                ignoring = ticking | self.burning.spent
            deaf = {tid for (tid, _), since in beside.items() if look.at_ns - since >= DEAF_NS}
            if why_not := "" if has_stood else unrest(look, self.init, ignoring, deaf):
                rest = None
                beside = {each: beside.get(each, look.at_ns) for each in beside_input(look)}
                if self.burning.is_chain and not self._others_move(look):
                    return self._spin(look)
            elif rest is None or not (has_stood or rest.fingerprint == fingerprint(look, ignoring)):
                rest = _Rest(fingerprint(look, ignoring), look.at_ns, wakings(look, ticking))
            elif self.burning.spent:
                return self._spin(look)
            elif proof := self._conclude(look, ticking, rest, turns, naps):
                self._at_rest = len(look.processes)
                return proof
            if look.at_ns > deadline_ns or self._swarms(look, began_ns):
                return Proof("guard", look, why_not=why_not or "a task sleeps with a time limit")
            self._standstill.pause(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE_S if rest is None else _CLOCK_PAUSE_S)

    def _swarms(self, look: Look, began_ns: int) -> bool:
        """Whether it has had far more processes than at the last rest for long, and few connections."""
        born = len(look.processes) - self._at_rest
        is_one = born >= _SWARM and born >= 4 * len(look.rows)
        return is_one and look.at_ns - began_ns > _SWARMS_NS

    def _spin(self, look: Look) -> Proof:
        self.burning.believe(self.family(look))
        return Proof("spin", look)

    def _others_move(self, look: Look) -> bool:
        """Whether a client still moves, or something is under way on a connection."""
        foreign = self._foreign(look)
        clients = [process for process in look.processes if process.pid in foreign]
        return bool(unrest(Look(look.at_ns, clients, look.rows, look.defers), self.init, ()))

    def _conclude(
        self, look: Look, ticking: set[int], rest: _Rest, turns: int, naps: Naps | None
    ) -> Proof | None:
        """What it proves that all stood still between two looks; None if timers leave it open.

        Where `naps` are counted, mere rest will do; it has come once the naps are over.
        """
        hidden = self._clocks.hidden(look)
        if not ticking and not hidden:
            return Proof("quiet", look)
        if naps is not None:
            return None if naps.go_on(look, self._clocks.asleep_since) else Proof("resting", look)
        if hidden <= ticking:
            return self._ticks_only(look, ticking, rest, turns)
        self._clocks.found |= hidden  # from the next look on these count as ticking
        return None

    def _ticks_only(self, look: Look, ticking: Collection[int], rest: _Rest, turns: int) -> Proof | None:
        """Whether ticking tasks have woken often enough, or sleep longer than a proof waits.

        While input waits for a server that works by a timer, two wakings are not yet a whole round of
        its loop: then it must have left the input waiting for FAR_AWAY_NS. Nor are they the end of a
        pause while a client has spoken and waits for its answer, or for the rest of it. A task
        that has not woken, and will not for so long, is not waited for.
        """
        has_waited = look.at_ns - rest.since_ns >= FAR_AWAY_NS
        is_early = not has_waited and input_waits(look, self.port)
        nearest: int | None = None
        patience = patience_ns(look, self.family(look), self.port, ticking)
        for process in look.processes:
            for task in process.tasks:
                if task.tid not in ticking:
                    continue
                woken = task.switches[0] - rest.woken_at.get(task.tid, task.switches[0])
                has_turned = task.state != "S" or woken >= turns
                if has_turned and (is_early or self._standstill.is_shorter_than(patience, look)):
                    return None
                if task.state == "S" and woken >= turns:
                    continue
                left = self._clocks.left_ns(process, task, look.at_ns)
                if left < FAR_AWAY_NS:
                    if not has_waited:
                        return None
                    left = 0
                nearest = left if nearest is None else min(nearest, left)
        if nearest is None:
            return Proof("turns", look)
        return Proof("until", look, until_ns=look.at_ns + nearest)

    def unproven(self) -> Proof:
        """A look that proves nothing, for a census in passing."""
        return Proof("none", self.look())

    def report(self, proof: Proof) -> FamilyReport:
        """The proof, with everything that a judge may ask of it."""
        return family_state.report(
            proof.look,
            self.family(proof.look),
            self._holdings,
            init=self.init,
            port=self.port,
            proof=proof.kind,
            until_ns=proof.until_ns,
            why_not=proof.why_not,
            last_pid=self._last_pid(),
        )


def _is_same(before: Look | None, look: Look) -> bool:
    """Whether this look tells the same as the last one: then all that follows from it is known."""
    if before is None or before.defers != look.defers:
        return False
    return before.processes == look.processes and before.rows == look.rows
