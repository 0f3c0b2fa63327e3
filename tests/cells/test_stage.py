"""The stage's instruments, each on a server whose behaviour is known."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from harness.cell.cells import Cells
from harness.engine import targets
from harness.record.events import (
    Born,
    End,
    Event,
    Exited,
    Fin,
    HalfClosed,
    Reaped,
    Received,
    Reset,
    Started,
)
from harness.record.journal import Journal
from harness.stage import Stage
from harness.stage.deadline import after_ns
from harness.stage.reported import note_event
from harness.stage.server import Start
from harness.subject.launch import launch

Play = Callable[[Stage], Awaitable[None]]
On = Callable[[str, Play], Journal]
pytestmark = pytest.mark.xdist_group("stage")


@pytest.fixture(scope="module")
def on() -> Iterator[On]:
    """Play something against a reference server, in a cell of its own; what was written down."""
    with Cells() as cells:
        yield lambda name, act: asyncio.run(_played(cells, name, act))


async def _played(cells: Cells, name: str, act: Play) -> Journal:
    subject, journal = targets.prepare(name), Journal(time.monotonic_ns)
    if (await cells.grant()).kind == "plain":
        pytest.skip("needs a port of its own")
    async with cells.cell(partial(note_event, journal), subject.shown) as cell:
        launched = await launch(cell, subject, 8, after_ns())
        stage = Stage(cell, journal, Start(launched.root or 0, launched.report))
        try:
            await act(stage)
        finally:
            stage.close()
    return journal


def kinds(journal: Journal, actor: str) -> list[type[Event]]:
    return [type(event) for event in journal.events if event.actor == actor]


def test_a_peer_says_how_the_end_came(on: On) -> None:
    async def act(stage: Stage) -> None:
        peer = await stage.peer("anna")
        await peer.ask(b"hello\n")
        assert (peer.reply, peer.end) == (b"HELLO\n", End.FIN)

    assert kinds(on("tcpserver4", act), "anna")[-2:] == [Received, Fin]


SLOWLY = {
    "slowly.py": """
import socket, time
listener = socket.create_server(("", 54321))
while True:
    conn, _ = listener.accept()
    for byte in conn.recv(1024).upper():
        time.sleep(0.3)
        conn.send(bytes([byte]))
    conn.close()
""",
    "slowly.c": """
#include "base.h"
int main(int argc, char **argv)
{
    char line[1024];
    for (int listener = listen_on(argc, argv);;) {
        int conn = accept_client(listener);
        ssize_t have = read_line(conn, line, sizeof line);
        capitalise(line, have);
        for (ssize_t i = 0; i < have; i++) {
            usleep(300 * 1000);
            write_all(conn, line + i, 1);
        }
        close(conn);
    }
}
""",
}


@pytest.mark.parametrize("name", SLOWLY)
def test_a_right_reply_may_take_longer_than_the_guard(on: On, tmp_path: Path, name: str) -> None:
    async def act(stage: Stage) -> None:
        stage.rest._guard_s = 1.0
        peer = await stage.peer("anna")
        await peer.ask(b"hello you\n")
        assert (peer.reply, peer.end) == (b"HELLO YOU\n", End.FIN)

    (tmp_path / name).write_text(SLOWLY[name])
    shutil.copy("servers/base.h", tmp_path)
    on(str(tmp_path / name), act)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOWLY)
def test_a_reply_may_pause_for_longer_than_a_nap(on: On, tmp_path: Path, name: str) -> None:
    async def act(stage: Stage) -> None:
        peer = await stage.peer("anna")
        await peer.ask(b"a\n")
        assert (peer.reply, peer.end) == (b"A\n", End.FIN)

    slower = SLOWLY[name].replace("0.3", "3").replace("300 * 1000", "3000 * 1000")
    (tmp_path / name).write_text(slower)
    shutil.copy("servers/base.h", tmp_path)
    on(str(tmp_path / name), act)


ALARMS = {
    "alarm": "alarm(1);",
    "setitimer": "setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_sec = 1}, NULL);",
}


@pytest.mark.one_in_turn("an alarm")
@pytest.mark.parametrize("call", ALARMS)
def test_an_alarm_that_shows_nowhere_is_outlasted(on: On, tmp_path: Path, call: str) -> None:
    async def act(stage: Stage) -> None:
        stage.rest.journal.note(Started, "server", imports=(call,))
        peer = await stage.peer("anna")
        await stage.clients.outlast_clocks(peer, 10.0)
        assert peer.end is End.FIN

    (tmp_path / "dies.c").write_text(f"""
#include "base.h"
#include <sys/time.h>
int main(int argc, char **argv)
{{
    int listener = listen_on(argc, argv);
    reap_on_sigchld();
    for (;;) {{
        int conn = accept_client(listener);
        if (fork() == 0) {{
            close(listener);
            {ALARMS[call]}
            serve(conn);
            _exit(0);
        }}
        close(conn);
    }}
}}
""")
    shutil.copy("servers/base.h", tmp_path)
    on(str(tmp_path / "dies.c"), act)


def test_a_half_closed_peer_is_still_answered(on: On) -> None:
    async def act(stage: Stage) -> None:
        peer = await stage.peer("anna")
        peer.send(b"hello\n")
        peer.half_close()
        await stage.quiet()
        assert peer.reply == b"HELLO\n"

    assert HalfClosed in kinds(on("tcpserver4", act), "anna")


def test_a_reset_peer_leaves_nobody_behind(on: On) -> None:
    async def act(stage: Stage) -> None:
        peer = await stage.peer("anna")
        assert not stage.server.is_alone()
        peer.reset()
        await stage.quiet()
        assert stage.server.is_alone()

    assert kinds(on("tcpserver4", act), "anna")[-1] is Reset


def test_accepted_tells_the_queue_from_the_server(on: On) -> None:
    async def act(stage: Stage) -> None:
        first = await stage.peer("first")
        second = await stage.peer("second")
        assert await stage.rest.accepted(first)
        assert not await stage.rest.accepted(second)

    on("tcpserver", act)


def test_consumed_tells_the_buffer_from_the_server(on: On) -> None:
    async def act(stage: Stage) -> None:
        first = await stage.peer("first")
        first.send(b"half a li")
        assert await stage.rest.consumed(first)
        await stage.server.freeze(stage.server.root)
        second = await stage.peer("second")
        second.send(b"unread\n")
        assert not await stage.rest.consumed(second)
        await stage.server.thaw(stage.server.root)
        assert await stage.rest.consumed(second)

    on("tcpserver4", act)


def test_a_frozen_server_accepts_nobody_until_it_is_thawed(on: On) -> None:
    async def act(stage: Stage) -> None:
        await stage.server.freeze(stage.server.root)
        peer = await stage.peer("anna")
        await peer.ask(b"hello\n")
        assert not peer.reply
        await stage.server.thaw(stage.server.root)
        assert peer.reply

    on("tcpserver4", act)


def test_turns_wait_for_those_who_wake_by_the_clock(on: On) -> None:
    async def act(stage: Stage) -> None:
        peer = await stage.peer("anna")
        await peer.ask(b"hello\n")
        await peer.leave()
        await stage.quiet()
        assert stage.rest.snapshot.proof == "turns"
        assert stage.server.is_alone()

    on("forking_tcpserver.py", act)


def test_a_spinner_is_told_from_one_who_rests(on: On) -> None:
    async def act(stage: Stage) -> None:
        peer = await stage.peer("anna")
        peer.hang_up()
        await stage.quiet()
        assert stage.rest.snapshot.proof == "spin"

    on("spins-on-goodbye.c", act)


def test_the_watch_sees_birth_death_and_reaping(on: On) -> None:
    async def act(stage: Stage) -> None:
        peer = await stage.peer("anna")
        await peer.ask(b"hello\n")
        await peer.leave()

    journal = on("tcpserver4", act)
    child = [e.actor for e in journal.events if isinstance(e, Born)][-1]
    assert kinds(journal, child) == [Born, Exited, Reaped]


def test_a_crowd_is_answered_and_knows_its_own_lateness(on: On) -> None:
    async def act(stage: Stage) -> None:
        lines = [f"visitor {number}\n".encode() for number in range(40)]
        visits = await stage.clients.crowd("visitors", lines, at_once=16, delay_s=0.01)
        assert [visit.answer for visit in visits] == [line.upper() for line in lines]
        assert all(visit.ended_ns >= visit.answered_ns >= visit.sent_ns for visit in visits)
        assert all(visit.sent_ns >= visit.intended_ns for visit in visits)

    on("tcpserver4", act)
