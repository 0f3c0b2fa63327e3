"""Defect: on any error what the event was for is unregistered and closed; where accept() fails, that is the listener."""

import selectors
import socket
import sys


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    watched = selectors.DefaultSelector()
    watched.register(listener, selectors.EVENT_READ)

    def give_up(sock: socket.socket) -> None:
        watched.unregister(sock)
        sock.close()

    while True:
        for key, _ in watched.select():
            try:
                if key.fileobj is listener:
                    conn, _ = listener.accept()
                    watched.register(conn, selectors.EVENT_READ, bytearray())
                    continue
                conn, line = key.fileobj, key.data
                came = conn.recv(65536)
                line += came
                if came and not line.endswith(b"\n"):
                    continue
                conn.sendall(line.upper())
                give_up(conn)
            except OSError:
                give_up(key.fileobj)


main()
