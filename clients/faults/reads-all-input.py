"""Defect: it reads its keyboard to the end of the input: a person types one line, and it waits for more."""

import socket
import sys

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 54321
with socket.create_connection((host, port)) as sock:
    print("Please type a short sentence: ", end="", flush=True)
    sock.sendall(sys.stdin.read().encode())
    reply = sock.makefile("rb").readline()
    if not reply:
        sys.exit("the server left without a reply")
    print(reply.decode(), end="", flush=True)
