"""Design: a relay to a service in a process of its own; a child for each client copies both ways."""

import ctypes
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable


def reap(*_: object) -> None:
    """Reap every child that has exited."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def fork_for_each(listener: socket.socket, answer: Callable[[socket.socket], None]) -> None:
    """Accept, and let a child of its own answer each client."""
    signal.signal(signal.SIGCHLD, reap)
    while True:
        try:
            conn, _ = listener.accept()
        except OSError:
            time.sleep(0.05)
            continue
        with conn:
            try:
                pid = os.fork()
            except OSError:
                continue
            if pid == 0:
                try:
                    listener.close()
                    answer(conn)
                finally:
                    os._exit(0)


def serve(conn: socket.socket) -> None:
    """Answer one line, capitalised."""
    while data := conn.recv(4096):
        conn.sendall(data.upper())
        if b"\n" in data:
            return


def relay(conn: socket.socket) -> None:
    """Copy between the client and the service, until the service has ended."""
    with socket.create_connection(behind.getsockname()) as other, selectors.DefaultSelector() as waiting:
        waiting.register(conn, selectors.EVENT_READ, other)
        waiting.register(other, selectors.EVENT_READ, conn)
        while True:
            for key, _ in waiting.select():
                data = key.fileobj.recv(4096)
                if data:
                    key.data.sendall(data)
                elif key.fileobj is other:
                    return
                else:
                    other.shutdown(socket.SHUT_WR)  # the client may still wait for its reply
                    waiting.unregister(conn)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
behind = socket.create_server(("127.0.0.1", 0), backlog=64)
listener = socket.create_server(("", port), backlog=64)
if (service := os.fork()) == 0:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: the service ends with its relay
    listener.close()
    fork_for_each(behind, serve)
print(f"Server is listening on port {port}", flush=True)
fork_for_each(listener, relay)
