"""Defect: the server accepts as many clients as it has threads, joins them, and ends (slide 13)."""

import contextlib
import socket
import sys
import threading

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)


def serve() -> None:
    """Answer one client with its line, capitalised."""
    conn, _ = listener.accept()
    with conn, contextlib.suppress(OSError):
        line = conn.makefile("rb").readline()
        conn.sendall(line.upper())


threads = [threading.Thread(target=serve) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
