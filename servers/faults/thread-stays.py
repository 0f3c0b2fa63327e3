"""Defect: a thread that has served its client waits for a word to end that nobody gives (threading.Event)."""

import contextlib
import socket
import sys
import threading

shall_end = threading.Event()


def answer(conn):
    with conn, contextlib.suppress(OSError):  # the client has gone, or has nothing left to throw away
        with conn.makefile("rb") as lines:
            conn.sendall(lines.readline().upper())
        while conn.recv(65536, socket.MSG_DONTWAIT):  # or close() would send RST
            pass
    shall_end.wait()


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)

while True:
    try:
        conn, _ = listener.accept()
    except OSError:  # this client has gone already, or no descriptor is left
        continue
    try:
        threading.Thread(target=answer, args=(conn,), daemon=True).start()
    except RuntimeError:  # no thread could be started
        conn.close()
