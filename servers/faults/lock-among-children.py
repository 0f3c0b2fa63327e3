"""Defect: a child takes a semaphore for as long as it serves: the next client's child waits for it (sem_wait(3))."""

import multiprocessing
import os
import signal
import socket
import sys


def reap(signo, frame):
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def read_line(conn):
    line = b""
    while b"\n" not in line:
        received = conn.recv(4096)
        if not received:
            break
        line += received
    return line


def serve(conn):
    with only_one, conn:
        head, newline, _ = read_line(conn).partition(b"\n")
        conn.sendall((head + newline).upper())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
only_one = multiprocessing.Lock()
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
signal.signal(signal.SIGCHLD, reap)
while True:
    try:
        conn, _ = listener.accept()
    except OSError:
        continue
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
