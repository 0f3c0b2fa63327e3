"""Defect: the handler waits for the pid that the last fork() gave; when an older child exits, the parent sleeps."""

import os
import signal
import socket
import sys

child = 0


def reap(signo, frame):
    try:
        os.waitpid(child, 0)
    except ChildProcessError:
        pass


def serve(conn):
    with conn, conn.makefile("rb") as lines:
        conn.sendall(lines.readline().upper())
        conn.shutdown(socket.SHUT_WR)
        try:
            while conn.recv(65536, socket.MSG_DONTWAIT):  # or close() would send RST
                pass
        except BlockingIOError:
            pass


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
signal.signal(signal.SIGCHLD, reap)
while True:
    try:
        conn, _ = listener.accept()
    except OSError:
        continue
    try:
        child = os.fork()
    except OSError:
        conn.close()
        continue
    if child == 0:
        listener.close()
        try:
            serve(conn)
        except OSError:
            pass
        os._exit(0)
    conn.close()
