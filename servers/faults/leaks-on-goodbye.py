"""Defect: who leaves without a line is taken from the selector and not closed, and a table of all clients keeps the socket."""

import selectors
import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
listener.setblocking(False)
clients = selectors.DefaultSelector()
clients.register(listener, selectors.EVENT_READ)
lines, replies = {}, {}
print(f"Server is listening on port {port}", flush=True)


def welcome():
    try:
        conn, _ = listener.accept()
    except OSError:
        return
    conn.setblocking(False)
    lines[conn] = b""
    clients.register(conn, selectors.EVENT_READ)


def hear(conn):
    received = conn.recv(65536)
    if not received and not lines[conn]:
        clients.unregister(conn)
        return
    lines[conn] += received
    if b"\n" in lines[conn] or not received:
        head, newline, _ = lines[conn].partition(b"\n")
        replies[conn] = (head + newline).upper()
        clients.modify(conn, selectors.EVENT_WRITE)


def forget(conn):
    clients.unregister(conn)
    lines.pop(conn)
    replies.pop(conn, None)
    conn.close()


def speak(conn):
    replies[conn] = replies[conn][conn.send(replies[conn]) :]
    if not replies[conn]:
        forget(conn)


while True:
    for key, events in clients.select():
        if key.fileobj is listener:
            welcome()
            continue
        try:
            hear(key.fileobj) if events & selectors.EVENT_READ else speak(key.fileobj)
        except BlockingIOError:
            continue
        except OSError:
            forget(key.fileobj)
