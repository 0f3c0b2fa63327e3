"""Defect: a thread reaps in a loop around os.wait(), which fails at once while there is no child."""

import contextlib
import os
import socket
import sys
import threading

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321


def reap() -> None:
    """Wait for children, and again, whether there are any or not."""
    while True:
        with contextlib.suppress(ChildProcessError):
            os.wait()


def serve(conn: socket.socket) -> None:
    """Answer one line, capitalised."""
    with conn, contextlib.suppress(OSError):
        line = conn.makefile("rb").readline()
        conn.sendall(line.upper())


listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
threading.Thread(target=reap, daemon=True).start()
while True:
    try:
        conn, _ = listener.accept()
        pid = os.fork()
    except OSError as error:
        print(error, file=sys.stderr)
        continue
    if pid == 0:
        listener.close()
        serve(conn)
        os._exit(0)
    conn.close()
