"""Defect: nobody catches an error of accept(): it ends the main thread, and the workers live on."""

import queue
import signal
import socket
import sys
import threading

work = queue.Queue()


def serve():
    while True:
        conn = work.get()
        try:
            with conn, conn.makefile("rb") as lines:
                conn.sendall(lines.readline().upper())
        except OSError as error:
            print(error, flush=True)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends all threads
for _ in range(64):
    threading.Thread(target=serve).start()
while True:
    work.put(listener.accept()[0])
