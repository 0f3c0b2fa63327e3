"""Design: a thread for each connection, and three of them at once: who comes beyond is told so, and sent away."""

import contextlib
import errno
import signal
import socket
import sys
import threading
import time

MOST = 3
EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
room = threading.Semaphore(MOST)


def serve(conn):
    try:
        with conn, contextlib.suppress(OSError), conn.makefile("rb") as lines:  # the client may go
            conn.sendall(lines.readline().upper())
    finally:
        room.release()


def let_in(conn):
    if not room.acquire(blocking=False):
        with conn, contextlib.suppress(OSError):
            conn.sendall(b"too many are here\n")
        return
    try:
        threading.Thread(target=serve, args=[conn], daemon=True).start()
    except RuntimeError:  # no thread can be started: this client is turned away
        conn.close()
        room.release()


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
signal.signal(signal.SIGINT, signal.SIG_DFL)
sock = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)

while True:
    try:
        conn, _ = sock.accept()
    except OSError as error:
        if error.errno in EXHAUSTED:
            time.sleep(0.1)  # the client is still in the queue: without a pause the loop would spin
        continue
    let_in(conn)
