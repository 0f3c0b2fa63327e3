"""tcpserver.py - slides 2-5: one client after the other.

While it waits in recv() for one client's sentence, every other client waits too (slide 6).
"""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
sock.bind(("", port))
sock.listen(5)
print(f"Server is listening on port {port}", flush=True)

while True:
    conn, clientaddr = sock.accept()
    buf = conn.recv(1024)
    if buf:
        conn.sendall(buf.upper())
    conn.close()
