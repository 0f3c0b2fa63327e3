"""Defect: a client that leaves without a word ends the whole server: its empty line has no last byte (IndexError)."""

import selectors
import socket
import sys


def take(conn):
    """Keep what has come, and answer a whole line; later ones are thrown away."""
    try:
        data = conn.recv(4096)
    except BlockingIOError:
        return
    except OSError:
        leave(conn)
        return
    lines[conn] += data
    if data and b"\n" not in data:
        return
    if lines[conn][-1] == 10 or not data:
        answer(conn)


def answer(conn):
    head, newline, _ = lines[conn].partition(b"\n")
    replies[conn] = (head + newline).upper()
    loop.modify(conn, selectors.EVENT_WRITE, give)


def give(conn):
    try:
        replies[conn] = replies[conn][conn.send(replies[conn]) :]
    except BlockingIOError:
        return
    except OSError:
        replies[conn] = b""
    if not replies[conn]:
        leave(conn)


def leave(conn):
    loop.unregister(conn)
    del lines[conn]
    replies.pop(conn, None)
    conn.close()


def accept(listener):
    try:
        conn, _ = listener.accept()
    except OSError:
        return
    conn.setblocking(False)
    lines[conn] = b""
    loop.register(conn, selectors.EVENT_READ, take)


lines, replies = {}, {}
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
loop = selectors.DefaultSelector()
listener = socket.create_server(("", port), backlog=64)
listener.setblocking(False)
loop.register(listener, selectors.EVENT_READ, accept)
print(f"Server is listening on port {port}", flush=True)
while True:
    for key, _ in loop.select():
        key.data(key.fileobj)
