# Defect: its handler for SIGCHLD, meant for the child's end, ends the parent (slide 19).

import os
import signal
import socket
import sys
import time


def sigchld_action(signo, frame):
    os.waitpid(-1, os.WNOHANG)
    sys.exit(0)


signal.signal(signal.SIGCHLD, sigchld_action)
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
        conn.sendall(line.upper())
        conn.close()
        os._exit(0)
    conn.close()
