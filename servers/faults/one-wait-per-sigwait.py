"""Defect: a thread waits for SIGCHLD, and reaps one child each time, though one signal may stand for many."""

import os
import signal
import socket
import sys
import threading
import time


def reap() -> None:
    """Reap a child at each SIGCHLD."""
    while True:
        signal.sigwait({signal.SIGCHLD})
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            continue


def serve(conn: socket.socket) -> None:
    """Answer one line."""
    while data := conn.recv(4096):
        line, newline, _ = data.partition(b"\n")
        conn.sendall(line.upper() + newline)
        if newline:
            break


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
threading.Thread(target=reap, daemon=True).start()
print(f"Server is listening on port {port}", flush=True)
while True:
    try:
        conn, _ = listener.accept()
    except OSError:
        time.sleep(0.05)
        continue
    with conn:
        try:
            pid = os.fork()
        except OSError:
            continue
        if pid == 0:
            try:
                listener.close()
                serve(conn)
            finally:
                os._exit(0)
