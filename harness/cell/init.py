"""Process 1 of a cell: starts what the keeper orders, reaps every orphan, drains every output.

Forked from the keeper, never exec'd. In its own pid namespace its death is everyone's; in the
plain cell it is their subreaper (prctl(2)) and ends them one by one.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import termios
import time
from collections.abc import Collection
from typing import Any, Final, NoReturn

from harness.observe import census, linux

from . import bubblewrap, isolation, limits, wire

_HEAD_BYTES: Final = 65_536
_TAIL_BYTES: Final = 4_096


class _Output:
    """What a program printed: the beginning, the end, and how much in all."""

    def __init__(self, master: int) -> None:
        self.master = master
        self.head = bytearray()
        self.tail = bytearray()
        self.total = 0

    def drain(self) -> bool:
        """Take what is there; False once nobody can write any more."""
        try:
            data = os.read(self.master, 65_536)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.total += len(data)
        self.head += data[: max(0, _HEAD_BYTES - len(self.head))]
        self.tail = (self.tail + data)[-_TAIL_BYTES:]
        return bool(data)


class Init:
    """Serves the keeper's orders until its channel closes, then ends the family."""

    def __init__(self, channel: socket.socket, setting: wire.Message) -> None:
        self._channel = channel
        self._inbox = wire.Inbox(channel)
        self._setting = setting
        self._outputs: dict[int, _Output] = {}
        self._output_of: dict[int, _Output] = {}
        self._kept: list[int] = []

    def run(self) -> None:
        """Serve; returns when the keeper has gone."""
        wake_r, wake_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_w, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        poll.register(wake_r, select.POLLIN)
        while True:
            for fd, _ in poll.poll():
                if fd == wake_r:
                    os.read(wake_r, 4096)
                    self._reap()
                elif fd == self._channel.fileno():
                    if not self._inbox.read():
                        return
                    while (message := self._inbox.take()) is not None:
                        self._obey(*message, poll)
                elif not self._outputs[fd].drain():
                    poll.unregister(fd)
                    os.close(fd)
                    del self._outputs[fd]

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            wire.send(self._channel, {"reaped": pid, "status": status})

    def _obey(self, order: wire.Message, fds: list[int], poll: select.poll) -> None:
        match order["order"]:
            case "launch":
                wire.send(self._channel, {"started": self._launch(order, fds, poll)})
            case "console":
                wire.send(self._channel, {"started": self._console(order, fds[0])})
            case "last pid":  # the last field of /proc/loadavg, by the reader's own namespace
                with open("/proc/loadavg", "rb") as file:
                    wire.send(self._channel, {"last_pid": int(file.read().split()[-1])})
            case "output":
                wire.send(self._channel, self._output(order["pid"]))

    def _output(self, pid: int) -> dict[str, Any]:
        output = self._output_of.get(pid)
        if output is None:  # it prints to a terminal that is not ours
            return {"head": "", "tail": "", "total": 0}
        if self._outputs.get(output.master) is output:  # the number may have been given to another
            output.drain()
        cut = output.total > _HEAD_BYTES
        return {
            "head": output.head.decode("latin-1"),
            "tail": output.tail.decode("latin-1") if cut else "",
            "total": output.total,
        }

    def _launch(self, order: wire.Message, fds: list[int], poll: select.poll) -> int:
        """Start a subject on a pty of its own, whose other side we drain; returns its pid here.

        With `output` "pipe" only its input is the pty: what it prints goes through a pipe. A terminal
        that is handed in is taken instead: somebody sits at its other side.
        """
        if fds:
            return self._fork(order, (fds[0], fds[0], fds[0]), fds[0])
        master, slave = os.openpty()
        _raw(slave)
        ours, theirs = os.pipe() if order.get("output") == "pipe" else (master, slave)
        os.set_blocking(ours, False)
        pid = self._fork(order, (slave, theirs, theirs), slave)
        if ours != master:
            os.close(theirs)
            self._kept.append(master)  # its input stays open: two servers in a hundred end by EOF
        self._outputs[ours] = self._output_of[pid] = _Output(ours)
        poll.register(ours, select.POLLIN)
        return pid

    def _fork(self, order: wire.Message, streams: tuple[int, int, int], slave: int) -> int:
        words, cwd = self._words(order)
        pid = os.fork()
        if pid == 0:
            _become(words, order, streams, cwd, self._setting)
        os.close(slave)
        return pid

    def _words(self, order: wire.Message) -> tuple[list[str], str]:
        """Command line and working directory, by what this cell has."""
        shown: dict[str, str] = self._setting["shown"]
        if bwrap := self._setting["bwrap"]:
            return bubblewrap.wrap(bwrap, order, shown), "/"
        words = [_elsewhere(word, shown) for word in order["argv"]]
        order["env"] = {key: _elsewhere(value, shown) for key, value in order["env"].items()}
        return words, next(iter(shown.values())) if order.get("in_folder") else self._setting["scratch"]

    def _console(self, order: wire.Message, slave: int) -> int:
        """Start a client of ours on the terminal that was handed in."""
        places = [(os.POSIX_SPAWN_DUP2, slave, to) for to in (0, 1, 2)]
        try:
            return os.posix_spawn(
                order["argv"][0],
                order["argv"],
                order["env"],
                file_actions=places,
                setsid=True,
                setsigmask=[],
                setsigdef=list(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}),
            )
        finally:
            os.close(slave)


def _elsewhere(word: str, shown: dict[str, str]) -> str:
    """A path under one of the shown folders, as it can be reached here; any other word as it is."""
    for folder, place in shown.items():
        if word == folder or word.startswith(f"{folder}/"):
            return place + word[len(folder) :]
    return word


def _raw(terminal: int) -> None:
    """No echo and no newline translation: what the program prints is what is recorded."""
    mode: list[Any] = termios.tcgetattr(terminal)
    mode[1] &= ~termios.OPOST
    mode[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, mode)


def _become(
    words: list[str],
    order: wire.Message,
    streams: tuple[int, int, int],
    cwd: str,
    setting: wire.Message,
) -> NoReturn:
    """In the forked child: put on what the subject shall inherit, and become it."""
    try:
        signal.set_wakeup_fd(-1)
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.setsid()
        for to, fd in enumerate(streams):
            os.dup2(fd, to)
        os.chdir(cwd)
        limits.first_to_go()
        limits.apply(order["limits"])
        _open(order.get("inherits", 0))
        if not setting["bwrap"] or not bubblewrap.can_count():
            already = limits.tasks_of_user(os.getuid()) if setting["counts_all"] else 4
            limits.apply_processes(order["limits"], already)
        os.execvpe(words[0], words, order["env"])
    except OSError as error:
        os.write(2, f"cannot run {words[0]}: {error.strerror}\n".encode())
    except BaseException as error:  # noqa: BLE001  a child that must not return into our loop
        os.write(2, f"cannot start: {error!r}\n".encode())
    os._exit(127)


def _open(count: int) -> None:
    """So many descriptors more, of /dev/null, which exec() leaves open: as a busy server has."""
    for _ in range(count):
        os.set_inheritable(os.open(os.devnull, os.O_RDONLY), True)


def end_family(deadline_s: float = 0.8, spare: Collection[int] = ()) -> None:
    """Kill everything below this process, faster than it can fork: stop all, then kill all.

    For the plain cell, where no pid namespace does it. Every pid is our descendant, read anew;
    children in `spare` are left alone, with all below them.
    """
    me, end = os.getpid(), time.monotonic() + deadline_s
    while time.monotonic() < end and (left := census.family(me, without=spare)):
        for signum in (signal.SIGSTOP, signal.SIGKILL):
            for process in left:
                with contextlib.suppress(OSError):
                    os.kill(process.pid, signum)
        for process in left:
            if process.ppid == me:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(process.pid, os.WNOHANG)


def main(channel: socket.socket, setting: wire.Message, uid: int) -> NoReturn:
    """Settle in as the cell's first process, serve, and leave nothing behind."""
    refused = ""
    setting["shown"] = {folder: folder for folder in setting["folders"]}
    if setting["pid_namespace"]:
        refused = isolation.own_mounts()
        if os.getuid() == 0 and not refused:
            setting["shown"] = isolation.show_folders(setting["folders"])
    else:
        linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    isolation.drop_to(uid)
    if setting["pid_namespace"]:
        # Cleared by a change of uid (prctl(2)), so it comes after the drop.
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    wire.send(channel, {"ready": True, "mounts": refused})
    with contextlib.suppress(OSError):
        Init(channel, setting).run()
    if not setting["pid_namespace"]:
        end_family()
    os._exit(0)
