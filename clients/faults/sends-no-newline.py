"""Defect: input() takes the newline away, and the line is sent without it."""

import socket
import sys

sock = socket.create_connection((sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 54321))
line = input("Please type a short sentence: ")
sock.sendall(line.encode())
reply = sock.recv(1024)
if not reply:
    sys.exit("the server left without a reply")
sys.stdout.buffer.write(reply)
sock.close()
