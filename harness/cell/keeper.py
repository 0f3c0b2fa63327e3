"""The keeper: takes the harness's orders in the cell, and observes there.

There is one keeper for each cell. It is forked from the zygote, has one thread and the subject's uid,
and lives outside the subject's pid namespace. It obeys one order after the other, and reports events of
the family as they come. When the harness ends, for whatever reason, the keeper ends all in the cell.
"""

import contextlib
import errno
import gc
import os
import re
import select
import signal
import socket
from collections.abc import Sequence
from functools import partial
from typing import Final, NoReturn, assert_never

from harness.observe import linux
from harness.observe.held import Holder
from harness.observe.quiescence import Observer

from . import bubblewrap, init, isolation, left_behind, renewal, scratch, surroundings, wire
from .client_orders import ClientOrders
from .client_protocol import ClientOrder
from .error_injection import ErrorInjection
from .init_channel import InitGone, InitLine
from .init_protocol import Ready
from .look_orders import LookOrders
from .look_protocol import LookOrder
from .memory_group import MemoryGroup
from .program_start import InitSetting
from .protocol import (
    ORDER,
    SETTING,
    Answer,
    Broken,
    CellKind,
    Failed,
    FromKeeper,
    Opened,
    Order,
    Refusal,
    Renew,
    Setting,
)
from .server_control import ServerControl
from .server_protocol import InjectionOrder, ServerOrder
from .subject_orders import SubjectOrders
from .subject_protocol import SubjectOrder
from .trace_orders import TraceOrders
from .trace_protocol import TraceOrder

_BETWEEN_S: Final = 0.002
_Act = ClientOrder | ServerOrder | SubjectOrder | InjectionOrder | TraceOrder  # all but a look


class HarnessGone(Exception):
    """The other end of the order channel has closed: end the cell."""


class Keeper:
    """Obeys the orders of one cell."""

    def __init__(self, channel: socket.socket, setting: Setting) -> None:
        self._channel = channel
        self._inbox = wire.Inbox(channel, ORDER)
        self.refusals: list[Refusal] = []
        uid = isolation.subject_uid()
        self._spare_uid = uid if os.getuid() == 0 else None
        in_namespaces = setting.cell != "plain" and self._enter(uid)
        bwrap = bubblewrap.find() if in_namespaces and setting.cell != "namespaces" else None
        if in_namespaces and setting.cell == "bubblewrap" and bwrap is None:
            self.refusals.append(Refusal("no-bubblewrap", "bubblewrap is not installed"))
        (ours, theirs), (bell, hears) = socket.socketpair(), socket.socketpair()
        self._init = InitLine(ours, bell, numbers_its_own=in_namespaces)
        self._setting = InitSetting(
            pid_namespace=in_namespaces,
            bwrap=bwrap,
            scratch=scratch.make(uid) if bwrap is None else "",
            folders=[os.fsdecode(folder) for folder in setting.folders],
            counts_all=not in_namespaces or os.getuid() != 0,
        )
        if not in_namespaces:
            linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
        self._memory = MemoryGroup()
        pid = os.fork()
        if pid == 0:
            channel.close()
            ours.close()
            bell.close()
            init.main(theirs, hears, self._setting, uid, self._memory)
        theirs.close()
        hears.close()
        isolation.drop_to(uid, looks=True, owns_network=bwrap is not None)
        self._init_pid, self._init_pidfd = pid, os.pidfd_open(pid)
        settled = self._init.answer(Ready)
        if settled.refused:
            self.refusals.append(Refusal("proc", settled.refused))
        self._memory.refused = settled.unbounded
        self._take_instruments()
        signal.signal(signal.SIGCHLD, self._on_sigchld)

    def _take_instruments(self) -> None:
        """Make all that knows something of a subject: new for each."""
        bwrap = self._setting.bwrap
        self._observer = Observer(
            self._init_pid,
            self._pause,
            self._init.last_pid,
            owned_namespace=self._setting.pid_namespace,
        )
        self._holder = Holder(partial(self._pause, _BETWEEN_S))
        self._tracers = TraceOrders(self._holder, partial(self._pause, _BETWEEN_S))
        self._ears = (self._channel, self._observer.watch, self._init.channel, self._tracers)
        home = self._setting.scratch or surroundings.HOME
        self._subject = SubjectOrders(
            self._observer,
            self._init,
            self._memory,
            self._pause,
            self._holder,
            home=home,
            is_wrapped=bwrap is not None,
        )
        self._clients = ClientOrders(self._observer, self._init)
        self._looks = LookOrders(self._observer, self._pause, self._holder)
        self._control = ServerControl(self._observer, self._pause, self._holder)
        self._injection = ErrorInjection(
            self._observer, self._pause, self._clients.start_ours, self._clients.was_killed
        )

    def _renew(self) -> bool:
        """End all in the cell but init, and begin anew (docs/decisions/0067); False where that fails."""
        observer, tracers = self._observer, self._tracers
        if self._setting.bwrap is None or self._memory.killed():
            return False
        if not self._init.end_all() or not renewal.end_connections(observer.sockets):
            return False
        self._take_instruments()
        observer.close()
        tracers.close()
        return True

    def _enter(self, uid: int) -> bool:
        try:
            isolation.enter_namespaces(uid)
        except isolation.Refused as refusal:
            self.refusals.append(Refusal(refusal.code, str(refusal)))
            return False
        return True

    def serve(self) -> None:
        """Obey until the harness closes the channel; that raises HarnessGone."""
        in_namespaces, bwrap = self._setting.pid_namespace, self._setting.bwrap
        kind: CellKind = "bubblewrap" if bwrap else "namespaces" if in_namespaces else "plain"
        self._say(Opened(kind, self.refusals, self._memory.refused))
        while True:
            while (heard := self._inbox.take()) is not None:
                answer, fds = self._take(*heard)
                self._say(answer, fds, before=self._news())
                _close(fds)
            ready = select.select(self._ears, [], [])[0]
            if self._channel in ready and not self._inbox.read():
                raise HarnessGone
            self._hear(ready)

    def _take(self, order: Order, fds: Sequence[int]) -> tuple[Answer, Sequence[int]]:
        """Obey one order: its answer and the descriptors that go with it. Those that came are closed."""
        try:
            return self._obey(order, fds)
        except OSError as error:
            return Failed(f"the cell could not {_in_words(order)}: {error}"), []
        finally:
            _close(fds)

    def _obey(self, order: Order, fds: Sequence[int]) -> tuple[Answer, Sequence[int]]:
        if isinstance(order, LookOrder):
            return self._looks.obey(order), []
        if isinstance(order, Renew):
            return self._renew(), []
        self._observer.disturb()
        try:
            return self._act(order, fds)
        finally:
            self._observer.disturb()

    def _act(self, order: _Act, fds: Sequence[int]) -> tuple[Answer, Sequence[int]]:
        """Do something to the family, or beside it."""
        if isinstance(order, ClientOrder):
            return self._clients.obey(order, fds)
        if isinstance(order, ServerOrder):
            return self._control.obey(order), []
        if isinstance(order, SubjectOrder):
            return self._subject.obey(order, fds), []
        if isinstance(order, InjectionOrder):
            return self._injection.obey(order), []
        if isinstance(order, TraceOrder):
            return self._tracers.obey(order), []
        assert_never(order)

    def end(self) -> None:
        """Kill init, and with it all that lives in the cell; remove the scratch folder."""
        self._init.channel.close()
        if self._setting.pid_namespace:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._init_pidfd, signal.SIGKILL)
        select.select([self._init_pidfd], [], [], 2.0)
        if not self._setting.pid_namespace:
            init.end_family()  # what a subject that killed its init has left to us
        if self._setting.scratch:
            scratch.remove(self._setting.scratch)
            if self._spare_uid is not None:
                left_behind.remove_of(self._spare_uid)

    def _on_sigchld(self, *_: object) -> None:
        """Let init go on if its own subject has stopped it, and processes that were held too long."""
        self._holder.hear()
        self._tracers.hear()
        with contextlib.suppress(OSError):
            if os.waitid(os.P_PIDFD, self._init_pidfd, os.WSTOPPED | os.WNOHANG) is not None:
                signal.pidfd_send_signal(self._init_pidfd, signal.SIGCONT)

    def _say(
        self, message: FromKeeper, fds: Sequence[int] = (), *, before: Sequence[FromKeeper] = ()
    ) -> None:
        try:
            wire.send(self._channel, message, fds, before=before)
        except OSError as error:
            raise HarnessGone from error

    def _news(self) -> list[FromKeeper]:
        """The births, deaths and reapings that the harness has not been told of yet."""
        events: list[FromKeeper] = [*self._observer.events, *self._observer.watch.events()]
        self._observer.events = []
        return events

    def _tell_events(self) -> None:
        if events := self._news():
            *before, last = events
            self._say(last, before=before)

    def _pause(self, seconds: float) -> None:
        """Wait inside an order; births, deaths and the harness's end are noticed meanwhile."""
        ready = select.select(self._ears, [], [], seconds)[0]
        if self._channel in ready and not self._channel.recv(1, socket.MSG_PEEK):
            raise HarnessGone
        self._hear(ready)

    def _hear(self, ready: Sequence[object]) -> None:
        """Take what init and the tracers say, and tell the harness what has happened."""
        if self._init.channel in ready:
            self._init.hear()
        if self._tracers in ready:
            self._tracers.hear()
        if self._observer.events or self._observer.watch in ready:
            self._tell_events()


def _in_words(order: Order) -> str:
    """The order's name as words: MakeSockets is "make sockets"."""
    return re.sub(r"\B(?=[A-Z])", " ", type(order).__name__).lower()


def _close(fds: Sequence[int]) -> None:
    for fd in fds:
        os.close(fd)


def main(channel: socket.socket) -> NoReturn:
    """Keep one cell from the first order (its setting) to the last."""
    gc.disable()
    keeper = None
    try:
        first = wire.Inbox(channel, SETTING).wait()
        if first is not None:
            keeper = Keeper(channel, first[0])
            keeper.serve()
    except (HarnessGone, InitGone):
        pass
    except OSError as error:
        with contextlib.suppress(OSError):
            name = errno.errorcode.get(error.errno or 0, "?")
            wire.send(channel, Broken(f"{name}: {error}"))
    except Exception as error:  # noqa: BLE001  (ours: the harness is to say what broke)
        with contextlib.suppress(OSError):
            wire.send(channel, Broken(repr(error)))
    finally:
        if keeper is not None:
            keeper.end()
        os._exit(0)
