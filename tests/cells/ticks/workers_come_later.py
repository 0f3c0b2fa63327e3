"""It listens, looks around for a second, and only then forks its workers; a clock wakes them all."""

import contextlib
import os
import select
import socket
import sys

listener = socket.create_server(("", int(sys.argv[1])), backlog=100)
listener.setblocking(False)
for _ in range(4):
    select.select([], [], [sys.stdin], 0.3)
for _ in range(2):
    if os.fork() == 0:
        break
while True:
    if not select.select([listener], [], [], 0.5)[0]:
        continue
    try:
        conn = listener.accept()[0]
    except BlockingIOError:
        continue
    with conn:
        conn.setblocking(True)
        with contextlib.suppress(ConnectionError):
            conn.sendall(conn.makefile("rb").readline().upper())
