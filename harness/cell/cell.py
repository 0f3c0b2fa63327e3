"""One open cell, as the harness sees it: orders, their answers, events, and the keeper's end."""

import asyncio
import contextlib
import os
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Self, TypeVar, cast

import harness
from harness.observe.watch import Born, Event, Exited, Reaped

from . import wire
from .limits import Limits
from .message import AnsweredBy, Program, answer_to
from .protocol import FROM_KEEPER, Broken, CellKind, Failed, FromKeeper, Opened, Refusal, Renew, Setting

PATIENCE_S: Final = 120.0
_RENEWAL_S: Final = 5.0
OnEvent = Callable[[Event], None]
Expected = TypeVar("Expected")
Answer = TypeVar("Answer")


class CellError(harness.HarnessError):
    """A cell broke: ours, never the subject's grade."""


class CellGone(CellError):
    """The keeper went, and the subject with it: how its connections ended says nothing."""


class Spare(NamedTuple):
    """A keeper that waits for its cell's next use: the channel to it, and what it said of the cell."""

    channel: socket.socket
    opened: Opened

    @property
    def lives(self) -> bool:
        """Whether the keeper is there, and waits."""
        try:
            self.channel.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False


class Cell:
    """One open cell; `kind` is what was granted, `refusals` why it is none better.

    `unbounded` says why nothing bounds the memory of all its processes together, "" where that is done.
    With `is_renewed` it has served others before (docs/decisions/0067).

    Its keeper answers in the order in which it was asked. `on_event` is called with what it sends by
    itself: births and deaths.
    """

    def __init__(self, channel: socket.socket, on_event: OnEvent) -> None:
        self.kind: CellKind = "plain"
        self.refusals: tuple[Refusal, ...] = ()
        self.unbounded = ""
        self.is_renewed = False
        self._channel = channel
        self._inbox = wire.Inbox(channel, FROM_KEEPER)
        self._on_event = on_event
        self._told: Opened | None = None
        self._opened: asyncio.Future[Opened] = asyncio.get_running_loop().create_future()
        self._why_gone = "the keeper of this cell was killed, or broke"
        self._waiting: deque[asyncio.Future[tuple[object, list[int]]]] = deque()

    async def open(self, setting: Setting) -> Self:
        """Send the setting and wait for the keeper to settle in; raises CellError where it cannot."""
        self._listen()
        wire.send(self._channel, setting)
        return self._settle(await self._in_time(self._opened, setting))

    def open_again(self, opened: Opened) -> Self:
        """Go on with a keeper that was opened so, and has renewed its cell since."""
        self._listen()
        self.is_renewed = True
        self._opened.set_result(opened)
        return self._settle(opened)

    def _listen(self) -> None:
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel.fileno(), self._readable)

    def _settle(self, opened: Opened) -> Self:
        self._told = opened
        self.kind, self.refusals = opened.cell, tuple(opened.refusals)
        self.unbounded = opened.unbounded
        return self

    async def ask(self, order: AnsweredBy[Expected], fds: Sequence[int] = ()) -> Expected:
        """One order and its answer; `fds` go along. Raises CellError where none comes, or a refusal."""
        return (await self.ask_for_fds(order, fds))[0]

    async def ask_for_fds(
        self, order: AnsweredBy[Expected], fds: Sequence[int] = ()
    ) -> tuple[Expected, list[int]]:
        """As `ask`, with the descriptors that came back; the caller owns them."""
        try:
            wire.send(self._channel, order, fds)
        except OSError as error:
            raise CellGone(f"the keeper of this cell has gone ({error.strerror})") from error
        future: asyncio.Future[tuple[object, list[int]]]
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        answer, made = await self._in_time(future, order)
        if isinstance(answer, Failed):
            raise CellError(answer.error)
        if not isinstance(answer, answer_to(type(order))):
            raise CellError(f"the keeper answers {type(answer).__name__} to {type(order).__name__}")
        return cast("Expected", answer), made

    async def _in_time(self, answer: asyncio.Future[Answer], order: Setting | AnsweredBy[Any]) -> Answer:
        """Wait for an answer at most so long after the order's own deadline, if it has one.

        Raises:
            CellError: none came. Nothing more is heard of this keeper.
        """
        left_ns = getattr(order, "deadline_ns", 0) - time.monotonic_ns()
        try:
            async with asyncio.timeout(PATIENCE_S + max(0, left_ns) / 1e9):
                return await answer
        except TimeoutError:
            self._why_gone = f"the keeper of this cell did not answer for {PATIENCE_S:g} s"
            with contextlib.suppress(OSError):
                self._channel.shutdown(socket.SHUT_RDWR)
            raise CellGone(f"{self._why_gone}: {type(order).__name__}") from None

    def close(self) -> None:
        """Let go: the keeper sees the end of the channel and ends everything in the cell."""
        with contextlib.suppress(RuntimeError, ValueError):  # without a loop, or let go before
            asyncio.get_running_loop().remove_reader(self._channel.fileno())
        self._channel.close()

    async def renewed(self) -> Spare | None:
        """End all in it and close it: its keeper with a cell as new; None where that cannot be."""
        self._on_event = lambda _: None  # what is ended now is none of the recording
        try:
            async with asyncio.timeout(_RENEWAL_S):
                if self._told is None or not await self.ask(Renew()):
                    return None
            return Spare(self._channel.dup(), self._told)
        except (CellError, TimeoutError, OSError):
            return None
        finally:
            self.close()

    async def closed(self) -> None:
        """Close, and wait until the keeper has gone and with it the port, if ports are shared."""
        self._channel.shutdown(socket.SHUT_WR)
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._channel.fileno())
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
        try:
            while (heard := self._inbox.take()) is not None:
                self._dispatch(*heard)
        except wire.Garbled:
            alive = False
        if not alive:
            asyncio.get_running_loop().remove_reader(self._channel.fileno())
            gone = CellGone(self._why_gone)
            if not self._opened.done():
                self._opened.set_exception(gone)
            for future in self._waiting:
                if not future.done():
                    future.set_exception(gone)

    def _dispatch(self, message: FromKeeper, fds: list[int]) -> None:
        match message:
            case Opened():
                self._opened.set_result(message)
            case Broken():
                if self._opened.done():
                    self._why_gone = f"the keeper of this cell broke: {message.error}"
                else:
                    self._opened.set_exception(CellError(message.error))
            case Born() | Exited() | Reaped():
                self._on_event(message)
            case _:
                future = self._waiting.popleft()
                if not future.done():
                    future.set_result((message, fds))
                else:  # the task that asked was cancelled
                    for fd in fds:
                        os.close(fd)


def program(
    argv: Sequence[str],
    environment: Mapping[str, str],
    limits: Limits,
    reads: Sequence[Path],
    at_home: Mapping[str, Path],
    written: Mapping[str, str],
    *,
    in_folder: bool,
) -> Program:
    """A program to be started, from its words as the system has them (os.fsencode)."""
    return Program(
        [os.fsencode(word) for word in argv],
        {os.fsencode(key): os.fsencode(value) for key, value in environment.items()},
        limits,
        in_folder,
        [os.fsencode(folder) for folder in reads],
        {os.fsencode(name): os.fsencode(path) for name, path in at_home.items()},
        {os.fsencode(name): text.encode() for name, text in written.items()},
    )
