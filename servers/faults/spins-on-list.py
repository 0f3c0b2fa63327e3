"""Defect: a thread looks at a list without rest, until the one that accepts has put a client into it."""

import socket
import sys
import threading
import time

arrived: list[socket.socket] = []


def serve(conn: socket.socket) -> None:
    """Answer one line, capitalised."""
    with conn:
        try:
            while data := conn.recv(4096):
                line, newline, _ = data.partition(b"\n")
                conn.sendall(line.upper() + newline)
                if newline:
                    break
        except OSError as error:
            print(error, flush=True)


def start_threads() -> None:
    """Begin a thread for each client that has arrived."""
    while True:
        if arrived:
            conn = arrived.pop(0)
            try:
                threading.Thread(target=serve, args=(conn,), daemon=True).start()
            except RuntimeError:
                conn.close()


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
threading.Thread(target=start_threads, daemon=True).start()
print(f"Server is listening on port {port}", flush=True)
while True:
    try:
        arrived.append(listener.accept()[0])
    except OSError:
        time.sleep(0.05)
