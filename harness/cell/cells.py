"""The harness's side: open a cell, give orders, hear events, close it whole."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

import harness

from . import wire
from .limits import DEFAULTS

CellKind = Literal["bubblewrap", "namespaces", "plain"]
_TRIAL_NS: Final = 10_000_000_000
KINDS: Final[tuple[CellKind, ...]] = ("bubblewrap", "namespaces", "plain")


class CellError(harness.HarnessError):
    """A cell broke: ours, never the subject's grade."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a better cell is not to be had: a code of ours, and what the machine said."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Which cell this machine gives, and what the better ones were refused for."""

    kind: CellKind
    refusals: tuple[Refusal, ...] = ()


class Cell:
    """One open cell. Every order is answered by its keeper; `on_event` hears births and deaths."""

    def __init__(self, channel: socket.socket, on_event: Callable[[wire.Message], None]) -> None:
        self._channel = channel
        self._inbox = wire.Inbox(channel)
        self._waiting: dict[int, asyncio.Future[tuple[wire.Message, list[int]]]] = {}
        self._opened: asyncio.Future[wire.Message] = asyncio.get_running_loop().create_future()
        self._next = 0
        self._on_event = on_event
        self.kind: CellKind = "plain"
        self.refusals: tuple[Refusal, ...] = ()

    async def open(self, setting: wire.Message) -> Self:
        """Send the setting and wait for the keeper to have settled in.

        Raises:
            CellError: the keeper could not.
        """
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel, self._readable)
        wire.send(self._channel, setting)
        opened = await self._opened
        self.kind = opened["cell"]
        self.refusals = tuple(Refusal(*refusal) for refusal in opened["refusals"])
        return self

    async def order(self, name: str, fds: list[int] | None = None, **words: object) -> wire.Message:
        """One order and its answer.

        Raises:
            CellError: the keeper has gone, or the order itself failed.
        """
        return (await self.order_for_fds(name, fds, **words))[0]

    async def order_for_fds(
        self, name: str, fds: list[int] | None = None, **words: object
    ) -> tuple[wire.Message, list[int]]:
        """As `order`, with the descriptors that came back; the caller owns them."""
        self._next += 1
        answer: asyncio.Future[tuple[wire.Message, list[int]]]
        answer = asyncio.get_running_loop().create_future()
        self._waiting[self._next] = answer
        message = {"order": name, "id": self._next, "fds": len(fds or []), **words}
        try:
            wire.send(self._channel, message, fds)
        except OSError as error:
            raise CellError(f"the keeper of this cell has gone ({error.strerror})") from error
        reply = await answer
        if "error" in reply[0]:
            raise CellError(str(reply[0]["error"]))
        return reply

    def close(self) -> None:
        """Let go: the keeper sees the end of the channel and ends everything in the cell."""
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop().remove_reader(self._channel)
        self._channel.close()

    async def closed(self) -> None:
        """Close, and wait until the keeper has gone and with it the port, if ports are shared."""
        self._channel.shutdown(socket.SHUT_WR)
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._channel)
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(3.0):
                while await loop.sock_recv(self._channel, 65_536):
                    pass
        self._channel.close()

    def _readable(self) -> None:
        try:
            alive = self._inbox.read()
        except BlockingIOError:
            return
        except OSError:
            alive = False
        while (message := self._inbox.take()) is not None:
            self._dispatch(*message)
        if not alive:
            asyncio.get_running_loop().remove_reader(self._channel)
            gone = CellError("the keeper of this cell was killed, or broke")
            futures: list[asyncio.Future[Any]] = [self._opened, *self._waiting.values()]
            for future in futures:
                if not future.done():
                    future.set_exception(gone)

    def _dispatch(self, message: wire.Message, fds: list[int]) -> None:
        if "reply" in message:
            future = self._waiting.pop(message["reply"])
            if not future.done():
                future.set_result((message, fds))
        elif "event" in message:
            self._on_event(message["event"])
        elif "cell" in message:
            self._opened.set_result(message)
        elif not self._opened.done():
            self._opened.set_exception(CellError(str(message.get("error"))))


class Cells:
    """The zygote, and what this machine grants. One a process; close it at the end."""

    def __init__(self, wanted: CellKind | None = None) -> None:
        """Cells of the `wanted` kind, or of the best that is granted."""
        self._wanted = wanted
        self._grant: Grant | None = None
        self._channel: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def _zygote(self) -> socket.socket:
        if self._channel is None or self._process is None or self._process.poll() is not None:
            ours, theirs = socket.socketpair()
            root = str(Path(harness.__file__).parent.parent)
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", _START, root, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    env={"PATH": os.environ.get("PATH", os.defpath)},
                    start_new_session=True,
                )
            self._channel = ours
        return self._channel

    @asynccontextmanager
    async def cell(
        self,
        on_event: Callable[[wire.Message], None] = lambda _: None,
        folders: Sequence[Path] = (),
    ) -> AsyncIterator[Cell]:
        """One cell, open for the length of the block.

        `folders` are what the subject may read beside the system; it may be started in the first.

        Raises:
            CellError: it could not be opened.
        """
        grant = await self.grant()
        cell = await self._open(grant.kind, on_event, folders)
        try:
            yield cell
        finally:
            if cell.kind == "plain":
                await cell.closed()
            else:
                cell.close()

    async def grant(self) -> Grant:
        """Find out once, by trying, which cell this machine gives."""
        if self._grant is None:
            refusals: list[Refusal] = []
            order = KINDS[KINDS.index(self._wanted) :] if self._wanted else KINDS
            for kind in order:
                granted, refused = await self._try(kind)
                refusals += [each for each in refused if each not in refusals]
                if granted:
                    self._grant = Grant(kind, tuple(refusals))
                    break
            else:
                raise CellError(
                    "no cell of any kind can be opened: " + "; ".join(each.text for each in refusals)
                )
        return self._grant

    async def _try(self, kind: CellKind) -> tuple[bool, list[Refusal]]:
        cell = await self._open(kind, lambda _: None, ())
        try:
            if cell.kind != kind:
                return False, list(cell.refusals)
            if kind != "bubblewrap":
                return True, []
            argv = ["/bin/sh", "-c", "echo in"]
            deadline_ns = time.monotonic_ns() + _TRIAL_NS
            await cell.order("launch", argv=argv, env={}, limits=DEFAULTS, deadline_ns=deadline_ns)
            output = await cell.order("output")
            if output["head"] == "in\n":
                return True, []
            said = str(output["head"]).strip() or "bwrap printed nothing"
            return False, [Refusal("bubblewrap", said)]
        finally:
            cell.close()

    async def _open(
        self, kind: CellKind, on_event: Callable[[wire.Message], None], folders: Sequence[Path]
    ) -> Cell:
        ours, theirs = socket.socketpair()
        with theirs:
            wire.send(self._zygote(), {"fds": 1}, [theirs.fileno()])
        cell = Cell(ours, on_event)
        try:
            return await cell.open({"cell": kind, "folders": [str(folder) for folder in folders]})
        except BaseException:
            cell.close()
            raise

    def close(self) -> None:
        """End the zygote, after its last keeper."""
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            self._process.wait()

    def __enter__(self) -> Self:
        """Use as a block, so that the zygote ends on every path."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


# -I keeps the student's environment and folder out of our interpreter's path; -S saves its start.
_START: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from harness.cell.zygote import main; main()"
)
