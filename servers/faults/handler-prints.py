"""Defect: the handler for SIGCHLD prints; where it comes in the midst of another print(), Python raises RuntimeError."""

import contextlib
import os
import signal
import socket
import sys
import time


def reap(_number: int, _frame: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0] > 0:
            print("child", ended[0], "has ended", flush=True)


def serve(conn: socket.socket) -> None:
    with contextlib.suppress(OSError), conn.makefile("rb") as lines:
        conn.sendall(lines.readline())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
signal.signal(signal.SIGCHLD, reap)
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
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            try:
                serve(conn)
            finally:
                os._exit(0)
