"""Defect: it reaps the children of its first forty clients, and none after them."""

import contextlib
import os
import signal
import socket
import sys
import time

clients = 0


def reap(_number, _frame):
    with contextlib.suppress(ChildProcessError):
        while clients <= 40 and os.waitpid(-1, os.WNOHANG)[0]:
            pass


def serve(conn):
    with contextlib.suppress(OSError), conn, conn.makefile("rb") as lines:
        if line := lines.readline():
            conn.sendall(line.upper())


def main():
    global clients
    signal.signal(signal.SIGCHLD, reap)
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print("Server is listening on port", port, flush=True)
    while True:
        try:
            conn, _ = listener.accept()
            with conn:
                clients += 1
                if os.fork() == 0:
                    listener.close()
                    serve(conn)
                    os._exit(0)
        except OSError:
            time.sleep(0.1)


main()
