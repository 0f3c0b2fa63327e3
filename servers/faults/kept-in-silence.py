"""Defect: the line is decoded in a task of a pool; where that fails the pool keeps the error, and nobody hears of it."""

import socket
import sys
from concurrent.futures import ThreadPoolExecutor


def serve(conn: socket.socket) -> None:
    line = b""
    while not line.endswith(b"\n"):
        part = conn.recv(4096)
        if not part:
            break
        line += part
    conn.sendall(line.decode("ascii").upper().encode("ascii"))
    conn.close()


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
pool = ThreadPoolExecutor(max_workers=200)
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
while True:
    try:
        conn, _ = listener.accept()
    except OSError:
        continue
    pool.submit(serve, conn)
