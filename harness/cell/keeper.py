"""The keeper: takes the harness's orders in the cell, and observes there.

One process a cell, forked from the zygote, single-threaded, outside the subject's pid namespace,
with the subject's uid. Orders are obeyed one after the other; events of the family are told as
they come. When the harness goes, for whatever reason, everything in the cell goes.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import re
import select
import shutil
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NoReturn

from harness.observe import census, linux
from harness.observe.burning import Burning
from harness.observe.descriptors import socket_inodes
from harness.observe.family_state import is_accepted
from harness.observe.quiescence import TURNS, Observer, Proof
from harness.observe.sockets import Row, State
from harness.observe.timers import defers_accept

from . import bubblewrap, init, isolation, scratch, wire
from .init_channel import InitGone, InitLine, pid_inside
from .server_control import ServerControl

_QUICK_TRIES: Final = 12
_QUICK_PAUSE_S: Final = 0.0003
_BY_SIGNAL: Final = 128
_SOON_NS: Final = 3_000_000_000
_MOST_ZOMBIES: Final = 16
_MOST_PROCESSES: Final = 100
_LEAST: Final = 19  # nice(2)
_BETWEEN_LOOKS_S: Final = 0.05
_LEAVING_NS: Final = 2_000_000_000


class HarnessGone(Exception):
    """The other end of the order channel has closed: end the cell."""


class Keeper:
    """Obeys the orders of one cell."""

    def __init__(self, channel: socket.socket, setting: wire.Message) -> None:
        self._channel = channel
        self._inbox = wire.Inbox(channel)
        self._launched = self._server = 0
        self.scratch = ""
        self.refusals: list[tuple[str, str]] = []
        uid = isolation.subject_uid()
        wanted = setting["cell"]
        in_namespaces = wanted != "plain" and self._enter(uid)
        bwrap = bubblewrap.find() if in_namespaces and wanted != "namespaces" else None
        if in_namespaces and wanted == "bubblewrap" and bwrap is None:
            self.refusals.append(("no-bubblewrap", "bubblewrap is not installed"))
        ours, theirs = socket.socketpair()
        self.scratch = scratch.make(uid) if bwrap is None else ""
        self._init = InitLine(ours, numbers_its_own=in_namespaces)
        self._init_setting = {
            "pid_namespace": in_namespaces,
            "bwrap": bwrap,
            "scratch": self.scratch,
            "folders": setting["folders"],
            "counts_all": not in_namespaces or os.getuid() != 0,
        }
        if not in_namespaces:
            linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
        pid = os.fork()
        if pid == 0:
            channel.close()
            ours.close()
            init.main(theirs, self._init_setting, uid)
        theirs.close()
        isolation.drop_to(uid, looks=True)
        self._init_pidfd = os.pidfd_open(pid)
        if mounts := self._init.answer()["mounts"]:
            self.refusals.append(("proc", mounts))
        self.kind = "plain" if not in_namespaces else "bubblewrap" if bwrap else "namespaces"
        self.observer = Observer(pid, self._pause, self._init.last_pid, owned_namespace=in_namespaces)
        self._hand = ServerControl(self.observer, self._pause, self._start)
        signal.signal(signal.SIGCHLD, self._on_sigchld)
        self._ears: list[Any] = [channel, self.observer.watch, ours]
        self._orders: dict[str, Callable[[wire.Message, list[int]], wire.Message]] = {
            "launch": self._launch,
            "console": self._console,
            "sockets": self._sockets,
            "prove": self._prove,
            "accepted": self._accepted,
            "consumed": self._consumed,
            "census": self._census,
            "output": self._output,
            "free": self._free,
            **self._hand.orders,
        }

    def _enter(self, uid: int) -> bool:
        try:
            isolation.enter_namespaces(uid)
        except isolation.Refused as refusal:
            self.refusals.append((refusal.code, str(refusal)))
            return False
        return True

    def serve(self) -> None:
        """Obey until the harness closes the channel.

        Raises:
            HarnessGone: it has.
        """
        self._say({"cell": self.kind, "refusals": self.refusals, "uid": os.getuid()})
        while True:
            while (message := self._inbox.take()) is not None:
                order, fds = message
                try:
                    answer = self._orders[order["order"]](order, fds)
                except OSError as error:
                    answer = {"error": f"{order['order']}: {error}"}
                self._tell_events()
                out: list[int] = answer.pop("out", [])
                self._say({"reply": order["id"], "fds": len(out), **answer}, out)
                for fd in out:
                    os.close(fd)
            ready = select.select(self._ears, [], [])[0]
            if self._channel in ready and not self._inbox.read():
                raise HarnessGone
            if self._init.channel in ready:
                self._init.hear()
            self._tell_events()

    def end(self) -> None:
        """Kill init, and with it all that lives in the cell; remove the scratch folder."""
        self._init.channel.close()
        if self._init_setting["pid_namespace"]:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._init_pidfd, signal.SIGKILL)
        select.select([self._init_pidfd], [], [], 2.0)
        if not self._init_setting["pid_namespace"]:
            init.end_family()  # what a subject that killed its init has left to us
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def _on_sigchld(self, *_: object) -> None:
        """Let init go on when a subject that has its uid has stopped it, and who was held too long."""
        self._hand.holder.hear()
        with contextlib.suppress(OSError):
            if os.waitid(os.P_PIDFD, self._init_pidfd, os.WSTOPPED | os.WNOHANG) is not None:
                signal.pidfd_send_signal(self._init_pidfd, signal.SIGCONT)

    def _say(self, message: wire.Message, fds: list[int] | None = None) -> None:
        try:
            wire.send(self._channel, message, fds)
        except OSError as error:
            raise HarnessGone from error

    def _tell_events(self) -> None:
        events = self.observer.events + self.observer.watch.events()
        self.observer.events = []
        for event in events:
            self._say({"event": event})

    def _pause(self, seconds: float) -> None:
        """Wait inside an order; births, deaths and the harness's end are noticed meanwhile."""
        ready = select.select(self._ears, [], [], seconds)[0]
        if self._channel in ready and not self._channel.recv(1, socket.MSG_PEEK):
            raise HarnessGone
        if self._init.channel in ready:
            self._init.hear()
        self._tell_events()

    def _launch(self, order: wire.Message, fds: list[int]) -> wire.Message:
        """Start the subject and wait until it listens and rests, or never will; then find its listener.

        On the terminal that is handed in, if one is. A client has no listener: `aims_at` is the port
        of ours that it is to connect to.
        """
        try:
            self._launched = self._server = self._init.ask(order, fds)["started"]
        finally:
            for fd in fds:
                os.close(fd)
        started = self._init.pid_here(self.observer.init, self._launched)
        if self._init_setting["bwrap"]:
            self.observer.strangers.add(started)
        self.observer.port = order.get("aims_at")
        self.observer.burning.is_known = order.get("spins", False)
        proof, listener, is_ready = self._begun(order)
        if listener is not None:
            self.observer.port = listener.local[1]
            self.observer.defers = defers_accept(self.observer.family(proof.look), listener.inode)
        family = self.observer.family(proof.look)
        stays = any(process.pid == started for process in proof.look.processes)
        if family and self._init_setting["bwrap"]:
            self._dismiss(started, family[0].pid)
        elif family and not stays:  # it has left its starter, whose end is none of the server's
            self._server = pid_inside(family[0].pid)
        return {
            "root": family[0].pid if family else None,
            "stays": stays,
            "ready": is_ready,
            "hides": _hides(family),
            "runaway": _is_runaway(proof, family),
            "exit": self._exit_status(),
            **self.observer.report(proof),
        }

    def _begun(self, order: wire.Message) -> tuple[Proof, Row | None, bool]:
        """The first rest of a subject that has begun, or will not any more; its listener; is it ready.

        Who naps or computes may be starting, and so may one that has not printed what it is `ready`
        with: it has `start_s` for it. Nobody who burns is held for a spinner before it listens.
        """
        begun = order.get("aims_at") is not None
        end_ns = order["deadline_ns"]
        if not begun:
            end_ns = time.monotonic_ns() + order["limits"]["start_s"] * 1_000_000_000
        ready = re.compile(order.get("ready", ""))
        soon_ns, has_looked = time.monotonic_ns() + _SOON_NS, begun
        while True:
            known = self.observer.burning.is_known
            proof = self.observer.prove(end_ns if has_looked else min(end_ns, soon_ns))
            has_looked = True
            family = self.observer.family(proof.look)
            listener = self._find_listener(family, proof.look.rows, order)
            is_ready = self._is_ready(ready)
            begun = begun or (listener is not None and is_ready)
            at_its_end = _hides(family) or not _may_begin(proof, family) or time.monotonic_ns() > end_ns
            if at_its_end or (begun and proof.kind != "guard"):
                self._set_aside(proof)
                return proof, listener, is_ready
            self.observer.burning = Burning()
            self.observer.burning.is_known = known
            self._pause(_BETWEEN_LOOKS_S)

    def _is_ready(self, ready: re.Pattern[str]) -> bool:
        if not ready.pattern:
            return True
        output = self._init.ask({"order": "output", "pid": self._launched})
        return ready.search(output["head"]) is not None

    def _dismiss(self, monitor: int, root: int) -> None:
        """End bubblewrap's outer process: init then is the server's parent and sees its true end."""
        self._server = pid_inside(root)
        with contextlib.suppress(OSError):
            os.kill(monitor, signal.SIGKILL)
        while self._launched not in self._init.reaped:
            self._pause(0.001)

    def _find_listener(
        self, family: list[census.Process], rows: list[Row], order: wire.Message
    ) -> Row | None:
        """A LISTEN socket that the family itself holds; never by connecting, never by banner.

        Of several, the one on the port that it was told.
        """
        listening = {row.inode: row for row in rows if row.state is State.LISTEN}
        living = (process.pid for process in family if not process.is_zombie)
        held = [listening[i] for pid in living for i in socket_inodes(pid)[1] if i in listening]
        told = [row for row in held if row.local[1] == order.get("port")]
        return next(iter([*told, *held]), None)

    def _console(self, order: wire.Message, fds: list[int]) -> wire.Message:
        """Start a client of ours on a terminal; a guest, who has limits, as a subject is."""
        try:
            if "limits" not in order:
                return {"pid": self._start(order["argv"], fds[0], order["env"])}
            started = self._init.ask({**order, "order": "launch"}, fds)["started"]
            pid = self._init.pid_here(self.observer.init, started)
            self.observer.guests.add(pid)
            return {"pid": pid}
        finally:
            for fd in fds:
                os.close(fd)

    def _start(self, argv: list[str], fd: int, env: Mapping[str, str] = MappingProxyType({})) -> int:
        """Let init start a program of ours, all its streams on one descriptor; its pid as seen here."""
        order = {"order": "console", "argv": argv, "env": dict(env)}
        pid = self._init.pid_here(self.observer.init, self._init.ask(order, [fd])["started"])
        self.observer.strangers.add(pid)
        return pid

    def _sockets(self, order: wire.Message, _: list[int]) -> wire.Message:
        family = socket.AF_INET6 if order["v6"] else socket.AF_INET
        made = [socket.socket(family, socket.SOCK_STREAM).detach() for _ in range(order["count"])]
        return {"out": made}

    def _prove(self, order: wire.Message, _: list[int]) -> wire.Message:
        proof = self._proof(
            order, turns=order.get("turns", TURNS), rest_will_do=order.get("rest_will_do", False)
        )
        return self.observer.report(proof)

    def _proof(self, order: wire.Message, **how: Any) -> Proof:
        """Let the family come to rest; whoever spins and has nobody to answer yields to all others."""
        proof = self.observer.prove(order["deadline_ns"], **how)
        self._set_aside(proof)
        return proof

    def _set_aside(self, proof: Proof) -> None:
        for tid in self.observer.burning.aside if proof.kind == "spin" else ():
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, tid, _LEAST)

    def _served(self, client_port: int) -> Row | None:
        for row in self.observer.sockets.rows(self.observer.port):
            if row.local[1] == self.observer.port and row.remote[1] == client_port:
                return row
        return None

    def _until(self, order: wire.Message, holds: Callable[[Row | None], bool]) -> wire.Message:
        """Whether it comes to hold before the family rests; the proof that it did not, if so."""
        for _ in range(_QUICK_TRIES):
            if holds(self._served(order["port"])):
                return {"holds": True}
            self._pause(_QUICK_PAUSE_S)
        proof = self._proof(order, rest_will_do=True)
        if proof.kind == "resting" and not holds(self._served(order["port"])):
            proof = self._proof(order)
        return {"holds": holds(self._served(order["port"])), **self.observer.report(proof)}

    def _accepted(self, order: wire.Message, _: list[int]) -> wire.Message:
        return self._until(order, lambda row: row is not None and self._has_taken(row))

    def _has_taken(self, row: Row) -> bool:
        return is_accepted(row, defers=self.observer.defers)

    def _consumed(self, order: wire.Message, _: list[int]) -> wire.Message:
        return self._until(order, lambda row: row is None or (self._has_taken(row) and not row.unread))

    def _census(self, _: wire.Message, __: list[int]) -> wire.Message:
        return self.observer.report(self.observer.unproven())

    def _exit_status(self) -> int | None:
        """The raw wait status of the server once it has ended; bubblewrap's 128 + n is undone."""
        status = self._init.reaped.get(self._server)
        by_proxy = self._init_setting["bwrap"] and self._server == self._launched
        if status is not None and by_proxy and os.waitstatus_to_exitcode(status) > _BY_SIGNAL:
            return os.waitstatus_to_exitcode(status) - _BY_SIGNAL
        return status

    def _output(self, _: wire.Message, __: list[int]) -> wire.Message:
        output = self._init.ask({"order": "output", "pid": self._launched})
        return {**output, "exit": self._exit_status()}

    def _free(self, order: wire.Message, _: list[int]) -> wire.Message:
        """Whether nobody listens on a port here; waits until no old connection holds it either.

        A connection in TIME_WAIT (60 s at most) blocks the start of a server without SO_REUSEADDR; who
        `reuses` the port need not wait for it.
        A listener is given a moment: it may be the last run's, on its way out.
        """
        patience_ns = time.monotonic_ns() + _LEAVING_NS
        while True:
            states = {
                row.state
                for row in self.observer.sockets.rows(order["port"])
                if row.local[1] == order["port"]
            }
            if order.get("reuses") and State.LISTEN not in states:
                return {"free": True}
            if State.LISTEN in states and time.monotonic_ns() > patience_ns:
                return {"free": False}
            if not states or time.monotonic_ns() > order["deadline_ns"]:
                return {"free": not states}
            self._pause(_BETWEEN_LOOKS_S)


def _hides(family: Sequence[census.Process]) -> bool:
    """Whether one of them cannot be looked at: its files in /proc are not its user's (prctl(2))."""
    for process in family:
        try:
            os.listdir(f"/proc/{process.pid}/fd")
        except PermissionError:
            return not process.is_zombie
        except OSError:
            continue
    return False


def _may_begin(proof: Proof, family: Sequence[census.Process]) -> bool:
    """Whether one who does not listen yet may still: a clock can wake it, or it is at work.

    Not one that was proven to run without rest, and leaves child after child behind, or has more than
    any server begins with.
    """
    return bool(family) and proof.kind != "quiet" and not _is_runaway(proof, family)


def _is_runaway(proof: Proof, family: Sequence[census.Process]) -> bool:
    """Whether it is proven to run, not to rest, and to have more zombies or processes than any start."""
    zombies = sum(process.is_zombie for process in family)
    has_many = zombies >= _MOST_ZOMBIES or len(family) >= _MOST_PROCESSES
    return has_many and proof.kind not in {"quiet", "guard"}


def main(channel: socket.socket) -> NoReturn:
    """Keep one cell from the first order (its setting) to the last."""
    gc.disable()
    keeper = None
    try:
        first = wire.Inbox(channel).wait()
        if first is not None:
            keeper = Keeper(channel, first[0])
            keeper.serve()
    except (HarnessGone, InitGone):
        pass
    except OSError as error:
        with contextlib.suppress(OSError):
            wire.send(channel, {"error": f"{errno.errorcode.get(error.errno or 0, '?')}: {error}"})
    finally:
        if keeper is not None:
            keeper.end()
        os._exit(0)
