"""Defect: a supervisor waits for the child that accepts; that one forks per client, and waits for nobody."""

import contextlib
import os
import signal
import socket
import sys
import time


def answer(conn: socket.socket) -> None:
    with conn, conn.makefile("rwb") as stream:
        stream.write(stream.readline().upper())


def serve(listener: socket.socket) -> None:
    while True:
        try:
            conn, _ = listener.accept()
        except OSError:
            time.sleep(0.1)
            continue
        with conn, contextlib.suppress(OSError):
            if os.fork() == 0:
                listener.close()
                answer(conn)
                os._exit(0)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
worker = os.fork()
if worker == 0:
    serve(listener)
signal.signal(signal.SIGTERM, lambda *_: (os.kill(worker, signal.SIGTERM), os._exit(0)))
listener.close()
os.waitpid(worker, 0)
