"""Hostile: it serves well, and has a timer that fires every 50 microseconds."""

import os
import resource
import signal
import socket
import sys

if os.getuid() == 0 or not 0 < resource.getrlimit(resource.RLIMIT_NPROC)[1] <= 4096:
    sys.exit("hostile: runs nowhere but in a cell")

signal.signal(signal.SIGALRM, lambda *_: None)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.create_server(("", 54321))
signal.setitimer(signal.ITIMER_REAL, 50e-6, 50e-6)
while True:
    conn, _ = listener.accept()
    if os.fork() == 0:
        listener.close()
        line = b""
        while not line.endswith(b"\n") and (part := conn.recv(4096)):
            line += part
        conn.sendall(line.upper())
        os._exit(0)
    conn.close()
