"""Defect: no thread can be started, and nobody catches that error: it ends the main thread, and another lives on."""

import signal
import socket
import sys
import threading


def serve(conn):
    try:
        with conn, conn.makefile("rb") as lines:
            conn.sendall(lines.readline().upper())
    except OSError as error:
        print(error, flush=True)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends all threads
threading.stack_size(256 << 10)
threading.Thread(target=threading.Event().wait).start()  # a log, statistics: what no client waits for
while True:
    try:
        conn, _ = listener.accept()
    except OSError:
        continue
    threading.Thread(target=serve, args=(conn,)).start()
