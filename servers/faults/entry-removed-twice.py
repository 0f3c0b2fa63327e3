"""Defect: the loop keeps its clients by their host; two from one host have one entry, which goes twice (KeyError)."""

import selectors
import socket
import sys


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    watched, lines = selectors.DefaultSelector(), {}
    watched.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in watched.select():
            if key.fileobj is listener:
                conn, (host, _) = listener.accept()
                watched.register(conn, selectors.EVENT_READ, host)
                lines[host] = b""
                continue
            conn, host = key.fileobj, key.data
            came = conn.recv(65536)
            lines[host] += came
            if came and not lines[host].endswith(b"\n"):
                continue
            conn.sendall(lines.pop(host).upper())
            watched.unregister(conn)
            conn.close()


main()
