"""Defect: whoever connects is put into a list, and nobody reads from it before there are three."""

import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
players = []
while True:
    conn, _ = listener.accept()
    players.append(conn)
    if len(players) == 3:
        for player in players:
            player.sendall(player.recv(4096).upper())
            player.close()
        players = []
