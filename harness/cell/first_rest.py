"""The first rest of a subject: it has begun, or never will; and where it listens by then."""

import contextlib
import os
import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from harness.observe import procfs, vain_accept
from harness.observe.burning import Burning
from harness.observe.census import Process
from harness.observe.descriptors import socket_inodes
from harness.observe.held import Holder
from harness.observe.quiescence import Observer, Proof
from harness.observe.sockets import Row, State
from harness.observe.vain_accept import VainAccept

from .look_orders import set_aside
from .subject_protocol import Launch

_SOON_NS: Final = 3_000_000_000
_MOST_ZOMBIES: Final = 16
_MOST_PROCESSES: Final = 100
_BETWEEN_LOOKS_S: Final = 0.05
_BETWEEN_CALLS_S: Final = 0.002
_COMPUTED_SHARE: Final = 5  # of start_s it may compute once it listens
_LITTLE: Final = 10
_ENOUGH_TICKS: Final = procfs.TICKS_PER_S // 5
_MOST_OF_A_LOG: Final = 1 << 20


class Begun(NamedTuple):
    """The proof of rest, the listener, whether it has said its `ready` text, an accept() in vain."""

    proof: Proof
    listener: Row | None
    is_ready: bool
    vain: VainAccept | None = None


class _Used(NamedTuple):
    """Ticks of a processor that a family has used, and how many of them in the kernel."""

    ticks: int
    in_kernel: int


class FirstRest:
    """Waits for the first rest of a subject.

    `printed()` is the head of what it has printed, `home` its folder, as it sees it.
    """

    def __init__(
        self,
        observer: Observer,
        pause: Callable[[float], None],
        holder: Holder,
        printed: Callable[[], str],
        home: str,
    ) -> None:
        self._observer = observer
        self._pause = pause
        self._holder = holder
        self._printed = printed
        self._home = home

    def come(self, order: Launch) -> Begun:
        """Wait until a subject has begun and rests, or never will begin.

        A process that naps or computes may still be starting, and so may one that has not said its
        `ready` text: they have `start_s` for it. One whose accept() fails in vain is not. A process that
        burns is not held for a spinner before it listens, nor after that while it may only compute:
        nbd-server looks for primes between listen() and its first accept(). That holds too for one that
        is known to spin elsewhere, but not where it spun to the end of an earlier start.
        """
        if order.at_rest and (as_before := self._as_before(order)) is not None:
            return as_before
        observer = self._observer
        begun = order.aims_at is not None
        end_ns = order.deadline_ns
        if not begun:
            end_ns = time.monotonic_ns() + order.program.limits.start_s * 1_000_000_000
        soon_ns, has_looked = time.monotonic_ns() + _SOON_NS, begun
        since: _Used | None = None
        vain: VainAccept | None = None
        while True:
            known = observer.burning.is_known
            proof = observer.prove(end_ns if has_looked else min(end_ns, soon_ns))
            has_looked = True
            family = observer.family(proof.look)
            listener = _find_listener(family, proof.look.rows, order.port)
            is_ready = self._is_ready(order, family)
            begun = begun or (listener is not None and is_ready)
            at_its_end = hides(family) or not _may_begin(proof, family) or time.monotonic_ns() > end_ns
            if not begun and listener is None and _may_begin(proof, family):
                vain = vain_accept.seen_in(
                    self._holder, family[0].pid, partial(self._pause, _BETWEEN_CALLS_S)
                )
                at_its_end = at_its_end or vain is not None
            computes = False
            if proof.kind == "spin" and not order.never_rests:
                used = _used_by(family)
                since = since or used
                computes = _computes(since, used, order.program.limits.start_s)
            if at_its_end or (begun and proof.kind != "guard" and not computes):
                set_aside(observer, proof)
                return Begun(proof, listener, is_ready, vain)
            self._forget_burning(known=known)
            self._pause(_BETWEEN_LOOKS_S)

    def _forget_burning(self, *, known: bool) -> None:
        """Hold what burns now for no spinner: it may still be starting."""
        self._observer.burning = Burning()
        self._observer.burning.is_known = known

    def _as_before(self, order: Launch) -> Begun | None:
        """As `come`, by one look; None unless it rests, listens, and has `at_rest` threads."""
        observer = self._observer
        known = observer.burning.is_known
        proof = observer.prove(time.monotonic_ns() + _SOON_NS, rest_will_do=True)
        family = observer.family(proof.look)
        listener = _find_listener(family, proof.look.rows, order.port)
        is_as_large = sum(len(process.tasks) for process in family) == order.at_rest
        if proof.kind != "resting" or listener is None or not is_as_large:
            self._forget_burning(known=known)
            return None
        if hides(family) or not self._is_ready(order, family):
            return None
        set_aside(observer, proof)
        return Begun(proof, listener, is_ready=True)

    def _is_ready(self, order: Launch, family: Sequence[Process]) -> bool:
        if not order.ready:
            return True
        log = f"{self._home}/{order.ready_in}"
        said = _written(family, log) if order.ready_in else self._printed()
        return re.search(order.ready, said) is not None


def _find_listener(family: Sequence[Process], rows: Sequence[Row], told_port: int | None) -> Row | None:
    """The family's LISTEN socket, on the told port if there are several; never by connecting."""
    listening = {row.inode: row for row in rows if row.state is State.LISTEN}
    living = (process.told_by for process in family if not process.is_zombie)
    held = [listening[i] for pid in living for i in socket_inodes(pid) if i in listening]
    told = [row for row in held if row.local[1] == told_port]
    return next(iter([*told, *held]), None)


def _written(family: Sequence[Process], path: str) -> str:
    """The content of the file that the family sees at this path; "" where there is none."""
    for process in family:
        with contextlib.suppress(OSError):
            there = f"/proc/{process.told_by}/root{path}"
            fd = os.open(there, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)  # nobody waits for a pipe
            with open(fd, "rb") as file:
                return (file.read(_MOST_OF_A_LOG) or b"").decode(errors="replace")
    return ""


def hides(family: Sequence[Process]) -> bool:
    """Whether one of them cannot be looked at: its files in /proc are not its user's (prctl(2))."""
    for process in family:
        try:
            os.listdir(f"/proc/{process.told_by}/fd")
        except PermissionError:
            return not process.is_zombie
        except OSError:
            continue
    return False


def _may_begin(proof: Proof, family: Sequence[Process]) -> bool:
    """Whether a process that does not listen yet may still begin to: a clock can wake it, or it works.

    A process may not if it was proven to run without rest and leaves one child after the other behind,
    or has more of them than any server begins with.
    """
    return bool(family) and proof.kind != "quiet" and not is_runaway(proof, family)


def _used_by(family: Sequence[Process]) -> _Used:
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


def is_runaway(proof: Proof, family: Sequence[Process]) -> bool:
    """Whether it is proven to run, not to rest, and to have more zombies or processes than any start."""
    zombies = sum(process.is_zombie for process in family)
    has_many = zombies >= _MOST_ZOMBIES or len(family) >= _MOST_PROCESSES
    return has_many and proof.kind not in {"quiet", "guard"}
