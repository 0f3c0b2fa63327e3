"""Design: forty threads sleep in read() on one pipe, by which the acceptor tells them of a connection."""

import os
import socket
import sys
import threading
import time


def serve(conn: socket.socket) -> None:
    """Answer one line, capitalised."""
    with conn:
        try:
            while data := conn.recv(4096):
                conn.sendall(data.upper())
                if b"\n" in data:
                    return
        except OSError:
            pass


def work(told: int) -> None:
    """Serve one client after another; where its pipe fails, nobody can be served."""
    try:
        while number := os.read(told, 4):
            serve(socket.socket(fileno=int.from_bytes(number, "big")))
    except OSError:
        os._exit(1)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
told, tell = os.pipe()
for _ in range(40):
    threading.Thread(target=work, args=(told,), daemon=True).start()
print(f"Server is listening on port {port}", flush=True)

while True:
    try:
        conn, _ = listener.accept()
    except OSError:
        time.sleep(0.05)
        continue
    os.write(tell, conn.detach().to_bytes(4, "big"))
