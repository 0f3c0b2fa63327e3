"""A warm interpreter from which keepers are forked: everything imported, nothing running.

Started by exec, single-threaded, so that a fork is safe whatever the harness is doing. Run as
`python -m harness.cell.zygote FD`; ends when FD does, after its keepers have ended.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import time
from typing import Final

from harness.observe import linux, procfs

from . import (
    bubblewrap,
    init,
    isolation,
    keeper,
    left_behind,
    memory_group,
    scratch,
    surroundings,
    wire,
)
from .protocol import OPEN_CELL, Broken

_GRACE_S: Final = 3.0


def main() -> None:
    """Fork a keeper for every channel that arrives; end without a word where the machine is short."""
    try:
        _serve()
    except OSError:
        os._exit(1)


def _serve() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    wake_r, wake_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    channel = socket.socket(fileno=int(sys.argv[1]))
    inbox = wire.Inbox(channel, OPEN_CELL)
    keepers, made = set[int](), set[int]()
    _learn_what_stays()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_w, warn_on_full_buffer=False)
    is_open = True
    end = 0.0
    while is_open or (keepers and time.monotonic() < end):
        ears = (channel, wake_r) if is_open else (wake_r,)
        ready = select.select(ears, [], [], None if is_open else _GRACE_S)[0]
        if channel in ready:
            is_open = inbox.read()
            end = time.monotonic() + _GRACE_S
        while (heard := inbox.take()) is not None:
            made |= (new := _fork_keeper(heard[1][0], channel))
            keepers |= new
        if wake_r in ready:
            os.read(wake_r, 4096)
            _reap(keepers)
    for pid in keepers:  # those who would not end by themselves
        os.kill(pid, signal.SIGKILL)
    init.end_family()
    for pid in keepers:
        _remove_of(pid)
    memory_group.sweep(made, _GRACE_S)


def _learn_what_stays() -> None:
    """Find out once what each cell would find out for itself: how this machine is built."""
    with contextlib.suppress(OSError):  # a cell tells better what is missing
        isolation.open_place()
        bubblewrap.system()
        surroundings.files()


def _fork_keeper(fd: int, channel: socket.socket) -> set[int]:
    """Fork a keeper: its pid. None if there are too many processes; the harness is then told so."""
    try:
        pid = os.fork()
    except OSError as error:
        with socket.socket(fileno=fd) as asked, contextlib.suppress(OSError):
            wire.send(asked, Broken(f"no process for a cell can be made: {error.strerror}"))
        return set()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        channel.close()
        keeper.main(socket.socket(fileno=fd))
    os.close(fd)
    return {pid}


def _reap(keepers: set[int]) -> None:
    """Wait for the dead; whatever else is our child was orphaned in a plain cell: end it.

    There the subject has its keeper's uid: one that it has stopped goes on, and what one that it has
    killed leaves is removed, once no process lives that could add to it.
    """
    any_end: Final = os.WEXITED | os.WSTOPPED | os.WNOHANG | os.WNOWAIT
    with contextlib.suppress(ChildProcessError):
        while (seen := os.waitid(os.P_ALL, 0, any_end)) is not None:
            pid = seen.si_pid
            if pid in keepers and seen.si_code == os.CLD_STOPPED:
                os.kill(pid, signal.SIGCONT)
            elif pid in keepers:
                _end_orphans(keepers)
                _remove_of(pid)
                keepers.discard(pid)
            os.waitid(os.P_PID, pid, any_end & ~os.WNOWAIT)
    memory_group.sweep()
    _end_orphans(keepers)


def _end_orphans(keepers: set[int]) -> None:
    me = os.getpid()
    if set(procfs.children(me, [me])) - keepers:
        init.end_family(spare=keepers)


def _remove_of(keeper: int) -> None:
    if scratch.remove_of(keeper) and os.getuid() == 0:
        left_behind.remove_of(isolation.uid_of(keeper))


if __name__ == "__main__":
    main()
