"""Defect: lines are kept under the number of the descriptor; who breaks off in mid-line leaves it to the next one there."""

import collections
import selectors
import signal
import socket
import sys
import time

signal.signal(signal.SIGINT, signal.SIG_DFL)
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
listener.setblocking(False)
watched = selectors.DefaultSelector()
watched.register(listener, selectors.EVENT_READ)
print(f"Server is listening on port {port}", flush=True)
lines = collections.defaultdict(bytes)
replies = {}


def enter() -> None:
    try:
        conn, _ = listener.accept()
    except BlockingIOError:
        return
    except OSError:
        time.sleep(0.1)
        return
    conn.setblocking(False)
    watched.register(conn, selectors.EVENT_READ)


def leave(conn: socket.socket) -> None:
    watched.unregister(conn)
    replies.pop(conn, None)
    conn.close()


def go_on(conn: socket.socket) -> None:
    number = conn.fileno()
    if conn not in replies:
        came = conn.recv(65536)
        lines[number] += came
        if came and b"\n" not in came:
            return
        replies[conn] = lines.pop(number).upper()
        watched.modify(conn, selectors.EVENT_WRITE)
    replies[conn] = replies[conn][conn.send(replies[conn]) :]
    if not replies[conn]:
        leave(conn)


while True:
    for key, _ in watched.select():
        if key.fileobj is listener:
            enter()
            continue
        try:
            go_on(key.fileobj)
        except BlockingIOError:
            continue
        except OSError:
            leave(key.fileobj)
