"""Defect: the thread reads an object (pickle), and a client sends a line: UnpicklingError ends it."""

import pickle
import socket
import sys
import threading


def serve(conn: socket.socket) -> None:
    with conn, conn.makefile("rb") as stream:
        text = pickle.load(stream)
        conn.sendall(pickle.dumps(text.upper()))


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve, args=(conn,)).start()


main()
