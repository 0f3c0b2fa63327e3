"""Defect: once a client is readable, readline() waits for the rest of its line; half a line stops everybody."""

import contextlib
import errno
import selectors
import socket
import sys
import time

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def welcome(sock):
    try:
        conn = sock.accept()[0]
    except OSError as error:
        if error.errno in EXHAUSTED:
            time.sleep(0.1)  # the client is still in the queue: without a pause the loop would spin
        return
    selector.register(conn, selectors.EVENT_READ)


def read_line(conn):
    with conn.makefile("rb") as lines:
        reply = lines.readline().upper()
    conn.setblocking(False)
    selector.modify(conn, selectors.EVENT_WRITE, memoryview(reply))


def write_on(conn, reply):
    """Write what fits into the socket; return what is left for the next time."""
    try:
        return reply[conn.send(reply) :]
    except BlockingIOError:
        return reply


def discard_input(conn):
    """Throw away what nobody will read, or close() would send RST."""
    with contextlib.suppress(BlockingIOError):
        while conn.recv(65536):
            pass


def go_on(conn, reply):
    """Return whether this client has been served."""
    if reply is None:
        read_line(conn)
        return False
    rest = write_on(conn, reply)
    selector.modify(conn, selectors.EVENT_WRITE, rest)
    if not rest:
        discard_input(conn)
    return not rest


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)  # SO_REUSEADDR included
listener.setblocking(False)
selector = selectors.DefaultSelector()
selector.register(listener, selectors.EVENT_READ)
print(f"Server is listening on port {port}", flush=True)

while True:
    for key, _ in selector.select():
        if key.fileobj is listener:
            welcome(listener)
            continue
        try:
            is_over = go_on(key.fileobj, key.data)
        except OSError:  # the client has gone
            is_over = True
        if is_over:
            selector.unregister(key.fileobj)
            key.fileobj.close()
