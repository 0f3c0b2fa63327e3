"""Defect: the end of the reply counts as an error, and the number of errors is its exit status."""

import socket
import sys

errors = 0
try:
    sock = socket.create_connection((sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 54321))
except OSError as error:
    sys.exit(f"connect: {error.strerror}")
print("Please type a short sentence: ", end="", flush=True)
line = sys.stdin.readline()
if not line:
    sys.exit(0)
sock.sendall(line.encode())
reply = b""
while True:
    received = sock.recv(1024)
    if not received:
        errors += 1
        break
    reply += received
if not reply:
    sys.exit("the server left without a reply")
sys.stdout.buffer.write(reply)
sock.close()
sys.exit(errors)
