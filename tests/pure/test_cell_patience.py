"""A keeper that never answers is not waited for without an end, and one sentence says so."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Final

import pytest

from harness.cell import cell
from harness.cell.cell import Cell, CellError
from harness.cell.protocol import Opened, Setting
from harness.cell.subject_protocol import AwaitFreePort, ReadOutput
from harness.cell.wire import send

SHORT_S: Final = 0.05
SAYS: Final = "the keeper of this cell did not answer for 0.05 s: "


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell, "PATIENCE_S", SHORT_S)


async def opened(theirs: socket.socket, ours: socket.socket) -> Cell:
    """A cell whose keeper says that it is there, and nothing more."""
    send(theirs, Opened("plain", [], ""))
    return await Cell(ours, lambda _: None).open(Setting("plain", []))


def test_a_cell_that_never_opens_is_given_up() -> None:
    async def wait() -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            with pytest.raises(CellError, match=f"{SAYS}Setting"):
                await Cell(ours, lambda _: None).open(Setting("plain", []))
            ours.close()

    asyncio.run(wait())


def test_an_order_that_is_never_answered_is_given_up_and_so_is_the_cell() -> None:
    async def wait() -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            mute = await opened(theirs, ours)
            with pytest.raises(CellError, match=f"{SAYS}ReadOutput"):
                await mute.ask(ReadOutput())
            with pytest.raises(CellError, match="the keeper of this cell has gone"):
                await mute.ask(ReadOutput())
            await mute.closed()

    asyncio.run(wait())


def test_who_else_waits_for_the_same_keeper_is_told_at_once() -> None:
    async def wait() -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            mute = await opened(theirs, ours)
            far = time.monotonic_ns() + 3_600_000_000_000
            both = asyncio.gather(
                mute.ask(AwaitFreePort(1, False, far)), mute.ask(ReadOutput()), return_exceptions=True
            )
            told = [str(each) for each in await both]
            assert told == [SAYS.removesuffix(": "), f"{SAYS}ReadOutput"]
            mute.close()

    asyncio.run(wait())


def test_the_time_of_an_order_itself_is_waited_for() -> None:
    async def wait() -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            mute = await opened(theirs, ours)
            deadline_ns = time.monotonic_ns() + 300_000_000
            with pytest.raises(CellError, match=f"{SAYS}AwaitFreePort"):
                await mute.ask(AwaitFreePort(1, False, deadline_ns))
            assert time.monotonic_ns() > deadline_ns
            mute.close()

    asyncio.run(wait())
