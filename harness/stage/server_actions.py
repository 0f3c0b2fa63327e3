"""What the stage does to the server itself, rather than to its clients; each act is written down."""

from __future__ import annotations

import os
import signal
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from harness.record.journal import Journal
from harness.record.recording import Kind

from .console import open_terminal

_IDLE_WINDOW_NS: Final = 500_000_000


class ServerActions(ABC):
    """Signals, limits, injected errors, idle measurements, restarts."""

    journal: Journal
    root: int
    snapshot: Mapping[str, Any]
    held: list[int]

    @abstractmethod
    async def _order(self, name: str, fds: list[int] | None = None, **words: Any) -> dict[str, Any]:
        """An order to the keeper, with the guard."""

    @abstractmethod
    async def quiet(self, *, unless: Callable[[], bool] | None = None) -> None:
        """As the stage's."""

    @abstractmethod
    def family_is_back(self) -> bool:
        """As the stage's."""

    @abstractmethod
    async def launch(self, output: str) -> bool:
        """As the stage's."""

    async def signal(
        self, pid: int, number: signal.Signals, *, unless: Callable[[], bool] | None = None
    ) -> None:
        """Send one process of the family a signal, and see the family come to rest as `quiet` does."""
        self.journal.note("stage", Kind.SIGNALLED, pid=pid, signal=number.name)
        await self._order("signal", pid=pid, signal=number)
        await self.quiet(unless=unless)

    async def interrupt(self) -> None:
        """Send SIGINT to all of the family that share its first process's group, as Ctrl-C does.

        Source: termios(3), INTR. Then see the family come to rest.
        """
        self.journal.note("stage", Kind.SIGNALLED, pid=self.root, signal=signal.SIGINT.name)
        await self._order("interrupt", pid=self.root)
        await self.quiet()

    async def freeze(self, pid: int, *, told: bool = False) -> None:
        """Stop one process of the family and wait until all its threads have stopped.

        Its parent hears of it (SIGSTOP, SIGCHLD) only if it is to be `told`.
        """
        answer = await self._order("freeze", pid=pid, told=told)
        self.journal.note("stage", Kind.FROZEN, pid=pid, stopped=answer["frozen"])

    async def thaw(self, pid: int) -> None:
        """Let a frozen process go on (SIGCONT), and see it come to rest."""
        self.journal.note("stage", Kind.THAWED, pid=pid)
        await self._order("signal", pid=pid, signal=signal.SIGCONT)
        await self.quiet(unless=self.family_is_back)

    @asynccontextmanager
    async def short_of(self, what: str) -> AsyncIterator[None]:
        """For the length of the block the family gets no more "descriptors", or no "processes"."""
        answer = await self._order("limit", resource=what)
        self.journal.note("stage", Kind.LIMITED, of=what, bound=answer["bound"])
        try:
            yield
        finally:
            await self._order("lift", resource=what)
            self.journal.note("stage", Kind.LIFTED, of=what)

    @asynccontextmanager
    async def injecting(self, calls: Sequence[str], error: str) -> AsyncIterator[bool]:
        """For the length of the block the next of these system calls fails once with this error.

        Yields False, with a branch noted, where that cannot be done. What was met is noted at the end.
        """
        family = self.snapshot["family"]
        server = next((each["pid"] for each in family if each["listens"]), self.root)
        answer = await self._order("inject", pid=server, calls=list(calls), error=error)
        if answer["refused"]:
            self.journal.note("stage", Kind.BRANCHED, cause=answer["refused"], refused=True)
            yield False
            return
        try:
            yield True
        finally:
            met = await self._order("detach")
            met = {key: met[key] for key in ("call", "on", "times")}
            self.journal.note("stage", Kind.INJECTED, error=error, **met)

    async def idle(self, when: str) -> None:
        """Measure what the family uses while nobody asks anything of it."""
        answer = await self._order("idle", window_ns=_IDLE_WINDOW_NS)
        answer = {key: answer[key] for key in ("window_ns", "cpu_ns", "wakings")}
        self.journal.note("stage", Kind.IDLED, when=when, **answer)

    async def restart(self, output: str = "pty") -> bool:
        """End the server, and start it again as `launch` does."""
        await self.end_server()
        return await self.launch(output)

    async def end_server(self) -> None:
        """Kill the whole family (SIGKILL); what it has printed is noted before."""
        await self.printed()
        answer = await self._order("kill")
        self.journal.note("stage", Kind.ENDED, left=answer["left"])

    async def printed(self) -> None:
        """Note what the server has printed since it was started."""
        self.journal.note_output(await self._order("output"))

    async def bystander(self) -> int:
        """Start a process that is none of the server's, with the server's uid; returns its pid."""
        master, slave = open_terminal()
        self.held.append(master)
        try:
            answer = await self._order("console", [slave], argv=["/bin/cat"], env={"PATH": os.defpath})
        finally:
            os.close(slave)
        return int(answer["pid"])

    async def look_after(self, bystander: int) -> None:
        """Note whether the bystander still lives."""
        answer = await self._order("lives", pid=bystander)
        self.journal.note("bystander", Kind.WITNESS, lives=answer["lives"])
