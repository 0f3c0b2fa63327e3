"""Design: a child for each connection reads a file first; its parent is woken by a socket of its own."""

import contextlib
import os
import select
import signal
import socket
import sys


def serve(conn):
    with open("/etc/passwd", "rb") as users:
        users.readline()
    with contextlib.suppress(OSError), conn.makefile("rb") as lines:
        conn.sendall(lines.readline().upper())
    with contextlib.suppress(OSError):
        conn.shutdown(socket.SHUT_WR)
        while conn.recv(65536):
            pass


def reap():
    bell.recv(4096)  # who wakes it is the process itself: an error here is a bug, and ends it
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def end_together(number, _):
    signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})  # or it would fork once more before it ends
    os.kill(0 if os.getpid() == os.getpgrp() else os.getpid(), number)


def fork():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # a new Python forgets what came earlier
    try:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return pid
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def let_in():
    try:
        conn = listener.accept()[0]
    except OSError:
        select.select([], [], [], 0.1)
        return
    try:
        is_child = fork() == 0
    except OSError:
        is_child = False
    if is_child:
        signal.set_wakeup_fd(-1)
        for each in (listener, bell, rope):
            each.close()
        serve(conn)
        os._exit(0)
    conn.close()


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("0.0.0.0", port), backlog=64)
bell, rope = socket.socketpair()
rope.setblocking(False)
signal.set_wakeup_fd(rope.fileno(), warn_on_full_buffer=False)
signal.signal(signal.SIGCHLD, lambda *_: None)
signal.signal(signal.SIGTERM, end_together)
print(f"Server is listening on port {port}", flush=True)
while True:
    ready = select.select([listener, bell], [], [])[0]
    if bell in ready:
        reap()
    if listener in ready:
        let_in()
