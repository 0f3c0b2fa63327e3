"""Defect: the thread greets, and then collects what the client says: nobody gets a reply."""

import socket
import sys
import threading


def serve(conn: socket.socket) -> None:
    with conn:
        conn.sendall(b"Hello, who is there?\n")
        said = b""
        while came := conn.recv(1024):
            said += came


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve, args=(conn,)).start()


main()
