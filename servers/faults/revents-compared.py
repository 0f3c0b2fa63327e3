"""Defect: what poll() reports is compared with POLLIN: where POLLERR and POLLHUP are set, too, nobody closes."""

import contextlib
import select
import socket
import sys


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    watched, clients = select.poll(), {}
    watched.register(listener, select.POLLIN)
    while True:
        for fd, event in watched.poll():
            if fd == listener.fileno():
                with contextlib.suppress(OSError):
                    conn, _ = listener.accept()
                    clients[conn.fileno()] = (conn, bytearray())
                    watched.register(conn, select.POLLIN)
            elif event == select.POLLIN:
                conn, line = clients[fd]
                came = b""
                with contextlib.suppress(OSError):
                    came = conn.recv(65536)
                line += came
                if came and not line.endswith(b"\n"):
                    continue
                with contextlib.suppress(OSError):
                    conn.sendall(line.upper())
                watched.unregister(conn)
                clients.pop(fd)
                conn.close()


main()
