"""Orders that start the subject, and ask what became of it: launch, its output, its port."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Sequence
from typing import Final, assert_never

from harness.observe.held import Holder
from harness.observe.quiescence import Observer
from harness.observe.sockets import State
from harness.observe.timers import defers_accept

from .first_rest import FirstRest, hides, is_runaway
from .init_channel import InitLine, pid_inside
from .init_protocol import AskPrinted, PrintedInside, StartSubject
from .memory_group import MemoryGroup
from .subject_protocol import AwaitFreePort, Launch, LaunchReport, Printed, ReadOutput, SubjectOrder

_BY_SIGNAL: Final = 128
_BETWEEN_LOOKS_S: Final = 0.05
_LEAVING_NS: Final = 2_000_000_000


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
        self._is_wrapped = is_wrapped
        self._launched = self._server = 0  # pids as init sees them
        self._first_rest = FirstRest(observer, pause, holder, lambda: self._printed().head, home)

    def obey(self, order: SubjectOrder, fds: Sequence[int]) -> LaunchReport | Printed | bool:
        """One order and its answer; a launch takes the terminal in `fds`, if one is there."""
        match order:
            case Launch():
                return self._launch(order, fds)
            case ReadOutput():
                printed = self._printed()
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
        proof, listener, is_ready, vain = self._first_rest.come(order)
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
            hides=hides(family),
            runaway=is_runaway(proof, family),
            exit=self._exit_status(),
            vain=vain.error if vain else "",
            vain_on=vain.descriptor if vain else -1,
        )

    def _printed(self) -> PrintedInside:
        return self._init.ask(AskPrinted(self._launched))

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
