"""One client at a time, in a thread; the main program sleeps in pause(), and ends where that ends."""

import signal
import socket
import sys
import threading


def serve(listener: socket.socket) -> None:
    while True:
        conn, _ = listener.accept()
        with conn:
            if data := conn.recv(4096):
                conn.sendall(data.upper())


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listening = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
threading.Thread(target=serve, args=(listening,), daemon=True).start()
signal.pause()
