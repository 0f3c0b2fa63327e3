"""The server, as a scenario acts upon it: signals, limits, errors, restarts. Each act is noted."""

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from msgspec.structs import asdict

from harness.cell import server_protocol as orders
from harness.cell.cell import Cell
from harness.cell.client_protocol import StartConsole
from harness.cell.look_protocol import TellExecuted
from harness.cell.subject_protocol import Output, ReadOutput
from harness.cell.trace_protocol import BeginForkOrder, EndForkOrder, First, ReleaseChildren
from harness.observe.family_state import FamilyReport
from harness.record.events import (
    Branched,
    Ended,
    Executes,
    Frozen,
    Injected,
    Lifted,
    Limited,
    Ordered,
    Signalled,
    Thawed,
    Witness,
)
from harness.record.host import reached_at

from .deadline import CouldNotTell
from .look import Look
from .points import Points
from .pseudo_terminal import open_terminal
from .reported import note_output
from .rest import Connection, Rest
from .usage import Usage


@dataclass(frozen=True, slots=True)
class Start:
    """One start of the server: its first process (0 when none lives), and the proof of rest after it."""

    root: int
    report: FamilyReport


@dataclass(slots=True)
class RunningFirst:
    """It is decided which process runs first after fork(), unless that `is_refused`.

    Afterwards `ended` is known: so many children had ended before their parent went on.
    """

    is_refused: bool = False
    ended: int = 0


Launch = Callable[[Output], Awaitable[Start]]


class Server:
    """The server on trial. `told` is the port that it was given, `port` the one that it listens on."""

    def __init__(
        self, cell: Cell, rest: Rest, start: Start, *, told: int = 0, launch: Launch | None = None
    ) -> None:
        """`launch(output)` starts the server again, and notes what it finds.

        `output` is where the server prints: a "pty" or a "pipe".
        """
        self.root = start.root
        self.told = told
        self._cell = cell
        self._rest = rest
        self._journal = rest.journal
        self._launch = launch
        self.points = Points(cell, rest.journal)
        self.usage = Usage(cell, rest)
        self._aim_at(start)

    def _aim_at(self, start: Start) -> None:
        """Take this start for the state from which everything counts."""
        listener = start.report.listener
        if listener is None:
            raise ValueError("a server that does not listen has no clients")
        self.port = listener.port
        self._host = reached_at(listener.address, v6_only=listener.v6_only)
        self.speaks_v6 = ":" in self._host
        self.backlog = listener.backlog
        self._at_start = frozenset(process.pid for process in start.report.family)
        self._rest.see(start.report)

    @property
    def address(self) -> tuple[str, int]:
        """Where a client connects to: at 127.0.0.1, or where alone it listens."""
        return self._host, self.port

    def room_for(self, count: int) -> int:
        """`count`, or fewer if the accept queue holds fewer clients; at least 1."""
        return max(1, min(count, self.backlog))

    def look(self) -> Look:
        """The family as it was last seen; nothing is looked up anew."""
        return Look(self._rest.snapshot, self.root, self._at_start)

    def is_alone(self) -> bool:
        """True when no more processes lived at the last look than at the start."""
        return self.look().is_alone

    def family_is_back(self) -> bool:
        """True when there were no more processes at the last look than at the start, with zombies."""
        return len(self._rest.snapshot.processes) <= len(self._at_start)

    async def signal(
        self, pid: int, number: signal.Signals, *, unless: Callable[[], bool] | None = None
    ) -> None:
        """Send a signal to one process of the family; then wait for rest, as `Rest.quiet` does."""
        self._journal.note(Signalled, "stage", pid=pid, signal=number.name)
        await self._cell.ask(orders.SendSignal(pid, number))
        await self._rest.quiet(unless=unless)

    async def interrupt(self) -> None:
        """Send SIGINT to the first process's group, as Ctrl-C does (termios(3)); then wait for rest."""
        self._journal.note(Signalled, "stage", pid=self.root, signal=signal.SIGINT.name)
        await self._cell.ask(orders.Interrupt(self.root))
        await self._rest.quiet()

    async def freeze(self, pid: int, *, told: bool = False) -> None:
        """Stop one process of the family, and wait until all its threads have stopped.

        Its parent is told of this (SIGSTOP, then SIGCHLD) only with `told`.
        """
        stopped = await self._cell.ask(orders.Freeze(pid, told, self._rest.deadline_ns))
        self._journal.note(Frozen, "stage", pid=pid, stopped=stopped)

    async def thaw(self, pid: int) -> None:
        """Let a frozen process go on (SIGCONT), and wait for rest."""
        self._journal.note(Thawed, "stage", pid=pid)
        await self._cell.ask(orders.SendSignal(pid, signal.SIGCONT))
        await self._rest.quiet(unless=self.family_is_back)

    async def pause(self) -> None:
        """Stop the whole family, let it go on (SIGSTOP, SIGCONT), and wait for rest."""
        paused = await self._cell.ask(orders.Pause(self._rest.deadline_ns))
        for pid in paused.pids:
            self._journal.note(Frozen, "stage", pid=pid, stopped=paused.stopped)
        for pid in paused.pids:
            self._journal.note(Thawed, "stage", pid=pid)
        await self._rest.quiet()

    @asynccontextmanager
    async def short_of(self, what: orders.Resource) -> AsyncIterator[None]:
        """Within the block the family gets no more "descriptors", or no more "processes"."""
        bound = await self._cell.ask(orders.Limit(what))
        self._journal.note(Limited, "stage", of=what, bound=bound)
        try:
            yield
        finally:
            await self._cell.ask(orders.Lift(what))
            self._journal.note(Lifted, "stage", of=what)

    @asynccontextmanager
    async def injecting(
        self, calls: Sequence[str], error: str, *, at: Connection | None = None
    ) -> AsyncIterator[bool]:
        """Within the block the next one of these system calls fails once, with this error.

        The process that serves the client at port `at` makes the call, on its connection, if there is
        one; otherwise the process that listens. Processes that these start may make it, too.

        Yields False, and notes a branch, where the machine does not allow it. At the end of the block
        the stage notes which call has failed: none where it is EINTR, and the call never waits.
        """
        look = self.look()
        serving = None if at is None else look.process_serving(at)
        pid = look.listener if serving is None else serving.pid
        port = 0 if serving is None or at is None else at.port
        order = orders.Inject(pid, list(calls), error, self._rest.deadline_ns, port)
        refused = await self._cell.ask(order)
        is_spared = refused == orders.SPARED
        if refused and not is_spared:
            self._journal.note(Branched, "stage", cause=refused, refused=True)
            yield False
            return
        met = orders.Met("", "", 0)
        try:
            yield True
        finally:
            if not is_spared:
                met = await self._cell.ask(orders.Detach(self._rest.deadline_ns))
            self._journal.note(Injected, "stage", error=error, **asdict(met))

    @asynccontextmanager
    async def running_first(self, first: First, pid: int) -> AsyncIterator[RunningFirst]:
        """Within the block the "parent", or the "child", runs first at each fork() of this process.

        A child that is not to run first is held until `let_children_run`; a parent until its child has
        ended. Where the machine does not allow it, a branch is noted.
        """
        order = RunningFirst()
        refused = await self._cell.ask(BeginForkOrder(pid, first))
        if refused:
            order.is_refused = True
            self._journal.note(Branched, "stage", cause=refused, refused=True)
            yield order
            return
        try:
            yield order
        finally:
            met = await self._cell.ask(EndForkOrder())
            order.ended = met.ended
            self._journal.note(Ordered, "stage", pid=pid, first=first, forks=met.forks, ended=met.ended)

    async def let_children_run(self) -> None:
        """Let the children go that are held since their parent was to run first."""
        await self._cell.ask(ReleaseChildren())

    async def launch(self, output: Output = "pty") -> bool:
        """Start the server, printing to a "pty" or a "pipe"; clients then connect to the new one.

        False when it does not listen: then it can have no clients.

        Raises:
            CouldNotTell: this stage cannot start a server; ours, never the server's fault.
        """
        if self._launch is None:
            raise CouldNotTell("this stage cannot start a server")
        start = await self._launch(output)
        self.root = start.root
        if start.report.listener is None:
            return False
        self._aim_at(start)
        return True

    async def restart(self, output: Output = "pty") -> bool:
        """End the server, and start it again as `launch` does."""
        await self.end()
        return await self.launch(output)

    async def end(self) -> None:
        """Note what the server has printed, and kill its whole family (SIGKILL)."""
        await self.note_output()
        left = await self._cell.ask(orders.KillFamily(self._rest.deadline_ns))
        self._journal.note(Ended, "stage", left=left)

    async def note_output(self) -> None:
        """Note what the server has printed since its start."""
        note_output(self._journal, await self._cell.ask(ReadOutput()))

    async def printed_so_far(self) -> int:
        """How many bytes the server has printed since its start."""
        return (await self._cell.ask(ReadOutput())).total

    async def note_executed(self) -> None:
        """Note what the processes execute that hold the listening socket."""
        for each in (await self._cell.ask(TellExecuted())).processes:
            self._journal.note(Executes, f"process {each.pid}", **asdict(each))

    @asynccontextmanager
    async def beside_bystander(self) -> AsyncIterator[None]:
        """Within the block a process with the server's uid runs that is none of the server's.

        At the end of the block the stage notes whether it still lives.
        """
        master, slave = open_terminal()
        try:
            try:
                pid = await self._cell.ask(StartConsole([b"/bin/cat"], {}), [slave])
            finally:
                os.close(slave)
            yield
            self._journal.note(Witness, "bystander", lives=await self._cell.ask(orders.AskLives(pid)))
        finally:
            os.close(master)
