"""tcpserver2.py - slides 9-14: a child for each connection.

Clients no longer delay each other, but nobody waits for the children: they stay as zombies (slide 15).
"""

import os
import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321

# Slide 10 prints SOCK_DGRAM here, a slip: TCP needs SOCK_STREAM, and socket(2) refuses the mixture.
sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
sock.bind(("", port))
sock.listen(5)
print(f"Server is listening on port {port}", flush=True)

while True:
    conn, clientaddr = sock.accept()
    pid = os.fork()
    if pid == 0:  # child-process
        sock.close()
        buf = conn.recv(1024)
        if buf:
            conn.sendall(buf.upper())
        conn.close()
        sys.exit(0)
    # parent-process
    conn.close()
