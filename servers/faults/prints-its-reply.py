# Defect: it prints its reply on its own terminal, and the client gets nothing (slide 4).

import os
import signal
import socket
import sys

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(("", port))
sock.listen(64)
print(f"Server is listening on port {port}", flush=True)

while True:
    conn, address = sock.accept()
    if os.fork() == 0:
        sock.close()
        line = conn.makefile().readline()
        print(line.upper(), flush=True)
        conn.close()
        os._exit(0)
    conn.close()
