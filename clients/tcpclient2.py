"""tcpclient2.py - slides 6-8: connects first, then asks for a sentence, sends it and shows the reply."""

import os
import socket
import struct
import sys


def connect_to(host, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.connect((host, port))
    except OSError as error:
        sys.exit(f"connect: {error.strerror}")
    return sock


def ask_user():
    print("Please type a short sentence: ", end="", flush=True)
    line = sys.stdin.buffer.readline()
    if not line:
        sys.exit(0)  # ^D: the user has nothing to say, which is no error
    return line.removesuffix(b"\n") + b"\n"


def read_reply(sock):
    """Up to the newline, for a server that keeps the connection open, or to the end of what there is."""
    reply = b""
    while b"\n" not in reply:
        received = sock.recv(1024)
        if not received:
            break
        reply += received
    return reply


def end_by_reset(sock):
    """Ends by RST once the server has ended: no TIME_WAIT is left on the server's port, and a server
    without SO_REUSEADDR can be started again at once."""
    while sock.recv(1024):
        pass
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


if len(sys.argv) < 2:
    sys.exit(f"usage: {sys.argv[0]} host [port]")

sock = connect_to(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 54321)
line = ask_user()
try:
    sock.sendall(line)
    reply = read_reply(sock)
except OSError as error:
    sys.exit(f"connection: {error.strerror}")
if not reply:
    sys.exit("the server left without a reply")
sys.stdout.buffer.write(reply)
sys.stdout.flush()
if "TCPCLIENT_ENDS_BY_RST" in os.environ:
    end_by_reset(sock)
sock.close()
