"""Defect: nobody catches the ConnectionResetError of one client's recv(), and it ends the loop that serves them all."""

import contextlib
import errno
import selectors
import socket
import sys
import time

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def welcome():
    try:
        conn, _ = sock.accept()
    except OSError as error:
        if error.errno in EXHAUSTED:
            time.sleep(0.1)  # the client is still in the queue: without a pause this would spin
        return
    conn.setblocking(False)
    selector.register(conn, selectors.EVENT_READ, bytearray())


def read(conn, line):
    received = conn.recv(65536)
    head, newline, _ = received.partition(b"\n")
    line += (head + newline).upper()
    if not newline and received:
        return
    selector.modify(conn, selectors.EVENT_WRITE, line)


def write(conn, line):
    try:
        del line[: conn.send(line)]
    except BlockingIOError:
        return
    except OSError:  # the client has gone
        line.clear()
    if not line:
        selector.unregister(conn)
        with contextlib.suppress(OSError):  # what nobody has read would make close() send RST
            conn.recv(1 << 20)
        conn.close()


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
sock = socket.create_server(("", port), backlog=64)  # SO_REUSEADDR included
sock.setblocking(False)  # a client may leave between select() and accept()
print(f"Server is listening on port {port}", flush=True)

selector = selectors.DefaultSelector()
selector.register(sock, selectors.EVENT_READ)
while True:
    for key, events in selector.select():
        if key.fileobj is sock:
            welcome()
        elif events & selectors.EVENT_READ:
            read(key.fileobj, key.data)
        else:
            write(key.fileobj, key.data)
