"""Defect: where the queue has no room put_nowait() raises an error: it ends the main thread, and the workers live on."""

import queue
import signal
import socket
import sys
import threading
import time

waiting: queue.Queue[socket.socket] = queue.Queue(maxsize=4)


def work() -> None:
    """Serve one client after another: one line each."""
    while True:
        with waiting.get() as conn:
            try:
                while data := conn.recv(4096):
                    line, newline, _ = data.partition(b"\n")
                    conn.sendall(line.upper() + newline)
                    if newline:
                        break
            except OSError as error:
                print(error, flush=True)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends all threads
for _ in range(34):
    threading.Thread(target=work).start()
print(f"Server is listening on port {port}", flush=True)
while True:
    try:
        conn, _ = listener.accept()
    except OSError:
        time.sleep(0.05)
        continue
    waiting.put_nowait(conn)
