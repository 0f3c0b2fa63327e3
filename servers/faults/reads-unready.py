"""Defect: select() tells that a client has spoken, and the loop reads from all: it sleeps for one that has not."""

import select
import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("", port))
server.listen(64)
print("Server is listening on port", port, flush=True)
clients: list[socket.socket] = []

while True:
    ready, _, _ = select.select([server, *clients], [], [])
    if server in ready:
        clients.append(server.accept()[0])
        continue
    for client in list(clients):
        try:
            line = client.recv(65536)
            if line:
                client.sendall(line.upper())
        except OSError:
            pass
        client.close()
        clients.remove(client)
