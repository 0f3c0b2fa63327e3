# Defect: the connection does not block, and a thread reads before anything has come: recv() raises BlockingIOError.
import socket
import sys
import threading

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321


def serve(conn: socket.socket) -> None:
    with conn:
        line = b""
        while not line.endswith(b"\n"):
            part = conn.recv(4096)
            if not part:
                break
            line += part
        conn.sendall(line.upper())


listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
while True:
    conn, _ = listener.accept()
    conn.setblocking(False)
    threading.Thread(target=serve, args=(conn,), daemon=True).start()
