"""Sound, and its first process traces the second, which serves: each signal is handed over but SIGSTOP."""

import contextlib
import ctypes
import os
import select
import signal
import socket
import sys

TRACEME, CONT, WALL = 0, 7, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def trace(server):
    while True:
        _, status = os.waitpid(server, WALL)
        if not os.WIFSTOPPED(status):
            sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)
        number = os.WSTOPSIG(status)
        keeps = number in (signal.SIGSTOP, signal.SIGTRAP)
        libc.ptrace(CONT, server, None, 0 if keeps else number)


def serve(conn):
    with contextlib.suppress(OSError), conn.makefile("rb") as lines:
        conn.sendall(lines.readline().upper())
    with contextlib.suppress(OSError):
        conn.shutdown(socket.SHUT_WR)
        while conn.recv(65536, socket.MSG_DONTWAIT):
            pass


def let_in(listener):
    with contextlib.suppress(OSError), listener.accept()[0] as conn:
        if os.fork() == 0:
            try:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                signal.set_wakeup_fd(-1)
                listener.close()
                serve(conn)
            finally:
                os._exit(0)


server = os.fork()
if server > 0:
    trace(server)
libc.ptrace(TRACEME, 0, None, None)
signal.raise_signal(signal.SIGSTOP)
bell, rope = socket.socketpair()
rope.setblocking(False)
signal.set_wakeup_fd(rope.fileno(), warn_on_full_buffer=False)
signal.signal(signal.SIGCHLD, lambda signo, frame: None)
listener = socket.create_server(
    ("0.0.0.0", int(sys.argv[1]) if len(sys.argv) > 1 else 54321), backlog=64
)
print("Server is listening", flush=True)
while True:
    ready = select.select([listener, bell], [], [])[0]
    if bell in ready:
        bell.recv(4096)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    if listener in ready:
        let_in(listener)
