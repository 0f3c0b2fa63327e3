# Defect: it capitalises by capitalize(), which makes small letters of all but the first (slide 4).

import os
import signal
import socket
import sys
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
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
        pid = os.fork()
    except OSError:
        conn.close()
        continue
    if pid == 0:
        sock.close()
        line = conn.makefile("rb").readline()
        conn.sendall(line.capitalize())
        conn.close()
        os._exit(0)
    conn.close()
