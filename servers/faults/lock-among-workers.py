"""Defect: sixteen threads, started beforehand, take turns at a queue, and hold its lock until they have served."""

import queue
import socket
import sys
import threading

WORKERS = 16


def answer(conn):
    try:
        with conn, conn.makefile("rb") as lines:
            conn.sendall(lines.readline().upper())
            conn.shutdown(socket.SHUT_WR)
            while conn.recv(65536, socket.MSG_DONTWAIT):  # or close() would send RST
                pass
    except OSError:
        pass


def work():
    while True:
        with turn:
            answer(waiting.get())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
turn = threading.Lock()
waiting = queue.Queue()
listener = socket.create_server(("", port), backlog=64)
for _ in range(WORKERS):
    threading.Thread(target=work, daemon=True).start()
print(f"Server is listening on port {port}", flush=True)
while True:
    try:
        conn, _ = listener.accept()
    except OSError:
        continue
    waiting.put(conn)
