"""Defect: it serves by UDP: its socket takes datagrams, and no client can connect to it (udp(7))."""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("", port))
print(f"Server is listening on port {port}", flush=True)
while True:
    line, client = sock.recvfrom(1024)
    sock.sendto(line.upper(), client)
