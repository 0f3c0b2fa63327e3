"""Defect: nobody catches the ConnectionResetError of a worker's recv(): the worker ends, and none follows it."""

import os
import signal
import socket
import sys

WORKERS = 40


def work():
    while True:
        conn, _ = sock.accept()
        with conn:
            line = b""
            while not line.endswith(b"\n") and (received := conn.recv(65536)):
                line += received
            conn.sendall(line.upper())


def end_together(signum, _frame):
    signal.signal(signum, signal.SIG_IGN)
    os.killpg(0, signum)
    os._exit(0)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
sock = socket.create_server(("", port), backlog=128)  # SO_REUSEADDR included
print(f"Server is listening on port {port}", flush=True)

for _ in range(WORKERS):
    if os.fork() == 0:
        work()
signal.signal(signal.SIGTERM, end_together)
while True:
    os.wait()
