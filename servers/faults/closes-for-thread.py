"""Defect: the main thread closes the connection that it has just given to another: threads share sockets."""

import socket
import sys
import threading


def answer(conn):
    line = conn.recv(65536)
    conn.sendall(line.upper())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)

while True:
    conn, _ = listener.accept()
    threading.Thread(target=answer, args=(conn,)).start()
    conn.close()
