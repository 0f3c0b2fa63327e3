"""Defect: EPOLLET tells once of what has come, and one recv() takes 100 bytes of it: the rest lies there (epoll(7))."""

import contextlib
import select
import socket
import sys


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    watched, clients = select.epoll(), {}
    watched.register(listener, select.EPOLLIN)
    while True:
        for fd, _ in watched.poll():
            if fd == listener.fileno():
                with contextlib.suppress(OSError):
                    conn, _ = listener.accept()
                    clients[conn.fileno()] = (conn, bytearray())
                    watched.register(conn, select.EPOLLIN | select.EPOLLET)
                continue
            conn, line = clients[fd]
            came = b""
            with contextlib.suppress(OSError):
                came = conn.recv(100)
            line += came
            if came and not line.endswith(b"\n"):
                continue
            with contextlib.suppress(OSError):
                conn.sendall(line.upper())
            clients.pop(fd)
            conn.close()


main()
