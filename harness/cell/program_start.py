"""How init starts programs: the subject on a terminal that it drains, ours on one handed in."""

import contextlib
import errno
import fcntl
import os
import signal
import struct
import termios
from contextlib import ExitStack
from typing import Final, NoReturn

import msgspec

from harness.observe import linux, procfs
from harness.signal_mask import bit

from . import bubblewrap, home_files, limits, surroundings
from .init_protocol import StartOurs, StartSubject
from .message import Program
from .start_gate import StartGate

_HEAD_BYTES: Final = 65_536
_TAIL_BYTES: Final = 4_096
_SHORTAGES: Final = {
    errno.EAGAIN, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ENOSPC,
}  # fmt: skip
_SIZE: Final = struct.pack("HHHH", 24, 80, 0, 0)  # ioctl_tty(2), TIOCSWINSZ
_SIGNALS: Final = sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP})
_OFLAG, _LFLAG = 1, 3  # termios.tcgetattr(): iflag, oflag, cflag, lflag, ...


class InitSetting(msgspec.Struct, frozen=True):
    """What a cell's init is to know; it inherits it by fork.

    `bwrap` is the path of bubblewrap where it is used, `scratch` the folder of a subject without it, ""
    where there is none. With `counts_all` the user's other processes count against a subject's limit;
    with `unbounded` no control group bounds the memory of all its processes together. With `own_ipc` the
    cell has a namespace for System V's objects.
    """

    pid_namespace: bool
    bwrap: str | None
    scratch: str
    folders: list[str]
    counts_all: bool
    unbounded: bool = True
    own_ipc: bool = False


class PrintedText:
    """A program's output: the beginning, the end, and how many bytes in all."""

    def __init__(self, master: int) -> None:
        self.master = master
        self.head = bytearray()
        self.tail = bytearray()
        self.total = 0

    def drain(self) -> bool:
        """Read what is there; False once no process can write any more."""
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

    @property
    def is_cut(self) -> bool:
        """Whether there was more than the beginning."""
        return self.total > _HEAD_BYTES


class Starter:
    """Starts programs in one cell. `shown` maps each folder to where it can be reached in here."""

    def __init__(self, setting: InitSetting, shown: dict[str, str]) -> None:
        self._setting = setting
        self._shown = shown
        self._kept: list[int] = []

    def forget(self) -> None:
        """Close the terminals of those that it started, which have ended."""
        for master in self._kept:
            os.close(master)
        self._kept.clear()

    def on_own_terminal(self, order: StartSubject) -> tuple[int, PrintedText]:
        """Start a subject on a pty of its own, whose other side is to be drained; its pid in here.

        With `output` "pipe" only its input is the pty: what it prints goes through a pipe.
        """
        with ExitStack() as kept, ExitStack() as lent:
            master, slave = os.openpty()
            kept.callback(os.close, master)
            lent.callback(os.close, slave)
            _raw(slave)
            os.write(master, order.typed.encode())
            ours, theirs = master, slave
            if order.output == "pipe":
                ours, theirs = os.pipe()
                kept.callback(os.close, ours)
                lent.callback(os.close, theirs)
            os.set_blocking(ours, False)
            pid = self._fork(order, (slave, theirs, theirs))
            kept.pop_all()
        if ours != master:
            self._kept.append(master)  # its input stays open: two servers in a hundred end by EOF
        return pid, PrintedText(ours)

    def on_terminal(self, order: StartSubject, terminal: int) -> int:
        """Start a subject on a person's terminal, which is closed here; return its pid."""
        with ExitStack() as lent:
            lent.callback(os.close, terminal)
            return self._fork(order, (terminal, terminal, terminal))

    def _fork(self, order: StartSubject, streams: tuple[int, int, int]) -> int:
        """The pid of a child that has become the subject, or has said in its place why it cannot.

        Raises:
            OSError: the machine is short of something, which is none of the subject's doing.
        """
        with ExitStack() as ends:
            gate = StartGate() if self._setting.bwrap else None
            if gate is not None:
                ends.callback(gate.close)
            ours, theirs = os.pipe2(os.O_CLOEXEC)
            ends.callback(os.close, ours)
            with ExitStack() as lent:
                lent.callback(os.close, theirs)
                pid = os.fork()
                if pid == 0:
                    self._become(order.program, streams, order.inherits, theirs, gate)
            if number := os.read(ours, 64):
                raise OSError(int(number), os.strerror(int(number)))
            if gate is not None:
                gate.open(pid, order.program.limits.processes)
        return pid

    def _settled(
        self, program: Program, gate: StartGate | None
    ) -> tuple[str, list[str], dict[str, str], str]:
        """What is executed, by which words and variables, and where; its home is as it shall be."""
        argv = [os.fsdecode(word) for word in program.argv]
        env = {os.fsdecode(key): os.fsdecode(value) for key, value in program.env.items()}
        folders = [os.fsdecode(folder) for folder in program.reads]
        shown = {folder: self._shown[folder] for folder in folders}
        files = {
            os.fsdecode(name): self._reached(os.fsdecode(path)) for name, path in program.at_home.items()
        }
        given = {os.fsdecode(name): text.decode() for name, text in program.written.items()}
        empty = [name for name in given if name.endswith("/")]
        home, user = self._where_and_who()
        texts = {n: home_files.filled(text, home, user) for n, text in given.items() if n not in empty}
        if gate is not None and (bwrap := self._setting.bwrap):
            argv = [home_files.filled(word, home, user) for word in argv]
            env = {key: home_files.filled(value, home, user) for key, value in env.items()}
            opened = {name: home_files.inheritable(path) for name, path in files.items()}
            opened |= {name: home_files.written(text) for name, text in texts.items()}
            words = bubblewrap.wrap(shown, opened, empty, in_folder=program.in_folder)
            words += [] if self._setting.own_ipc else ["--unshare-ipc"]
            told = home_files.written("".join(f"{word}\0" for word in [*words, *gate.words()]))
            words = ["-bash", "--args", str(told), "--", *argv]
            return surroundings.as_shell(bwrap), words, env, "/"
        home_files.lay(files, texts, empty, home)
        argv = [home_files.filled(self._reached(word), home, user) for word in argv]
        env = {k: self._reached(home_files.filled(value, home, user)) for k, value in env.items()}
        return argv[0], argv, env, shown[folders[0]] if program.in_folder else home

    def _where_and_who(self) -> tuple[str, str]:
        """The home of a subject, and the name of its user."""
        home = surroundings.HOME if self._setting.bwrap else self._setting.scratch
        is_named = self._setting.bwrap or self._setting.pid_namespace
        return home, surroundings.USER if is_named else home_files.name_of(os.getuid())

    def _reached(self, word: str) -> str:
        """A path under one of the shown folders, as it can be reached here; any other word as it is."""
        for folder, place in self._shown.items():
            if word == folder or word.startswith(f"{folder}/"):
                return place + word[len(folder) :]
        return word

    def _become(
        self,
        program: Program,
        streams: tuple[int, int, int],
        inherits: int,
        tells: int,
        gate: StartGate | None,
    ) -> NoReturn:
        """In the forked child: put on what the subject shall inherit, and become it.

        If the machine is short of something, the error goes to the pipe `tells`, else to the terminal.
        """
        path = os.fsdecode(program.argv[0])
        try:
            path, argv, env, cwd = self._settled(program, gate)
            signal.set_wakeup_fd(-1)
            _heed_what_is_ignored()
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            os.setsid()
            for to, fd in enumerate(streams):
                os.dup2(fd, to)
            limits.first_to_go(unbounded=self._setting.unbounded)
            limits.apply(program.limits)
            if gate is None:
                already = limits.tasks_of_user(os.getuid()) if self._setting.counts_all else 4
                if self._setting.pid_namespace and surroundings.be_the_user():
                    surroundings.hide_scratch(list(map(os.fsdecode, program.reads)))
                    already = 0
                limits.apply_processes(program.limits, already)
            _open(inherits)
            os.chdir(cwd)
            os.execvpe(path, argv, env)
        except OSError as error:
            if error.errno in _SHORTAGES:
                os.write(tells, str(error.errno).encode())
            else:
                os.write(2, f"cannot run {path}: {error.strerror}\n".encode(errors="surrogateescape"))
        except BaseException as error:  # noqa: BLE001  a child that must not return into our loop
            os.write(2, f"cannot start: {error!r}\n".encode(errors="surrogateescape"))
        os._exit(127)


def _heed_what_is_ignored() -> None:
    """Give each signal that is ignored its default action; what has a handler gets it from execve(2)."""
    status = procfs.read("/proc/self/status") or b""
    ignored = procfs.field(status, b"\nSigIgn:\t", 16) if b"\nSigIgn:\t" in status else -1
    for number in _SIGNALS:
        if ignored & bit(number):
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
    for hidden in linux.SIGNALS_OF_NPTL:
        if ignored & bit(hidden):
            with contextlib.suppress(OSError):
                linux.default_signal(hidden)


def start_ours(order: StartOurs, slave: int) -> int:
    """Start a program of ours on the descriptor that was handed in; its pid in here."""
    places = [(os.POSIX_SPAWN_DUP2, slave, to) for to in (0, 1, 2)]
    try:
        return os.posix_spawn(
            order.argv[0],
            order.argv,
            order.env,
            file_actions=places,
            setsid=True,
            setsigmask=[],
            setsigdef=_SIGNALS,
        )
    finally:
        os.close(slave)


def _raw(terminal: int) -> None:
    """No echo and no newline translation: what the program prints is what is recorded; usual in size."""
    mode = termios.tcgetattr(terminal)
    mode[_OFLAG] &= ~termios.OPOST
    mode[_LFLAG] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, mode)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, _SIZE)


def _open(count: int) -> None:
    """Open this many descriptors more, of /dev/null, which exec() leaves open."""
    for _ in range(count):
        os.set_inheritable(os.open(os.devnull, os.O_RDONLY), True)
