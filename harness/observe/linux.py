"""System calls that CPython does not wrap, each with its man page.

Unless they say otherwise they raise OSError where the kernel or the container refuses.
"""

import contextlib
import ctypes
import fcntl
import os
import platform
import struct
from collections.abc import Iterable
from typing import Final, NamedTuple

_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_PTRACE: Final = 101  # x86-64: libc's own peeks into errno
_TGKILL: Final = {"x86_64": 234, "aarch64": 131}.get(platform.machine(), -1)
_RT_SIGACTION: Final = {"x86_64": 13, "aarch64": 134}.get(platform.machine(), -1)
_PIDFD_GETFD: Final = {"x86_64": 438, "aarch64": 438}.get(platform.machine(), -1)

SIGNALS_OF_NPTL: Final = (32, 33)  # the C library hides them: nptl(7)
_SIGACTION_BYTES: Final = 32  # the kernel's own structure, not the C library's
_SIGSET_BYTES: Final = 8

_PIDFD_GET_INFO: Final = 0xC040FF0B
_PIDFD_INFO: Final = struct.Struct("=QQ11Ii")  # mask, cgroup, ids, exit code
_PIDFD_INFO_EXIT: Final = 1 << 3

CLONE_NEWNS: Final = 0x00020000
CLONE_NEWCGROUP: Final = 0x02000000
CLONE_NEWUTS: Final = 0x04000000
CLONE_NEWIPC: Final = 0x08000000
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWPID: Final = 0x20000000
CLONE_NEWNET: Final = 0x40000000
MS_BIND: Final = 0x1000
MS_REC: Final = 0x4000
MS_PRIVATE: Final = 1 << 18
MS_NOSUID_NODEV: Final = 2 | 4
PTRACE_PEEKUSER: Final = 3
PTRACE_POKEUSER: Final = 6
PTRACE_CONT: Final = 7
PTRACE_SINGLESTEP: Final = 9
PTRACE_DETACH: Final = 17
PTRACE_SYSCALL: Final = 24
_PTRACE_GETEVENTMSG: Final = 0x4201
_PTRACE_GET_SYSCALL_INFO: Final = 0x420E
PTRACE_SEIZE: Final = 0x4206
PTRACE_INTERRUPT: Final = 0x4207
PTRACE_LISTEN: Final = 0x4208
_CALL_INFO: Final = struct.Struct("=B3xIQQqq")  # op, arch, ip, sp; number or result; first argument
_CALL_INFO_BYTES: Final = 88
_ENTRY: Final = 1
PTRACE_O_TRACESYSGOOD: Final = 1
PTRACE_O_TRACEFORK: Final = 2
PTRACE_O_TRACECLONE: Final = 8
PTRACE_EVENT_FORK: Final = 1
PTRACE_EVENT_CLONE: Final = 3
PTRACE_EVENT_STOP: Final = 128
_IPC_RMID: Final = 0
PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_KEEPCAPS: Final = 8
_PR_SET_NAME: Final = 15
_PR_SET_MM: Final = 35
_PR_SET_MM_MAP: Final = 14
_MM_MAP: Final = struct.Struct("=12QIi")  # where a process's parts begin and end; no auxv, no file
PR_SET_CHILD_SUBREAPER: Final = 36
CAP_DAC_READ_SEARCH: Final = 2
CAP_NET_ADMIN: Final = 12
CAP_SYS_PTRACE: Final = 19
_CAPABILITIES: Final = struct.Struct("=6I")  # effective, permitted, inheritable; twice (capget(2))
_VERSION_3: Final = 0x20080522


def unshare(flags: int) -> None:
    """unshare(2)."""
    _check(_LIBC.unshare(flags))


def be_user(uid: int, gid: int, also: int = 0) -> None:
    """Enter a user namespace of one's own, where one's ids are these; and `also` these namespaces.

    Source: user_namespaces(7).
    """
    maps = {
        "setgroups": "deny",
        "uid_map": f"{uid} {os.getuid()} 1",
        "gid_map": f"{gid} {os.getgid()} 1",
    }
    unshare(CLONE_NEWUSER | also)
    for name, text in maps.items():
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2)."""
    words = [None if word is None else word.encode() for word in (source, target, kind, data)]
    _check(_LIBC.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]))


def prctl(option: int, value: int) -> None:
    """prctl(2) with one argument."""
    _check(_LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0))


def set_command(name: str, command: bytes) -> None:
    """Give this process a name and a command line (proc(5), comm and cmdline), no longer than its own.

    Source: prctl(2), PR_SET_MM; linux/prctl.h, struct prctl_mm_map.
    """
    told = ctypes.create_string_buffer(name.encode())
    prctl(_PR_SET_NAME, ctypes.addressof(told))
    with open("/proc/self/stat", "rb") as file:
        fields = list(map(int, file.read().rpartition(b")")[2].split()[1:]))
    code, stack, data, env = fields[22:24], fields[24], fields[41:43], fields[46:48]
    heap, (start, end) = fields[43], fields[44:46]
    command = command[: end - start - 1]
    ctypes.memset(start, 0, end - start)
    ctypes.memmove(start, command, len(command))
    _LIBC.sbrk.restype = ctypes.c_void_p
    top, end = _LIBC.sbrk(0), start + len(command) + 1
    parts = _MM_MAP.pack(*code, *data, heap, top, stack, start, end, *env, 0, 0, -1)
    _check(_LIBC.prctl(_PR_SET_MM, ctypes.c_ulong(_PR_SET_MM_MAP), parts, ctypes.c_ulong(len(parts)), 0))


def remove_sysv(kind: str, number: int) -> None:
    """Remove a segment ("shm"), semaphores ("sem") or a queue ("msg"): shmctl(2) and the like."""
    match kind:
        case "shm":
            _check(_LIBC.shmctl(number, _IPC_RMID, None))
        case "sem":
            _check(_LIBC.semctl(number, 0, _IPC_RMID))
        case _:
            _check(_LIBC.msgctl(number, _IPC_RMID, None))


def keep_only(capabilities: Iterable[int]) -> None:
    """Hold these capabilities, as far as this thread may have them, and pass none on: capset(2)."""
    header = ctypes.create_string_buffer(struct.pack("=Ii", _VERSION_3, 0))
    data = ctypes.create_string_buffer(_CAPABILITIES.size)
    _check(_LIBC.capget(header, data))
    may = _CAPABILITIES.unpack(data.raw)[1]
    held = may & sum(1 << each for each in capabilities)
    _check(_LIBC.capset(header, _CAPABILITIES.pack(held, held, 0, 0, 0, 0)))


def ptrace(request: int, tid: int, address: int = 0, data: int = 0) -> None:
    """ptrace(2), for requests that give nothing back, of a task that is stopped."""
    _check(_LIBC.ptrace(request, tid, ctypes.c_void_p(address), ctypes.c_void_p(data)))


def ptrace_peek(tid: int, offset: int) -> int:
    """One register of a stopped task, signed: PTRACE_PEEKUSER of ptrace(2), offsets as in sys/user.h."""
    word = ctypes.c_long()
    _check(_LIBC.syscall(_PTRACE, PTRACE_PEEKUSER, tid, ctypes.c_void_p(offset), ctypes.byref(word)))
    return word.value


def ptrace_message(tid: int) -> int:
    """The message of the event at which a task has stopped: of a fork() the child's pid."""
    word = ctypes.c_ulong()
    ptrace(_PTRACE_GETEVENTMSG, tid, 0, ctypes.addressof(word))
    return word.value


class AtCall(NamedTuple):
    """A stop at a system call: whether at its entry; the next instruction.

    At the entry its `number` and its `first` argument as an int; at the return the `result`.
    """

    is_entry: bool
    ip: int
    number: int
    first: int
    result: int


def ptrace_call(tid: int) -> AtCall:
    """PTRACE_GET_SYSCALL_INFO of ptrace(2), Linux 5.3, of a task that has stopped at a system call."""
    buffer = ctypes.create_string_buffer(_CALL_INFO_BYTES)
    ptrace(_PTRACE_GET_SYSCALL_INFO, tid, _CALL_INFO_BYTES, ctypes.addressof(buffer))
    op, _, ip, _, word, first = _CALL_INFO.unpack_from(buffer)
    if op == _ENTRY:
        return AtCall(True, ip, word, ctypes.c_int(first).value, 0)
    return AtCall(False, ip, -1, -1, word)


def tgkill(pid: int, tid: int, signal: int) -> None:
    """Send one thread of a process a signal: tgkill(2)."""
    _check(_LIBC.syscall(_TGKILL, pid, tid, signal))


def default_signal(number: int) -> None:
    """Give a signal its default action, even one of `SIGNALS_OF_NPTL`: rt_sigaction(2)."""
    action = ctypes.create_string_buffer(_SIGACTION_BYTES)  # SIG_DFL, no flags, no mask
    _check(_LIBC.syscall(_RT_SIGACTION, number, action, None, ctypes.c_size_t(_SIGSET_BYTES)))


def pidfd_getfd(pidfd: int, fd: int) -> int:
    """pidfd_getfd(2): a duplicate of another process's descriptor, with the right to ptrace it."""
    return _check(_LIBC.syscall(_PIDFD_GETFD, pidfd, fd, 0))


def pidfd_exit_status(pidfd: int) -> int | None:
    """The raw wait status of a process that has been reaped; None before Linux 6.15, and until then.

    Source: PIDFD_GET_INFO in ioctl_pidfd(2) and linux/pidfd.h.
    """
    buffer = bytearray(_PIDFD_INFO.pack(_PIDFD_INFO_EXIT, *[0] * 13))
    with contextlib.suppress(OSError):
        fcntl.ioctl(pidfd, _PIDFD_GET_INFO, buffer)
        mask, *_, status = _PIDFD_INFO.unpack(buffer)
        if mask & _PIDFD_INFO_EXIT:
            return int(status)
    return None


def _check(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
