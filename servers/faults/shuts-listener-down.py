"""Defect: leaving the server's with block shuts its socket down; the child leaves it, too (shutdown(2))."""

import os
import signal
import socket
import sys


class Server:
    def __init__(self, port):
        self.socket = socket.create_server(("", port), backlog=64)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def reap(signo, frame):
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def answer(conn):
    with conn, conn.makefile("rb") as lines:
        conn.sendall(lines.readline().upper())


def main(port):
    signal.signal(signal.SIGCHLD, reap)
    with Server(port) as server:
        print(f"Server is listening on port {port}", flush=True)
        while True:
            conn, _ = server.socket.accept()
            if os.fork() == 0:
                answer(conn)
                return
            conn.close()


main(int(sys.argv[1]) if len(sys.argv) > 1 else 54321)
