"""Defect: who leaves is deleted from the list of connections, and all behind it move up; the list of their lines stays."""

import select
import socket
import sys

MOST = 1000

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
listener.setblocking(False)
print(f"Server is listening on port {port}", flush=True)
conns, replies, lines = [], [], [b""] * MOST


def enter() -> None:
    try:
        conn, _ = listener.accept()
    except BlockingIOError:
        return
    except OSError:
        select.select([], [], [], 0.1)  # the client is still in the queue
        return
    conn.setblocking(False)
    lines[len(conns)] = b""
    conns.append(conn)
    replies.append(b"")


def leave(place: int) -> None:
    conns.pop(place).close()
    del replies[place]


def goes_on(place: int) -> bool:
    """Reads or writes once; False once this client is served, or gone."""
    if not replies[place]:
        came = conns[place].recv(65536)
        lines[place] += came
        if came and b"\n" not in came:
            return True
        replies[place], lines[place] = lines[place].upper(), b""
        if not replies[place]:
            return False
    replies[place] = replies[place][conns[place].send(replies[place]) :]
    return replies[place] != b""


while True:
    ready = select.poll()
    if len(conns) < MOST:
        ready.register(listener, select.POLLIN)
    for conn, reply in zip(conns, replies, strict=True):
        ready.register(conn, select.POLLOUT if reply else select.POLLIN)
    events = dict(ready.poll())
    for place in reversed(range(len(conns))):
        if conns[place].fileno() not in events:
            continue
        try:
            stays = goes_on(place)
        except BlockingIOError:
            continue
        except OSError:
            stays = False
        if not stays:
            leave(place)
    if listener.fileno() in events:
        enter()
