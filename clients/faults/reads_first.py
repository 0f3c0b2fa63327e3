"""Defect: it waits for a welcome before it sends the line, and the server waits for the line."""

import socket
import sys

sock = socket.create_connection((sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 54321))
line = input("Please type a short sentence: ")
with sock, sock.makefile("rb") as replies:
    if not replies.readline():
        sys.exit("the server left without a reply")
    sock.sendall(line.encode() + b"\n")
    sys.stdout.buffer.write(replies.readline())
