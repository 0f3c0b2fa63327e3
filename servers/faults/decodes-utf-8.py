"""Defect: it decodes the line as UTF-8; what is none raises UnicodeDecodeError, and its thread ends without an answer."""

import contextlib
import socket
import sys
import threading


def read_line(conn):
    line = b""
    while b"\n" not in line:
        received = conn.recv(4096)
        if not received:
            break
        line += received
    return line


def serve(conn):
    with conn, contextlib.suppress(OSError):  # the client may have gone
        text = read_line(conn).decode()
        conn.sendall(text.upper().encode())
        conn.shutdown(socket.SHUT_WR)
        while conn.recv(65536, socket.MSG_DONTWAIT):  # or close() would send RST
            pass


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
while True:
    try:
        conn, _ = listener.accept()
    except OSError:
        continue
    try:
        threading.Thread(target=serve, args=(conn,), daemon=True).start()
    except RuntimeError:
        conn.close()
