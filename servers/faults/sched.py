"""Defect: it is called as a module of Python's that it needs, and imports itself in its place."""

import sched
import socket
import sys
import time

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
with socket.create_server(("", port)) as listener:
    events = sched.scheduler(time.monotonic, time.sleep)
    while True:
        conn, _ = listener.accept()
        with conn, conn.makefile("rb") as lines:
            conn.sendall(lines.readline().upper())
        events.run(blocking=False)
