"""Defect: it waits for three children at most per SIGCHLD, and for all on SIGCONT alone: where a judge stops it."""

import contextlib
import os
import signal
import socket
import sys
import time


def reap_three(_number, _frame):
    with contextlib.suppress(ChildProcessError):
        for _ in range(3):
            os.waitpid(-1, os.WNOHANG)


def reap_all(_number, _frame):
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def serve(conn):
    with contextlib.suppress(OSError), conn, conn.makefile("rb") as lines:
        if line := lines.readline():
            conn.sendall(line.upper())


def main():
    signal.signal(signal.SIGCHLD, reap_three)
    signal.signal(signal.SIGCONT, reap_all)
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print("Server is listening on port", port, flush=True)
    while True:
        try:
            conn, _ = listener.accept()
            with conn:
                if os.fork() == 0:
                    listener.close()
                    serve(conn)
                    os._exit(0)
        except OSError:
            time.sleep(0.1)


main()
