"""Defect: a parent of forty workers replaces the one that os.wait() returns at each SIGCHLD, and no other."""

import os
import signal
import socket
import sys
import time

WORKERS = 40


def serve(conn: socket.socket) -> None:
    """Answer one line."""
    while data := conn.recv(4096):
        line, newline, _ = data.partition(b"\n")
        conn.sendall(line.upper() + newline)
        if newline:
            break


def work() -> None:
    """Serve one client after the other, for ever."""
    while True:
        try:
            conn, _ = listener.accept()
        except OSError:
            time.sleep(0.05)
            continue
        with conn:
            try:
                serve(conn)
            except OSError:
                continue


def start() -> None:
    """Start a worker."""
    if os.fork() == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        try:
            work()
        finally:
            os._exit(1)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
for _ in range(WORKERS):
    start()
print(f"Server is listening on port {port}", flush=True)
while True:
    signal.sigwait({signal.SIGCHLD})
    if os.waitpid(-1, os.WNOHANG)[0]:
        start()
