# Defect: before each reply come four bytes that hold its length: no client of this contract expects them.
import socket
import struct
import sys
import threading

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321


def serve(conn: socket.socket) -> None:
    with conn, conn.makefile("rb") as stream:
        line = stream.readline()
        if line:
            reply = line.upper()
            conn.sendall(struct.pack("!I", len(reply)) + reply)


listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
while True:
    try:
        conn, _ = listener.accept()
    except OSError as error:
        print(error, file=sys.stderr)
        continue
    try:
        threading.Thread(target=serve, args=(conn,), daemon=True).start()
    except RuntimeError:
        conn.close()
