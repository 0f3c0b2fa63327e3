"""Orders that look: proofs of rest, what became of a client's connection, where processes stand."""

import contextlib
import os
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Final, assert_never

from harness.observe import family_count, linux, stacks, vain_accept
from harness.observe.census import Process
from harness.observe.descriptors import socket_inodes
from harness.observe.executed import Executed, executed
from harness.observe.family_state import is_accepted
from harness.observe.held import Holder
from harness.observe.quiescence import Observer, Proof
from harness.observe.sockets import Row, State

from . import look_protocol as orders

_QUICK_TRIES: Final = 12
_QUICK_PAUSE_S: Final = 0.0003
_BETWEEN_S: Final = 0.002
_LEAST: Final = 19  # nice(2)
_STOPPED: Final = "Tt"
_MOST_STANDING: Final = 3
_MOST_WAITS: Final = 100
_MOST_EXECUTED: Final = 8


class LookOrders:
    """Looks at the family of one cell.

    `pause(s)` waits, and raises when the order is void; `holder` holds tasks still for a look.
    """

    def __init__(self, observer: Observer, pause: Callable[[float], None], holder: Holder) -> None:
        self._observer = observer
        self._pause = pause
        self._holder = holder

    def obey(self, order: orders.LookOrder) -> orders.LookAnswer:  # noqa: PLR0911  (one for each order)
        """One order and its answer."""
        match order:
            case orders.Prove():
                proof = self._observer.prove(
                    order.deadline_ns, turns=order.turns, rest_will_do=order.rest_will_do
                )
                set_aside(self._observer, proof)
                return self._observer.report(proof)
            case orders.AwaitAccepted() | orders.AwaitConsumed():
                return self._until(order)
            case orders.TakeCensus():
                return self._observer.report(self._observer.unproven())
            case orders.CountFamily():
                observer = self._observer
                found = family_count.count(observer.init, observer.strangers | observer.guests)
                return orders.FamilyCount(time.monotonic_ns(), *found)
            case orders.TakeStock():
                return self._stock()
            case orders.Stand():
                return self._standing()
            case orders.TellExecuted():
                return orders.AllExecuted(self._executed())
            case _:
                assert_never(order)

    def _stock(self) -> orders.StockTaken:
        observer = self._observer
        without = observer.strangers | observer.guests
        size, used = (take(observer.init, without) for take in (family_count.count, family_count.used))
        return orders.StockTaken(*size, *used)

    def _until(self, order: orders.AwaitAccepted | orders.AwaitConsumed) -> orders.Awaited:
        """Whether it comes true before the family rests; if not, with the proof of that rest."""

        def holds(row: Row | None) -> bool:
            if row is None or not self._has_taken(row):
                return row is None and isinstance(order, orders.AwaitConsumed)
            return isinstance(order, orders.AwaitAccepted) or not row.unread

        for _ in range(_QUICK_TRIES):
            if holds(self._served(order.port)):
                return orders.Awaited(holds=True)
            self._pause(_QUICK_PAUSE_S)
        proof = self._observer.prove(order.deadline_ns, rest_will_do=True)
        set_aside(self._observer, proof)
        if proof.kind == "resting" and not holds(self._served(order.port)):
            proof = self._observer.prove(order.deadline_ns)
            set_aside(self._observer, proof)
        held = holds(self._served(order.port))
        return orders.Awaited(held, self._observer.report(proof))

    def _served(self, client_port: int) -> Row | None:
        """The server's end of the connection of one client."""
        port = self._observer.port
        for row in self._observer.sockets.rows(port):
            if row.local[1] == port and row.remote[1] == client_port:
                return row
        return None

    def _has_taken(self, row: Row) -> bool:
        return is_accepted(row, defers=self._observer.defers)

    def _standing(self) -> list[orders.Standing]:
        """Where the first of the family stand in their program; one that runs is held for the look."""
        found: list[orders.Standing] = []
        family = [each for each in self._observer.read_family() if each.tasks and not each.is_zombie]
        for process in family[:1] + family[1:][-_MOST_STANDING:]:
            standing: list[tuple[str, list[int]]] = []
            for task in process.tasks[:_MOST_STANDING]:
                look = partial(stacks.standing, process.told_by, task.tid)
                if task.call is None:
                    standing.append(("", self._holder.look(task.tid, look) or []))
                else:  # vfork() takes its return address off the stack
                    standing.append((task.call.name, [] if task.call.is_vfork else look()))
            told, vain = self._told(process), self._vain(process)
            last = len(standing) - 1
            found += [
                orders.Standing(process.pid, call, frames, told if number == last else "", vain)
                for number, (call, frames) in enumerate(standing)
            ]
        return found

    def _vain(self, process: Process) -> str:
        """The error of an accept() that fails again and again in one that runs; "" if none does."""
        if len(process.tasks) != 1 or process.tasks[0].state != "R":
            return ""
        pause = partial(self._pause, _QUICK_PAUSE_S)
        found = vain_accept.seen_in(self._holder, process.tasks[0].tid, pause, _MOST_WAITS)
        return found.error if found is not None else ""

    def _executed(self) -> list[Executed]:
        """The programs of the first processes that hold the listening socket."""
        port = self._observer.port
        rows = [row for row in self._observer.sockets.rows(port) if row.local[1] == port]
        listening = {row.inode for row in rows if row.state is State.LISTEN}
        living = (each.told_by for each in self._observer.read_family() if not each.is_zombie)
        holders = (pid for pid in living if listening.intersection(socket_inodes(pid)))
        return [executed(pid) for pid in islice(holders, _MOST_EXECUTED)]

    def _told(self, process: Process) -> str:
        """The place that a Python tells us by itself; "" where asking would change what it does.

        Our signal would come before one that waits already, and restart the call which that was to end.
        """
        if any(task.state in _STOPPED or task.pending for task in process.tasks):
            return ""
        for task in process.tasks:
            if task.call is not None and task.call.ends_at_any_signal:
                continue
            ask = partial(linux.tgkill, process.pid, task.tid, stacks.TELLS_ON)
            if task.call is None:
                ask = partial(self._holder.at_a_call, task.tid, ask)
            return stacks.told(process.told_by, task.caught, ask, partial(self._pause, _BETWEEN_S))
        return ""


def set_aside(observer: Observer, proof: Proof) -> None:
    """Give spinners that hold no socket, and so answer no client, the lowest priority."""
    for tid in observer.burning.aside if proof.kind == "spin" else ():
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, tid, _LEAST)
