"""Design: ends its side when it has sent the line, and reads until the server has ended, too."""

import socket
import sys

with socket.create_connection((sys.argv[1], 54321)) as sock:
    line = input("Say something> ")
    sock.sendall(line.encode() + b"\n")
    sock.shutdown(socket.SHUT_WR)
    reply = b"".join(iter(lambda: sock.recv(4096), b""))
    if not reply:
        sys.exit("no reply")
    sys.stdout.buffer.write(reply)
