# Defect: it reads the line before it starts a thread, so that a silent client delays all others (slide 10).

import socket
import sys
import threading
import time


def answer(conn, line):
    with conn:
        conn.sendall(line.upper())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(("", port))
sock.listen(64)
print(f"Server is listening on port {port}", flush=True)

while True:
    try:
        conn, address = sock.accept()
    except OSError:
        time.sleep(0.1)
        continue
    try:
        line = conn.makefile("rb").readline()
        threading.Thread(target=answer, args=(conn, line), daemon=True).start()
    except (OSError, RuntimeError):
        conn.close()
