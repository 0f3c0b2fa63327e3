"""One process, one loop; select() wakes it each half second, and there is nothing to do."""

import select
import socket
import sys

listener = socket.create_server(("", int(sys.argv[1])), backlog=100)
lines: dict[socket.socket, bytes] = {}
while True:
    for ready in select.select([listener, *lines], [], [], 0.5)[0]:
        if ready is listener:
            lines[listener.accept()[0]] = b""
            continue
        try:
            piece = ready.recv(4096)
            lines[ready] += piece
            if piece and not piece.endswith(b"\n"):
                continue
            ready.sendall(lines[ready].upper())
        except ConnectionError:
            pass
        del lines[ready]
        ready.close()
