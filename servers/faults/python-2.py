"""Defect: it is written in Python 2, in which print needs no parentheses."""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.socket()
listener.bind(("", port))
listener.listen(64)
print "Server is listening on port", port
while True:
    conn, address = listener.accept()
    conn.sendall(conn.recv(1024).upper())
    conn.close()
