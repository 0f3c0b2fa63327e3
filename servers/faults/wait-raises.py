"""Defect: the handler calls waitpid() until it raises ChildProcessError, which nobody catches (os.waitpid)."""

import os
import signal
import socket
import sys


def reap(signo, frame):
    while os.waitpid(-1, os.WNOHANG)[0]:
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
    conn, _ = listener.accept()
    try:
        pid = os.fork()
    except OSError:
        conn.close()
        continue
    if pid == 0:
        listener.close()
        try:
            serve(conn)
        except OSError:
            pass
        os._exit(0)
    conn.close()
