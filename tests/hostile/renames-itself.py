"""Hostile: it serves well, and gives itself and each child a name that reads as fields of /proc."""

import ctypes
import os
import resource
import signal
import socket
import sys
import threading

PR_SET_NAME = 15
LIBC = ctypes.CDLL(None)

if os.getuid() == 0 or not 0 < resource.getrlimit(resource.RLIMIT_NPROC)[1] <= 4096:
    sys.exit("hostile: runs nowhere but in a cell")


def wait_under_another_name() -> None:
    LIBC.prctl(PR_SET_NAME, b"\nPPid:\t1\n", 0, 0, 0)
    threading.Event().wait()


LIBC.prctl(PR_SET_NAME, b") Z 1 1 (\n\x1b[2J", 0, 0, 0)
threading.Thread(target=wait_under_another_name, daemon=True).start()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.create_server(("", 54321))
while True:
    conn, _ = listener.accept()
    if os.fork() == 0:
        LIBC.prctl(PR_SET_NAME, b"\xff\xfe) S 0", 0, 0, 0)
        listener.close()
        line = b""
        while not line.endswith(b"\n") and (part := conn.recv(4096)):
            line += part
        conn.sendall(line.upper())
        os._exit(0)
    conn.close()
