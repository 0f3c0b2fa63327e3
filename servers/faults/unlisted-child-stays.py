"""Defect: the handler for SIGTERM ends the children in the set, and a child is added there after fork().

Where SIGTERM comes in between, that child is told nothing, and lives on.
"""

import contextlib
import errno
import os
import select
import signal
import socket
import sys
import time

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
children = set()


def serve(conn):
    with contextlib.suppress(OSError), conn.makefile("rb") as lines:
        conn.sendall(lines.readline().upper())
    with contextlib.suppress(OSError):
        conn.shutdown(socket.SHUT_WR)
        while conn.recv(65536, socket.MSG_DONTWAIT):
            pass


def reap():
    with contextlib.suppress(ChildProcessError):
        while (pid := os.waitpid(-1, os.WNOHANG)[0]) > 0:
            children.discard(pid)


def end_all(signo, frame):
    for pid in children:
        os.kill(pid, signo)
    signal.signal(signo, signal.SIG_DFL)
    signal.raise_signal(signo)


def accept_client():
    try:
        return listener.accept()[0]
    except OSError as error:
        if error.errno in EXHAUSTED:
            time.sleep(0.1)  # the client is still in the queue: without a pause the loop would spin
        return None


def serve_in_child(conn):
    try:
        pid = os.fork()
    except OSError as error:
        print(f"fork: {error}", file=sys.stderr)
        return
    if pid == 0:
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.set_wakeup_fd(-1)
            listener.close()
            serve(conn)
        finally:
            os._exit(0)
    children.add(pid)


bell, rope = socket.socketpair()
bell.setblocking(False)
rope.setblocking(False)
signal.set_wakeup_fd(rope.fileno(), warn_on_full_buffer=False)
signal.signal(signal.SIGCHLD, lambda signo, frame: None)
signal.signal(signal.SIGTERM, end_all)
listener = socket.create_server(
    ("0.0.0.0", int(sys.argv[1]) if len(sys.argv) > 1 else 54321), backlog=64
)
listener.setblocking(False)
print(f"Server is listening on port {listener.getsockname()[1]}", flush=True)

while True:
    ready = select.select([listener, bell], [], [])[0]
    if bell in ready:
        with contextlib.suppress(OSError):
            bell.recv(4096)
        reap()
    if listener in ready:
        conn = accept_client()
        if conn is not None:
            conn.setblocking(True)
            serve_in_child(conn)
            conn.close()
