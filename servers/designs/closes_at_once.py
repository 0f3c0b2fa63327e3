"""Design: a thread for each connection; whoever connects is told a number, and nobody is listened to."""

import itertools
import socket
import sys
import threading
import time


def serve(conn: socket.socket, number: int) -> None:
    """Tell the client its number."""
    with conn:
        try:
            conn.sendall(b"You are number %d.\n" % number)
        except OSError:
            pass


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)

for number in itertools.count(1):
    try:
        conn, _ = listener.accept()
    except OSError:
        time.sleep(0.05)
        continue
    try:
        threading.Thread(target=serve, args=(conn, number), daemon=True).start()
    except RuntimeError:
        conn.close()
