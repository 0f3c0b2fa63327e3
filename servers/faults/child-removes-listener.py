"""Defect: the child unregisters the listener from the selector, an epoll that it shares with its parent."""

import os
import selectors
import signal
import socket
import sys


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    watched = selectors.DefaultSelector()
    watched.register(listener, selectors.EVENT_READ)
    while True:
        watched.select()
        conn, _ = listener.accept()
        if os.fork() == 0:
            watched.unregister(listener)
            listener.close()
            with conn, conn.makefile("rb") as lines:
                conn.sendall(lines.readline().upper())
            os._exit(0)
        conn.close()


main()
