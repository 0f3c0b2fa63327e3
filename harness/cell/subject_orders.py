"""Orders that start the subject, and ask what became of it: launch, its output, its port."""

import contextlib
import os
import re
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple, assert_never

from harness.observe import census, procfs, vain_accept
from harness.observe.burning import Burning
from harness.observe.descriptors import socket_inodes
from harness.observe.held import Holder
from harness.observe.quiescence import Observer, Proof
from harness.observe.sockets import Row, State
from harness.observe.timers import defers_accept
from harness.observe.vain_accept import VainAccept

from .init_channel import InitLine, pid_inside
from .init_protocol import AskPrinted, StartSubject
from .look_orders import set_aside
from .memory_group import MemoryGroup
from .subject_protocol import AwaitFreePort, Launch, LaunchReport, Printed, ReadOutput, SubjectOrder

_BY_SIGNAL: Final = 128
_SOON_NS: Final = 3_000_000_000
_MOST_ZOMBIES: Final = 16
_MOST_PROCESSES: Final = 100
_BETWEEN_LOOKS_S: Final = 0.05
_BETWEEN_CALLS_S: Final = 0.002
_COMPUTED_SHARE: Final = 5  # of start_s it may compute once it listens
_LITTLE: Final = 10
_ENOUGH_TICKS: Final = procfs.TICKS_PER_S // 5
_LEAVING_NS: Final = 2_000_000_000
_MOST_OF_A_LOG: Final = 1 << 20


class _Used(NamedTuple):
    """Ticks of a processor that a family has used, and how many of them in the kernel."""

    ticks: int
    in_kernel: int


class SubjectOrders:
    """Starts the subject of one cell, in bubblewrap where `is_wrapped`.

    `pause(s)` waits, and raises when the order is void. `home` is the subject's, as it sees it.
    """

    def __init__(
        self,
        observer: Observer,
        init: InitLine,
        memory: MemoryGroup,
        pause: Callable[[float], None],
        holder: Holder,
        *,
        home: str,
        is_wrapped: bool,
    ) -> None:
        self._observer = observer
        self._init = init
        self._memory = memory
        self._pause = pause
        self._holder = holder
        self._home = home
        self._is_wrapped = is_wrapped
        self._launched = self._server = 0  # pids as init sees them
        self._vain: VainAccept | None = None

    def obey(self, order: SubjectOrder, fds: Sequence[int]) -> LaunchReport | Printed | bool:
        """One order and its answer; a launch takes the terminal in `fds`, if one is there."""
        match order:
            case Launch():
                return self._launch(order, fds)
            case ReadOutput():
                printed = self._init.ask(AskPrinted(self._launched))
                end = self._exit_status()
                killed = self._memory.killed() + printed.ended
                return Printed(printed.head, printed.tail, printed.total, end, killed)
            case AwaitFreePort():
                return self._is_free(order)
            case _:
                assert_never(order)

    def _launch(self, order: Launch, fds: Sequence[int]) -> LaunchReport:
        """Start the subject and wait until it listens and rests, or never will; then find its listener.

        On the terminal that is handed in, if one is. A client has no listener: `aims_at` is the port
        of ours that it is to connect to.
        """
        observer = self._observer
        self._memory.bound(order.program.limits.all_memory_bytes)
        start = StartSubject(order.program, order.output, order.inherits, order.typed)
        self._launched = self._server = self._init.ask(start, fds)
        started = self._init.pid_here(observer.init, self._launched)
        if self._is_wrapped:
            observer.strangers.add(started)
        observer.port = order.aims_at
        observer.burning.is_known = order.spins
        self._vain = None
        proof, listener, is_ready = self._begun(order)
        if listener is not None:
            observer.port = listener.local[1]
            observer.defers = defers_accept(observer.family(proof.look), listener.inode)
        family = observer.family(proof.look)
        stays = any(process.pid == started for process in proof.look.processes)
        if family and self._is_wrapped:
            self._dismiss(started, family[0].pid)
        elif family and not stays:  # it has left its starter, whose end is none of the server's
            self._server = pid_inside(family[0].pid, observer.init)
        return LaunchReport(
            report=observer.report(proof),
            root=family[0].pid if family else None,
            stays=stays,
            ready=is_ready,
            hides=_hides(family),
            runaway=_is_runaway(proof, family),
            exit=self._exit_status(),
            vain=self._vain.error if self._vain else "",
            vain_on=self._vain.descriptor if self._vain else -1,
        )

    def _begun(self, order: Launch) -> tuple[Proof, Row | None, bool]:
        """The first rest of a subject that has begun, or never will; its listener; whether it is ready.

        A process that naps or computes may still be starting, and so may one that has not said its
        `ready` text: they have `start_s` for it. One whose accept() fails in vain is not. A process that
        burns is not held for a spinner before it listens, nor after that while it may only compute:
        nbd-server looks for primes between listen() and its first accept().
        """
        if order.at_rest and (as_before := self._begun_as_before(order)) is not None:
            return as_before
        observer = self._observer
        begun = order.aims_at is not None
        end_ns = order.deadline_ns
        if not begun:
            end_ns = time.monotonic_ns() + order.program.limits.start_s * 1_000_000_000
        soon_ns, has_looked = time.monotonic_ns() + _SOON_NS, begun
        since: _Used | None = None
        while True:
            known = observer.burning.is_known
            proof = observer.prove(end_ns if has_looked else min(end_ns, soon_ns))
            has_looked = True
            family = observer.family(proof.look)
            listener = _find_listener(family, proof.look.rows, order.port)
            is_ready = self._is_ready(order, family)
            begun = begun or (listener is not None and is_ready)
            at_its_end = _hides(family) or not _may_begin(proof, family) or time.monotonic_ns() > end_ns
            if not begun and listener is None and _may_begin(proof, family):
                self._vain = vain_accept.seen_in(
                    self._holder, family[0].pid, partial(self._pause, _BETWEEN_CALLS_S)
                )
                at_its_end = at_its_end or self._vain is not None
            computes = False
            if proof.kind == "spin" and not known:
                used = _used_by(family)
                since = since or used
                computes = _computes(since, used, order.program.limits.start_s)
            if at_its_end or (begun and proof.kind != "guard" and not computes):
                set_aside(observer, proof)
                return proof, listener, is_ready
            self._forget_burning(known=known)
            self._pause(_BETWEEN_LOOKS_S)

    def _forget_burning(self, *, known: bool) -> None:
        """Hold what burns now for no spinner: it may still be starting."""
        self._observer.burning = Burning()
        self._observer.burning.is_known = known

    def _begun_as_before(self, order: Launch) -> tuple[Proof, Row | None, bool] | None:
        """The same by one look at rest, if it listens and has as many threads as `at_rest` says."""
        observer = self._observer
        known = observer.burning.is_known
        proof = observer.prove(time.monotonic_ns() + _SOON_NS, rest_will_do=True)
        family = observer.family(proof.look)
        listener = _find_listener(family, proof.look.rows, order.port)
        is_as_large = sum(len(process.tasks) for process in family) == order.at_rest
        if proof.kind != "resting" or listener is None or not is_as_large:
            self._forget_burning(known=known)
            return None
        if _hides(family) or not self._is_ready(order, family):
            return None
        set_aside(observer, proof)
        return proof, listener, True

    def _is_ready(self, order: Launch, family: Sequence[census.Process]) -> bool:
        if not order.ready:
            return True
        if order.ready_in:
            said = _written(family, f"{self._home}/{order.ready_in}")
        else:
            said = self._init.ask(AskPrinted(self._launched)).head
        return re.search(order.ready, said) is not None

    def _dismiss(self, monitor: int, root: int) -> None:
        """End bubblewrap's outer process: init then is the server's parent and sees its true end."""
        self._server = pid_inside(root, self._observer.init)
        with contextlib.suppress(OSError):
            os.kill(monitor, signal.SIGKILL)
        while self._launched not in self._init.reaped:
            self._pause(0.001)

    def _exit_status(self) -> int | None:
        """The raw wait status of the server once it has ended; bubblewrap's 128 + n is undone."""
        status = self._init.reaped.get(self._server)
        by_proxy = self._is_wrapped and self._server == self._launched
        if status is None or not by_proxy:
            return status
        number = os.waitstatus_to_exitcode(status) - _BY_SIGNAL
        return number if number in signal.valid_signals() else status  # exit(-1) is 255

    def _is_free(self, order: AwaitFreePort) -> bool:
        """Whether a port is free here; waits until no old connection holds it either.

        A connection in TIME_WAIT (60 s at most) blocks the start of a server without SO_REUSEADDR; a
        server that `reuses` the port need not wait for it. A listener is given a moment: it may be the
        last run's, which is about to end.
        """
        patience_ns = time.monotonic_ns() + _LEAVING_NS
        while True:
            rows = self._observer.sockets.rows(order.port)
            states = {row.state for row in rows if row.local[1] == order.port}
            if order.reuses and State.LISTEN not in states:
                return True
            if State.LISTEN in states and time.monotonic_ns() > patience_ns:
                return False
            if not states or time.monotonic_ns() > order.deadline_ns:
                return not states
            self._pause(_BETWEEN_LOOKS_S)


def _find_listener(
    family: Sequence[census.Process], rows: Sequence[Row], told_port: int | None
) -> Row | None:
    """A LISTEN socket that the family itself holds; never by connecting, never by banner.

    Of several, the one on the port that the server was given.
    """
    listening = {row.inode: row for row in rows if row.state is State.LISTEN}
    living = (process.told_by for process in family if not process.is_zombie)
    held = [listening[i] for pid in living for i in socket_inodes(pid) if i in listening]
    told = [row for row in held if row.local[1] == told_port]
    return next(iter([*told, *held]), None)


def _written(family: Sequence[census.Process], path: str) -> str:
    """What stands in a file that the family sees at this path; "" where there is none."""
    for process in family:
        with contextlib.suppress(OSError):
            there = f"/proc/{process.told_by}/root{path}"
            fd = os.open(there, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)  # nobody waits for a pipe
            with open(fd, "rb") as file:
                return (file.read(_MOST_OF_A_LOG) or b"").decode(errors="replace")
    return ""


def _hides(family: Sequence[census.Process]) -> bool:
    """Whether one of them cannot be looked at: its files in /proc are not its user's (prctl(2))."""
    for process in family:
        try:
            os.listdir(f"/proc/{process.told_by}/fd")
        except PermissionError:
            return not process.is_zombie
        except OSError:
            continue
    return False


def _may_begin(proof: Proof, family: Sequence[census.Process]) -> bool:
    """Whether a process that does not listen yet may still begin to: a clock can wake it, or it works.

    A process may not if it was proven to run without rest and leaves one child after the other behind,
    or has more of them than any server begins with.
    """
    return bool(family) and proof.kind != "quiet" and not _is_runaway(proof, family)


def _used_by(family: Sequence[census.Process]) -> _Used:
    times = [procfs.own_times(each.pid) for each in family]
    return _Used(sum(own for own, _ in times), sum(kernel for _, kernel in times))


def _computes(since: _Used, now: _Used, start_s: int) -> bool:
    """Whether hardly any of what it has used since then was the kernel's time: no loop around a call.

    Before that it was started, which is the kernel's work. A loop without end looks the same; it is one
    after a fifth of `start_s`.
    """
    most = start_s * procfs.TICKS_PER_S / _COMPUTED_SHARE
    used, in_kernel = now.ticks - since.ticks, now.in_kernel - since.in_kernel
    return now.ticks < most and (used < _ENOUGH_TICKS or in_kernel * _LITTLE < used)


def _is_runaway(proof: Proof, family: Sequence[census.Process]) -> bool:
    """Whether it is proven to run, not to rest, and to have more zombies or processes than any start."""
    zombies = sum(process.is_zombie for process in family)
    has_many = zombies >= _MOST_ZOMBIES or len(family) >= _MOST_PROCESSES
    return has_many and proof.kind not in {"quiet", "guard"}
