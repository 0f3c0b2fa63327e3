"""Defect: sendall() on a non-blocking socket finds the buffer full: BlockingIOError ends the server."""

import contextlib
import selectors
import socket
import sys


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    watched = selectors.DefaultSelector()
    watched.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in watched.select():
            if key.fileobj is listener:
                conn, _ = listener.accept()
                conn.setblocking(False)
                watched.register(conn, selectors.EVENT_READ, bytearray())
                continue
            conn, line, came = key.fileobj, key.data, b""
            with contextlib.suppress(ConnectionError):
                came = conn.recv(65536)
            line += came
            if came and not line.endswith(b"\n"):
                continue
            with contextlib.suppress(ConnectionError):
                conn.sendall(line.upper())
            watched.unregister(conn)
            conn.close()


main()
