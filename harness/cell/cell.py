"""One open cell, as the harness sees it: one method for each order that its keeper takes."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from harness.observe.family_state import FamilyReport
from harness.observe.quiescence import TURNS

from .client_protocol import MakeSockets, StartConsole, Started, StartGuest
from .keeper_channel import CellError, KeeperLine, OnEvent
from .limits import Limits
from .look_protocol import (
    AwaitAccepted,
    AwaitConsumed,
    Awaited,
    Prove,
    Stand,
    Standing,
    Standings,
    TakeCensus,
)
from .message import Done, Program
from .protocol import CellKind, Setting
from .server_protocol import (
    AskLives,
    Detach,
    Freeze,
    Frozen,
    Inject,
    Injected,
    Interrupt,
    Killed,
    KillFamily,
    Lift,
    Limit,
    Limited,
    Lives,
    MeasureIdle,
    Met,
    Resource,
    SendSignal,
    Used,
)
from .subject_protocol import AwaitFreePort, Launch, LaunchReport, Output, PortState, Printed, ReadOutput

__all__ = ["Cell", "CellError", "OnEvent", "Refusal", "program"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a better cell is not to be had: a code of ours, and what the machine said."""

    code: str
    text: str


class Cell:
    """One open cell; `kind` is what was granted, `refusals` why it is none better.

    Each method is one order: it returns what the keeper answers, and raises CellError when the keeper
    has gone, or the system refused the order. Deadlines are nanoseconds of the monotonic clock.
    """

    def __init__(self, line: KeeperLine) -> None:
        self._line = line
        self.kind: CellKind = "plain"
        self.refusals: tuple[Refusal, ...] = ()

    async def open(self, setting: Setting) -> Self:
        """Send the setting and wait for the keeper to have settled in.

        Raises:
            CellError: the keeper could not.
        """
        opened = await self._line.open(setting)
        self.kind = opened.cell
        self.refusals = tuple(Refusal(code, text) for code, text in opened.refusals)
        return self

    def close(self) -> None:
        """Let go: the keeper sees the end of the channel and ends everything in the cell."""
        self._line.close()

    async def closed(self) -> None:
        """Close, and wait until the keeper has gone and with it the port, if ports are shared."""
        await self._line.closed()

    # The subject.

    async def launch(
        self,
        what: Program,
        *,
        deadline_ns: int,
        terminal: int | None = None,
        port: int | None = None,
        output: Output = "pty",
        spins: bool = False,
        aims_at: int | None = None,
        inherits: int = 0,
        ready: str = "",
        typed: str = "",
    ) -> LaunchReport:
        """Start the subject, on a `terminal` if one is given; see `Launch` for the others."""
        order = Launch(what, deadline_ns, port, output, spins, aims_at, inherits, ready, typed)
        return await self._line.ask(order, LaunchReport, [] if terminal is None else [terminal])

    async def read_output(self) -> Printed:
        """What the subject has printed since it was launched, and how it ended if it has."""
        return await self._line.ask(ReadOutput(), Printed)

    async def await_free_port(self, port: int, *, reuses: bool, deadline_ns: int) -> bool:
        """Whether nobody has the port any more, not even an old connection unless one `reuses` it."""
        return (await self._line.ask(AwaitFreePort(port, reuses, deadline_ns), PortState)).free

    # Its clients.

    async def start_console(
        self, argv: Sequence[str], environment: Mapping[str, str], terminal: int
    ) -> int:
        """Start a program of ours on a terminal; its pid."""
        order = StartConsole(_words(argv), _environment(environment))
        return (await self._line.ask(order, Started, [terminal])).pid

    async def start_guest(self, what: Program, terminal: int) -> int:
        """Start a student's own client on a terminal, as the subject is started; its pid."""
        return (await self._line.ask(StartGuest(what), Started, [terminal])).pid

    async def make_sockets(self, count: int, *, v6: bool) -> list[int]:
        """So many TCP sockets born in the cell, not connected; the caller owns them."""
        return (await self._line.ask_for_fds(MakeSockets(count, v6), Done))[1]

    # Looks.

    async def prove(
        self, *, deadline_ns: int, turns: int = TURNS, rest_will_do: bool = False
    ) -> FamilyReport:
        """Wait until nothing can happen by itself, or, if `rest_will_do`, but by a clock."""
        return await self._line.ask(Prove(deadline_ns, turns, rest_will_do), FamilyReport)

    async def await_accepted(self, port: int, *, deadline_ns: int) -> Awaited:
        """Whether the server has taken the connection of the client on this port."""
        return await self._line.ask(AwaitAccepted(port, deadline_ns), Awaited)

    async def await_consumed(self, port: int, *, deadline_ns: int) -> Awaited:
        """Whether the server has read all that the client on this port has sent."""
        return await self._line.ask(AwaitConsumed(port, deadline_ns), Awaited)

    async def census(self) -> FamilyReport:
        """The family and the sockets at this moment; proves nothing."""
        return await self._line.ask(TakeCensus(), FamilyReport)

    async def stand(self) -> list[Standing]:
        """Where the first processes of the family stand in their program."""
        return (await self._line.ask(Stand(), Standings)).standing

    # Acts on the server's processes.

    async def send_signal(self, pid: int, number: signal.Signals) -> None:
        """Send one process a signal."""
        await self._line.ask(SendSignal(pid, number), Done)

    async def interrupt(self, pid: int) -> None:
        """Send SIGINT to the family's part of this process's group."""
        await self._line.ask(Interrupt(pid), Done)

    async def freeze(self, pid: int, *, told: bool, deadline_ns: int) -> bool:
        """Stop a process; with `told`, its parent hears of it. Whether all its threads stand still."""
        return (await self._line.ask(Freeze(pid, told, deadline_ns), Frozen)).frozen

    async def limit(self, resource: Resource) -> int:
        """Let the family get no more of a resource; how many processes are bound by that."""
        return (await self._line.ask(Limit(resource), Limited)).bound

    async def lift(self, resource: Resource) -> None:
        """Give the family back what `limit` has taken."""
        await self._line.ask(Lift(resource), Done)

    async def measure_idle(self, window_ns: int, *, deadline_ns: int) -> Used:
        """What the family uses while nobody asks anything of it."""
        return await self._line.ask(MeasureIdle(window_ns, deadline_ns), Used)

    async def kill_family(self, *, deadline_ns: int) -> int:
        """Kill all of the family; how many are left."""
        return (await self._line.ask(KillFamily(deadline_ns), Killed)).left

    async def lives(self, pid: int) -> bool:
        """Whether a process is there, and no zombie."""
        return (await self._line.ask(AskLives(pid), Lives)).lives

    async def inject(self, pid: int, calls: Sequence[str], error: str, *, deadline_ns: int) -> str:
        """Let the next of these calls fail, until `detach`; why it cannot be done, "" where it is."""
        order = Inject(pid, list(calls), error, deadline_ns)
        return (await self._line.ask(order, Injected)).refused

    async def detach(self, *, deadline_ns: int) -> Met:
        """Let the family rest, then let its calls alone again; what the error was met on."""
        return await self._line.ask(Detach(deadline_ns), Met)


def program(
    argv: Sequence[str], environment: Mapping[str, str], limits: Limits, *, in_folder: bool
) -> Program:
    """A program to be started, from its words as the system has them (os.fsencode)."""
    return Program(_words(argv), _environment(environment), limits, in_folder)


def _words(argv: Sequence[str]) -> list[bytes]:
    return [os.fsencode(word) for word in argv]


def _environment(environment: Mapping[str, str]) -> dict[bytes, bytes]:
    return {os.fsencode(key): os.fsencode(value) for key, value in environment.items()}
