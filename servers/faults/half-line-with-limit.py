"""Defect: a socket with a time limit waits in poll() for the rest of its line, and the loop with it."""

import selectors
import socket
import sys
import time

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
waiting = selectors.DefaultSelector()
waiting.register(listener, selectors.EVENT_READ)
print(f"Server is listening on port {port}", flush=True)


def serve(conn: socket.socket) -> None:
    """Answer one line, capitalised; a client has an hour for it."""
    conn.settimeout(3600)
    with conn:
        try:
            while data := conn.recv(4096):
                line, newline, _ = data.partition(b"\n")
                conn.sendall(line.upper() + newline)
                if newline:
                    break
        except OSError as error:
            print(error, flush=True)


while True:
    for key, _ in waiting.select():
        if key.fileobj is not listener:
            waiting.unregister(key.fileobj)
            serve(key.fileobj)
            continue
        try:
            conn, _ = listener.accept()
        except OSError:
            time.sleep(0.05)
            continue
        waiting.register(conn, selectors.EVENT_READ)
