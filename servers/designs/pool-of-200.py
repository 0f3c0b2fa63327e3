"""Design: two hundred threads, started beforehand, wait at a queue for the connections that one accepts."""

import queue
import socket
import sys
import threading
import time

WORKERS = 200
connections = queue.SimpleQueue()


def serve(conn):
    with conn:
        line = b""
        while not line.endswith(b"\n"):
            piece = conn.recv(4096)
            if not piece:
                break
            line += piece
        conn.sendall(line.upper())


def work():
    while True:
        try:
            serve(connections.get())
        except OSError:
            pass


def accept_for_ever(listener):
    while True:
        try:
            connections.put(listener.accept()[0])
        except OSError:
            time.sleep(0.1)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
with socket.create_server(("", port), backlog=64) as listening:
    for _ in range(WORKERS):
        threading.Thread(target=work, daemon=True).start()
    print(f"Server is listening on port {port}", flush=True)
    accept_for_ever(listening)
