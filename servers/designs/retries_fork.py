"""Design: a child for each connection; where fork() fails, the client waits, and it is tried again by a clock."""

import contextlib
import os
import select
import signal
import socket
import sys
import time

RETRY_S = 5
PAUSE_S = 0.1
waiting = []


def serve(conn):
    with contextlib.suppress(OSError), conn.makefile("rb") as lines:
        conn.sendall(lines.readline().upper())
    with contextlib.suppress(OSError):
        conn.shutdown(socket.SHUT_WR)
        while conn.recv(65536):
            pass


def fork():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # a new Python forgets what came earlier
    try:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return pid
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def fork_for(conn):
    pid = fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        listener.close()
        for other, _ in waiting:
            if other is not conn:
                other.close()
        serve(conn)
        os._exit(0)
    conn.close()


def take(conn):
    try:
        fork_for(conn)
    except OSError:
        waiting.append((conn, time.monotonic() + RETRY_S))


def end(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    sys.exit()


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("0.0.0.0", port), backlog=64)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
bell, rope = socket.socketpair()  # SIGTERM just before select() would wait for the next client
rope.setblocking(False)
signal.set_wakeup_fd(rope.fileno())
signal.signal(signal.SIGTERM, end)
print(f"Server is listening on port {port}", flush=True)
while True:
    first = min((at for _, at in waiting), default=None)
    left_s = None if first is None else max(0.0, first - time.monotonic())
    if listener in select.select([listener, bell], [], [], left_s)[0]:
        try:
            take(listener.accept()[0])
        except OSError:
            time.sleep(PAUSE_S)
    due = [each for each in waiting if each[1] <= time.monotonic()]
    for each in due:
        waiting.remove(each)
        take(each[0])
