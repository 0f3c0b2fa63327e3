"""The instruments: what the kernel says of a process, and when nothing more can come of it."""

from __future__ import annotations

import os
import platform
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

from harness.observe import census, descriptors, procfs
from harness.observe.motion import Look
from harness.observe.quiescence import Observer
from harness.observe.rereading import FamilyReader
from harness.observe.sockets import Row, SocketTable, State
from harness.observe.standstill import Standstill
from harness.observe.watch import Born, Event, Exited, Reaped, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator
LONG_S = 60.0


def ns_from_now(seconds: float) -> int:
    return time.monotonic_ns() + int(seconds * 1e9)


# Sockets


@pytest.fixture
def table() -> Iterator[SocketTable]:
    """The socket table of this machine's own namespace."""
    sockets = SocketTable()
    yield sockets
    sockets.close()


@contextmanager
def listening(backlog: int = 3) -> Iterator[socket.socket]:
    """A listener on the loopback, on a port of the kernel's choice."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(backlog)
        yield listener


def port_of(sock: socket.socket) -> int:
    return int(sock.getsockname()[1])


def row_of(table: SocketTable, local: int, remote: int) -> Row:
    return next(row for row in table.rows(local) if (row.local[1], row.remote[1]) == (local, remote))


def test_a_listener_shows_its_backlog_and_its_owner(table: SocketTable) -> None:
    with listening(backlog=3) as listener:
        row = row_of(table, port_of(listener), 0)
        assert row.state is State.LISTEN
        assert (row.unread, row.unsent) == (0, 3)
        assert row.inode == os.fstat(listener.fileno()).st_ino


def test_a_connection_has_no_inode_until_it_is_accepted(table: SocketTable) -> None:
    with listening() as listener, socket.create_connection(listener.getsockname()) as client:
        port = port_of(listener)
        assert row_of(table, port, 0).unread == 1
        waiting = row_of(table, port, port_of(client))
        assert (waiting.state, waiting.inode) == (State.ESTABLISHED, 0)
        accepted, _ = listener.accept()
        with accepted:
            taken = row_of(table, port, port_of(client))
            assert taken.inode == os.fstat(accepted.fileno()).st_ino
            assert row_of(table, port, 0).unread == 0


def test_bytes_are_counted_before_anybody_reads_them(table: SocketTable) -> None:
    with listening() as listener, socket.create_connection(listener.getsockname()) as client:
        client.sendall(b"hello\n")
        server = row_of(table, port_of(listener), port_of(client))
        assert (server.unread, server.received) == (6, 6)
        ours = row_of(table, port_of(client), port_of(listener))
        assert (ours.sent, ours.ends) == (6, server.ends[::-1])


def test_a_port_shows_only_its_own_sockets(table: SocketTable) -> None:
    with listening() as one, listening() as other:
        rows = table.rows(port_of(one))
        assert [row.local[1] for row in rows] == [port_of(one)]
        assert port_of(other) in {row.local[1] for row in table.rows()}


def test_a_socket_of_which_the_same_is_told_keeps_its_row(table: SocketTable) -> None:
    with listening() as listener, socket.create_connection(listener.getsockname()) as client:
        port = port_of(listener)
        before = {row.ends: row for row in table.rows(port)}
        client.sendall(b"hello\n")
        after = {row.ends: row for row in table.rows(port)}
        moved = {ends for ends, row in after.items() if row is not before[ends]}
        assert len(after) == 3
        assert moved == {ends for ends, row in after.items() if row.sent or row.received}


# Births and deaths


def process_at(pid: int) -> census.Process:
    seen = census.look_at(pid)
    assert seen is not None
    return seen[0]


@contextmanager
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits for us, and ends when we let go of it."""
    words = [sys.executable, "-S", "-c", "import sys; sys.stdin.read(1)"]
    child = subprocess.Popen(words, stdin=subprocess.PIPE)
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def waited_for(watch: Watch) -> list[tuple[type[Event], int]]:
    """The next events, as (kind, pid)."""
    select.select([watch.fileno()], [], [], LONG_S)
    return [(type(event), event.pid) for event in watch.events()]


def test_a_watch_sees_a_birth_once() -> None:
    watch = Watch()
    with sleeper() as child:
        process = process_at(child.pid)
        born = watch.add([process])
        assert born == [Born(child.pid, os.getpid(), born[0].at_ns)]
        assert watch.add([process]) == []
        assert watch.events() == []


def test_a_watch_sees_an_exit_and_then_the_reaping() -> None:
    watch = Watch()
    with sleeper() as child:
        watch.add([process_at(child.pid)])
        child.kill()
        assert waited_for(watch) == [(Exited, child.pid)]
        zombie = process_at(child.pid)
        assert zombie.is_zombie
        assert os.waitstatus_to_exitcode(zombie.exit_code) == -signal.SIGKILL
        assert watch.events() == []
        child.wait()
        if tuple(map(int, platform.release().split(".")[:2])) < (6, 9):
            pytest.skip("pidfd tells of the reaping since Linux 6.9")
        assert waited_for(watch) == [(Reaped, child.pid)]


def test_who_waits_for_a_child_shows_it() -> None:
    before = process_at(os.getpid()).waited
    with sleeper() as child:
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert process_at(os.getpid()).waited == before
        child.wait()
        assert process_at(os.getpid()).waited > before


# Rest

# A little init: starts one subject, never waits for it, and ends with its input.
_INIT: Final = """
import os, signal, socket, struct, sys, threading, time
pid = os.fork()
if pid == 0:
    exec(sys.argv[1])
    os._exit(0)
print(pid, flush=True)
sys.stdin.read(1)
"""


@contextmanager
def observed(subject: str) -> Iterator[tuple[Observer, int]]:
    """An observer of one subject, given as Python source; and the subject's pid."""
    words = [sys.executable, "-S", "-c", _INIT, subject]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as init:
        assert init.stdout is not None
        pid = int(init.stdout.readline())
        pidfd = os.pidfd_open(pid)
        try:
            if not procfs.read(f"/proc/{pid}/syscall"):
                pytest.skip("this machine hides /proc/PID/syscall")
            observer = Observer(init.pid, time.sleep, lambda: None, owned_namespace=False)
            yield observer, pid
            observer.sockets.close()
        finally:
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            os.close(pidfd)
            init.kill()


READS = "r, w = os.pipe(); os.read(r, 1)"
TICKS = """
ours, theirs = socket.socketpair()
ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("qq", 0, 200_000))
while True:
    try:
        ours.recv(1)
    except BlockingIOError:
        pass
"""
SPINS = "while True: pass"
POLLS_FOR_LONG = "import select; r, w = os.pipe(); p = select.poll(); p.register(r); p.poll(60_000)"


def test_a_process_asleep_in_read_is_quiet() -> None:
    with observed(READS) as (observer, pid):
        proof = observer.prove(ns_from_now(LONG_S))
        assert proof.kind == "quiet"
        family = observer.report(proof).family
        assert [(each.pid, each.state, each.call) for each in family] == [(pid, "S", "read")]


def test_a_read_with_a_time_limit_is_not_quiet_but_turns() -> None:
    with observed(TICKS) as (observer, _):
        assert observer.prove(ns_from_now(LONG_S)).kind == "turns"


def test_a_read_with_a_time_limit_is_mere_rest_to_the_impatient() -> None:
    with observed(TICKS) as (observer, _):
        assert observer.prove(ns_from_now(LONG_S), rest_will_do=True).kind == "resting"


@pytest.mark.parametrize(
    ("late_s", "waits_ms", "is_over_ms"), [(0, 99, 110), (0.05, 149, 200), (0.3, 199, 200)]
)
def test_what_a_pause_of_ours_is_late_by_is_not_the_servers(
    late_s: float, waits_ms: int, is_over_ms: int
) -> None:
    standstill = Standstill(lambda _: time.sleep(late_s))
    standstill.note(Look(0, [], []), None)
    standstill.pause(0)
    for at_ms, is_shorter in ((waits_ms, True), (is_over_ms, False)):
        assert standstill.is_shorter_than(100_000_000, Look(at_ms * 1_000_000, [], [])) == is_shorter


ANYBODY, HERE, THERE = (b"", 0), (b"here", 54321), (b"there", 40000)


@pytest.mark.parametrize(
    ("inode", "moves"), [pytest.param(0, False, id="in the queue"), pytest.param(7, True, id="accepted")]
)
def test_what_a_client_in_the_queue_says_wakes_nobody(inode: int, *, moves: bool) -> None:
    def look(at_ns: int, said: int) -> Look:
        listener = Row(State.LISTEN, HERE, ANYBODY, 3, unread=inode == 0, unsent=64)
        servers = Row(State.ESTABLISHED, HERE, THERE, inode, said, 0, received=said)
        clients = Row(State.ESTABLISHED, THERE, HERE, 9, 0, 0, sent=said)
        return Look(at_ns, [], [listener, servers, clients])

    standstill = Standstill(lambda _: None)
    standstill.note(look(0, 0), HERE[1])
    standstill.note(then := look(100, 5), HERE[1])
    assert standstill.is_shorter_than(50, then) == moves


def test_a_long_poll_is_quiet_until_its_limit() -> None:
    with observed(POLLS_FOR_LONG) as (observer, _):
        proof = observer.prove(ns_from_now(LONG_S))
        assert proof.kind == "until"
        assert proof.until_ns is not None
        assert ns_from_now(10) < proof.until_ns <= ns_from_now(60)


NAPS_BESIDE: Final = """
import os, threading
def nap():
    with open(f"/proc/self/task/{threading.get_native_id()}/comm", "w") as comm:
        comm.write(NAME)
    while not threading.Event().wait(NAP_S):
        pass
threading.Thread(target=nap).start()
r, w = os.pipe(); os.read(r, 1)
"""


@pytest.mark.parametrize(
    ("name", "nap_s", "kind"),
    [
        ("VM Periodic Tas", 0.05, "quiet"),
        ("VM Thread", 1, "quiet"),
        ("VM Thread", 0.01, "guard"),
        ("pool-1-thread-1", 0.05, "turns"),
    ],
)
def test_the_clocks_of_a_jvm_are_none_but_for_its_end(name: str, nap_s: float, kind: str) -> None:
    with observed(f"NAME, NAP_S = {name!r}, {nap_s}{NAPS_BESIDE}") as (observer, _):
        for _ in range(5):
            within_s = 0.5 if kind == "guard" else LONG_S
            assert observer.prove(ns_from_now(within_s)).kind == kind


RINGS: Final = """
import os, signal
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    if number == signal.SIGALRM or CATCHES_ALL:
        signal.signal(number, lambda *_: None)
r, w = os.pipe(); os.read(r, 1)
"""


@pytest.mark.parametrize(("catches_all", "kind"), [(True, "quiet"), (False, "until")])
def test_who_catches_every_signal_has_set_no_alarm(kind: str, *, catches_all: bool) -> None:
    with observed(f"CATCHES_ALL = {catches_all}{RINGS}") as (observer, _):
        assert observer.prove(ns_from_now(LONG_S)).kind == kind


def test_a_process_that_only_burns_spins() -> None:
    with observed(SPINS) as (observer, pid):
        assert observer.prove(ns_from_now(LONG_S)).kind == "spin"
        assert process_at(pid).cpu_ticks >= procfs.TICKS_PER_S


def test_a_known_spinner_is_told_faster() -> None:
    with observed(SPINS) as (observer, pid):
        observer.prove(ns_from_now(LONG_S))
        before = process_at(pid).cpu_ticks
        assert observer.prove(ns_from_now(LONG_S)).kind == "spin"
        assert process_at(pid).cpu_ticks - before < procfs.TICKS_PER_S


def test_when_time_runs_out_nothing_is_proven_and_it_says_why() -> None:
    with observed(SPINS) as (observer, pid):
        proof = observer.prove(ns_from_now(0))
        assert proof.kind == "guard"
        assert str(pid) in proof.why_not


def test_a_zombie_that_init_will_take_is_not_at_rest() -> None:
    with observed("os._exit(3)") as (observer, pid):
        # An orphan of the cell's init would be about to go: this init of ours never waits.
        zombie = os.pidfd_open(pid)
        select.select([zombie], [], [], LONG_S)
        os.close(zombie)
        proof = observer.prove(ns_from_now(0.2))
        assert proof.kind == "guard"
        assert proof.why_not == f"orphan {pid} waits for the cell's init"
        assert os.waitstatus_to_exitcode(observer.report(proof).family[0].exit or 0) == 3


def test_a_stopped_process_rests() -> None:
    with observed(SPINS) as (observer, pid):
        os.kill(pid, signal.SIGSTOP)
        assert observer.prove(ns_from_now(LONG_S)).kind == "quiet"
        assert [each.state for each in observer.report(observer.unproven()).family] == ["T"]


def test_pending_signals_of_a_stopped_process_are_seen() -> None:
    handles = "signal.signal(signal.SIGCHLD, lambda *_: None); os.kill(os.getpid(), signal.SIGSTOP)"
    with observed(handles) as (observer, pid):
        assert observer.prove(ns_from_now(LONG_S)).kind == "quiet"
        os.kill(pid, signal.SIGCHLD)
        report = observer.report(observer.unproven())
        assert report.family[0].pending & (1 << (signal.SIGCHLD - 1))


def test_masks_and_groups_of_a_process_are_seen() -> None:
    does = (
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1]); os.setsid();"
        "signal.signal(signal.SIGCHLD, lambda *_: None); signal.signal(signal.SIGUSR2, signal.SIG_IGN);"
        "os.kill(os.getpid(), signal.SIGUSR1); signal.pause()"
    )
    with observed(does) as (observer, pid):
        seen = observer.report(observer.prove(ns_from_now(LONG_S))).family[0]
        assert (seen.group, seen.session) == (pid, pid)
        for mask, number in [
            ("blocked", signal.SIGUSR1),
            ("pending", signal.SIGUSR1),
            ("caught", signal.SIGCHLD),
            ("ignored", signal.SIGUSR2),
        ]:
            assert getattr(seen, mask) & (1 << (number - 1)), mask


def test_strangers_do_not_belong_to_the_family() -> None:
    with observed(READS) as (observer, pid):
        observer.strangers.add(pid)
        assert observer.report(observer.prove(ns_from_now(LONG_S))).family == []


# Reading anew

OBEYS: Final = """
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
child, still, hole = 0, threading.Event(), os.pipe()
signal.signal(signal.SIGUSR2, lambda *_: None)
for act in [
    lambda: os.read(hole[0], 1) if not (globals().update(child=os.fork()) or child) else None,
    lambda: os.setpgid(child, child),
    lambda: os.kill(child, signal.SIGUSR1),
    lambda: os.kill(child, signal.SIGSTOP),
    lambda: os.kill(child, signal.SIGCONT),
    lambda: os.kill(child, signal.SIGKILL),
    lambda: os.waitpid(child, 0),
    lambda: threading.Thread(target=still.wait).start(),
    lambda: still.set(),
]:
    signal.pause()
    act()
signal.pause()
"""


def settled(init: int) -> list[census.Process]:
    """The family, read anew, once it is the same after a while."""
    seen, before = census.family(init), None
    while seen != before:
        time.sleep(0.05)
        seen, before = census.family(init), seen
    return seen


def test_a_family_that_is_read_again_and_again_is_what_it_is() -> None:
    with observed(OBEYS) as (observer, pid):
        reader, told = FamilyReader(observer.init), []
        for _ in range(10):
            settled_family = settled(observer.init)
            told.append(reader.family())
            assert told[-1] == settled_family
            again = reader.family()
            assert again == settled_family
            if all(len(process.tasks) == 1 and process.state == "S" for process in again):
                assert all(one is other for one, other in zip(told[-1], again, strict=True))
            os.kill(pid, signal.SIGUSR2)
        assert [len(family) for family in told] == [1, 2, 2, 2, 2, 2, 2, 1, 1, 1]
        assert [family[-1].state for family in told][4:7] == ["T", "S", "Z"]
        assert [len(family[0].tasks) for family in told][-3:] == [1, 2, 1]
        assert told[1] != told[2] != told[3] != told[4]


def test_a_reader_of_many_processes_keeps_no_more_files_than_it_may() -> None:
    crowd = "[os.fork() or (signal.alarm(100), signal.pause()) for _ in range(150)]; signal.pause()"
    with observed(crowd) as (observer, pid):
        reader, before = FamilyReader(observer.init), descriptors.count(os.getpid())
        while len(census.family(observer.init)) < 151:
            time.sleep(0.01)
        now = settled(observer.init)
        assert reader.family() == now == reader.family()
        assert descriptors.count(os.getpid()) - before == 257
        for process in procfs.children(pid, [pid]):
            os.kill(process, signal.SIGKILL)
        while not all(each.is_zombie for each in census.family(observer.init)[1:]):
            time.sleep(0.01)
        assert reader.family() == settled(observer.init)
