"""Listens on whatever port the kernel gives it, says which, and serves each client in a thread."""

import contextlib
import errno
import socket
import threading
import time

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def serve(conn):
    with conn, contextlib.suppress(OSError):  # the client has gone, or has nothing left to throw away
        while data := conn.recv(4096):
            conn.sendall(data.upper())
            if b"\n" in data:
                break
        while conn.recv(65536, socket.MSG_DONTWAIT):  # or close() would send RST
            pass


sock = socket.create_server(("", 0), backlog=64)
print(f"Server is listening on port {sock.getsockname()[1]}", flush=True)

while True:
    try:
        conn, _ = sock.accept()
    except OSError as error:
        if error.errno in EXHAUSTED:
            time.sleep(0.1)  # the client is still in the queue: without a pause this would spin
        continue
    try:
        threading.Thread(target=serve, args=(conn,), daemon=True).start()
    except RuntimeError:  # no more threads: this client is turned away
        conn.close()
