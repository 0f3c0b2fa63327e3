"""Defect: who has connected is never put into the list that select() is told to watch (select.select)."""

import select
import socket
import sys


def answer(conn):
    try:
        line = conn.recv(4096)
        if line:
            conn.sendall(line.upper())
    except OSError:
        pass
    conn.close()


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
watched, clients = [listener], set()
while True:
    ready, _, _ = select.select(watched, [], [])
    for each in ready:
        if each is listener:
            conn, _ = listener.accept()
            clients.add(conn)
        else:
            clients.discard(each)
            answer(each)
