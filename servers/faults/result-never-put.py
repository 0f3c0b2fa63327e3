# Defect: a worker thread takes each line from a queue, and puts its work into the queue that it takes from.

import queue
import socket
import sys
import threading
import time

lines: "queue.Queue[tuple[bytes, queue.Queue]]" = queue.Queue()


def work():
    while True:
        line, results = lines.get()
        if line.isupper():
            continue
        lines.put((line.upper(), results))  # results.put() is meant


def answer(conn):
    with conn:
        line = conn.makefile("rb").readline()
        if line:
            results = queue.Queue()
            lines.put((line, results))
            conn.sendall(results.get())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(("", port))
sock.listen(64)
print(f"Server is listening on port {port}", flush=True)
threading.Thread(target=work, daemon=True).start()

while True:
    try:
        conn, address = sock.accept()
    except OSError:
        time.sleep(0.1)
        continue
    try:
        threading.Thread(target=answer, args=(conn,), daemon=True).start()
    except RuntimeError:
        conn.close()
