"""Defect: the loop waits for its own wake-ups alone; nobody registers the socket that listens (selectors)."""

import selectors
import socket
import sys


def answer(conn: socket.socket) -> None:
    with conn, conn.makefile("rwb") as stream:
        stream.write(stream.readline().upper())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
wakes, waits = socket.socketpair()
loop = selectors.DefaultSelector()
loop.register(waits, selectors.EVENT_READ)
while True:
    for key, _ in loop.select():
        if key.fileobj is listener:
            answer(listener.accept()[0])
