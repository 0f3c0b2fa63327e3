"""A cell that has served one start serves the next as if just opened, or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import psutil
import pytest

from harness.cell.cell import Cell, CellError
from harness.cell.cells import Cells
from harness.cell.client_protocol import MakeSockets
from harness.cell.limits import Limits
from harness.cell.look_protocol import TakeCensus
from harness.cell.message import Program
from harness.cell.server_protocol import Freeze
from harness.cell.subject_protocol import Launch, LaunchReport, ReadOutput
from harness.observe.watch import Event
from harness.stage.deadline import after_ns

PORT: Final = 54321
BEGINS: Final = "import ctypes, os, socket, time; libc = ctypes.CDLL(None)\n"
SERVES: Final = f"""
listener = socket.socket(socket.AF_INET6)
listener.bind(("::", {PORT}))
listener.listen()
while True:
    with listener.accept()[0] as client:
        client.send(client.recv(100).upper())
"""
LEAVES_PROCESSES: Final = """
unix = socket.socket(socket.AF_UNIX)
unix.bind(b"\\0left")
os.makedirs("/tmp/left")
open("/dev/shm/left", "w").close()
if not os.fork():
    os.setsid()
"""
OBJECTS: Final = {
    "segment": "libc.shmget(4711, 4096, 0o1600)",
    "semaphore": "libc.semget(4711, 1, 0o1600)",
    "messages": "libc.msgget(4711, 0o1600)",
    "queue": "libc.mq_open(b'/left', 0o102, 0o600, None)",
}


@pytest.fixture
def cells() -> Iterator[Cells]:
    with Cells("bubblewrap") as opened:
        if asyncio.run(opened.grant()).kind != "bubblewrap":
            pytest.skip("no cell but one in bubblewrap is renewed")
        yield opened


async def launch(cell: Cell, code: str) -> LaunchReport:
    program = Program([b"/usr/bin/python3", b"-c", (BEGINS + code).encode()], {}, Limits())
    return await cell.ask(Launch(program, after_ns(20.0), PORT))


@asynccontextmanager
async def served(cells: Cells, told: list[Event] | None = None) -> AsyncIterator[Cell]:
    """A cell whose server has answered a client, and waits for one more to speak."""
    async with cells.cell((told if told is not None else []).append) as cell:
        report = await launch(cell, LEAVES_PROCESSES + SERVES)
        assert report.listener is not None, await cell.ask(ReadOutput())
        _, fds = await cell.ask_for_fds(MakeSockets(count=3, v6=False))
        with contextlib.ExitStack() as closed:
            first, silent, _ = (closed.enter_context(socket.socket(fileno=fd)) for fd in fds)
            first.settimeout(20.0)
            first.connect(("127.0.0.1", PORT))
            first.send(b"hello\n")
            assert first.recv(100) == b"HELLO\n"
            assert first.recv(100) == b""  # it has closed first: its end waits for a minute
            silent.connect(("127.0.0.1", PORT))
            yield cell


def test_a_server_that_may_not_share_its_port_starts_again(cells: Cells) -> None:
    async def play() -> list[bool]:
        renewed = []
        for _ in range(4):
            async with served(cells) as cell:
                renewed.append(cell.is_renewed)
        return renewed

    assert asyncio.run(play()) == [False, True, True, True]


def test_nothing_of_the_one_before_is_there(cells: Cells) -> None:
    async def play() -> None:
        told: list[Event] = []
        async with served(cells, told) as cell:
            before = len(told)
        assert len(told) == before, "what is ended at the end is none of the recording"
        async with cells.cell() as cell:
            assert cell.is_renewed
            seen = await cell.ask(TakeCensus())
            assert (seen.family, seen.listener) == ([], None)
            await launch(
                cell,
                "print(*os.listdir('/tmp'), *os.listdir('/dev/shm'))\n"
                "for kind in 'tcp', 'tcp6': print(*list(open(f'/proc/net/{kind}'))[1:])\n"
                "print(*[line for line in open('/proc/net/unix') if '@' in line])",
            )
            assert not (await cell.ask(ReadOutput())).head.split()

    asyncio.run(play())


def test_one_that_is_held_is_ended_too(cells: Cells) -> None:
    async def play() -> None:
        async with served(cells) as cell:
            root = (await cell.ask(TakeCensus())).family[0].pid
            assert await cell.ask(Freeze(root, told=False, deadline_ns=after_ns(20.0)))
        async with served(cells) as cell:
            assert cell.is_renewed

    asyncio.run(play())


@pytest.mark.parametrize("kind", OBJECTS)
def test_an_object_that_outlives_its_makers_is_met_by_nobody_else(cells: Cells, kind: str) -> None:
    async def play() -> tuple[bool, str]:
        async with cells.cell() as cell:
            await launch(cell, f"print('made' if {OBJECTS[kind]} >= 0 else 'refused')")
            printed = (await cell.ask(ReadOutput())).head.strip()
        async with cells.cell() as cell:
            return cell.is_renewed, printed

    is_renewed, printed = asyncio.run(play())
    if printed == "refused":
        pytest.skip("this machine makes none")
    assert (printed, is_renewed) == ("made", False)


def test_one_that_broke_off_is_not_used_again(cells: Cells) -> None:
    async def play() -> None:
        with pytest.raises(CellError):
            async with served(cells):
                raise CellError
        async with cells.cell() as cell:
            assert not cell.is_renewed

    asyncio.run(play())


def test_who_listens_in_it_from_outside_keeps_it_from_the_next(cells: Cells) -> None:
    async def play() -> None:
        async with cells.cell() as cell:
            _, fds = await cell.ask_for_fds(MakeSockets(count=1, v6=False))
            listener = socket.socket(fileno=fds[0])
            listener.bind(("127.0.0.1", PORT))
            listener.listen()
        with listener:
            async with cells.cell() as cell:
                assert not cell.is_renewed

    asyncio.run(play())


def test_a_cell_shows_the_folders_that_were_asked_for(cells: Cells, tmp_path: Path) -> None:
    async def play() -> list[bool]:
        renewed = []
        for folders in ([tmp_path], [], [tmp_path]):
            async with cells.cell(folders=folders) as cell:
                renewed.append(cell.is_renewed)
        return renewed

    assert asyncio.run(play()) == [False, False, True]


def descriptors() -> list[int]:
    """How many descriptors each process of ours has open that is there beside this one."""
    return [each.num_fds() for each in psutil.Process().children(recursive=True)]


def test_it_holds_no_more_descriptors_each_time(cells: Cells) -> None:
    async def play() -> list[list[int]]:
        counts = []
        for _ in range(4):
            async with served(cells):
                pass
            counts.append(descriptors())
        return counts

    _, second, third, last = asyncio.run(play())
    assert second == third == last
