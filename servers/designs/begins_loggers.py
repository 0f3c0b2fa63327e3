"""Design: a child for each connection; a program that keeps a log is begun with the first client, one with the third."""

import contextlib
import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
KEEP_A_LOG = "import sys\nfor line in sys.stdin: pass"
BEGUN_AT = {1, 3}
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
libc = ctypes.CDLL(None)
logs = []


def serve(conn):
    for log in logs:
        with contextlib.suppress(OSError):  # the logger has gone
            os.write(log.fileno(), b"one more\n")
    with contextlib.suppress(OSError), conn.makefile("rb") as lines:  # the client may go
        conn.sendall(lines.readline().upper())


def serve_in_child(conn):
    with contextlib.suppress(OSError):  # fork() may fail: then this client is turned away
        if os.fork() == 0:
            try:
                libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # the child ends with its parent
                sock.close()
                serve(conn)
            finally:
                os._exit(0)  # whatever happens, the child must not come back into the parent's loop


def begin_logger():
    with contextlib.suppress(OSError):  # then there is one log less
        command = [sys.executable, "-c", KEEP_A_LOG]
        logs.append(subprocess.Popen(command, stdin=subprocess.PIPE).stdin)


def reap(*_):
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0] > 0:
            pass


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
signal.signal(signal.SIGCHLD, reap)

sock = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)

came = 0
while True:
    try:
        conn, _ = sock.accept()
    except OSError as error:
        if error.errno in EXHAUSTED:
            time.sleep(0.1)  # the client is still in the queue: without a pause the loop would spin
        continue
    came += 1
    with conn:
        if came in BEGUN_AT:
            begin_logger()
        serve_in_child(conn)
