"""Defect: a child's place is given back if it has served; one whose client left without a word keeps it for ever."""

import os
import signal
import socket
import sys
import time

children: set[int] = set()
ended: set[int] = set()


def reap(*_: object) -> None:
    """Reap all children; the place of each that has served is free."""
    try:
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = found
            if os.waitstatus_to_exitcode(status) == 0:
                ended.add(pid)
    except ChildProcessError:
        pass


def serve(conn: socket.socket) -> int:
    """Answer one line; the exit status says whether there was one."""
    status = 1
    while data := conn.recv(4096):
        line, newline, _ = data.partition(b"\n")
        conn.sendall(line.upper() + newline)
        status = 0
        if newline:
            break
    return status


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
signal.signal(signal.SIGCHLD, reap)
print(f"Server is listening on port {port}", flush=True)
while True:
    try:
        conn, _ = listener.accept()
    except OSError:
        time.sleep(0.05)
        continue
    with conn:
        children -= ended
        if len(children) >= 100:
            continue
        try:
            pid = os.fork()
        except OSError:
            continue
        if pid == 0:
            status = 1
            try:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                status = serve(conn)
            finally:
                os._exit(status)
        children.add(pid)
