"""Defect: the process that accepts passes each connection to another, and keeps its own copy open (slide 12)."""

import itertools
import os
import socket
import sys
import threading
import time


def serve(conn: socket.socket) -> None:
    """Answer one line, capitalised."""
    with conn:
        try:
            while data := conn.recv(4096):
                conn.sendall(data.upper())
                if b"\n" in data:
                    return
        except OSError:
            pass


def take_connections(channel: socket.socket) -> None:
    """Begin a thread for each connection that comes through the channel."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        if not message:
            os._exit(0)
        for descriptor in descriptors:
            conn = socket.socket(fileno=descriptor)
            try:
                threading.Thread(target=serve, args=(conn,), daemon=True).start()
            except RuntimeError:
                conn.close()


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
channels: list[socket.socket] = []
passed: list[socket.socket] = []
for _ in range(2):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        for each in (listener, ours, *channels):
            each.close()
        take_connections(theirs)
    theirs.close()
    channels.append(ours)
print(f"Server is listening on port {port}", flush=True)

for channel in itertools.cycle(channels):
    try:
        conn, _ = listener.accept()
    except OSError:
        time.sleep(0.05)
        continue
    socket.send_fds(channel, [b"c"], [conn.fileno()])
    passed.append(conn)
