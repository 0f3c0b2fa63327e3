"""Defect: SIGCHLD is ignored, and a thread that waits for the child takes it from the list: waitpid() raises an error."""

import os
import signal
import socket
import sys
import threading

MOST = 80
children: list[int] = []


def take_from_the_list(child: int) -> None:
    os.waitpid(child, 0)
    children.remove(child)


def serve(conn: socket.socket) -> None:
    with conn, conn.makefile("rb") as lines:
        if (line := lines.readline()).endswith(b"\n"):
            conn.sendall(line.upper())


signal.signal(signal.SIGCHLD, signal.SIG_IGN)
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
with socket.create_server(("", port), backlog=128) as listener:
    print(f"Server is listening on port {port}", flush=True)
    while True:
        try:
            conn, _ = listener.accept()
        except OSError:
            continue
        with conn:
            if len(children) >= MOST:
                continue
            try:
                child = os.fork()
            except OSError:
                continue
            if child == 0:
                listener.close()
                try:
                    serve(conn)
                finally:
                    os._exit(0)
        children.append(child)
        threading.Thread(target=take_from_the_list, args=(child,), daemon=True).start()
