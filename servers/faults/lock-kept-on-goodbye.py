# Defect: a thread whose client has left without a line returns with the lock that it has taken.

import socket
import sys
import threading
import time

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(("", port))
sock.listen(64)
print(f"Server is listening on port {port}", flush=True)
lock = threading.Lock()
total = 0


def serve(conn):
    global total
    try:
        line = conn.makefile("rb").readline()
        lock.acquire()
        if not line:
            return
        total += len(line)
        lock.release()
        conn.sendall(line.upper())
    except OSError:
        pass
    finally:
        conn.close()


while True:
    try:
        conn, address = sock.accept()
    except OSError:
        time.sleep(0.1)
        continue
    try:
        threading.Thread(target=serve, args=(conn,), daemon=True).start()
    except RuntimeError:
        conn.close()
