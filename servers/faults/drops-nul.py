# Defect: bytes of zero are taken for the padding of clients in C, and deleted, wherever they stand.
import socket
import sys
import threading

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321


def serve(conn: socket.socket) -> None:
    with conn, conn.makefile("rb") as stream:
        line = stream.readline()
        if line:
            reply = line.upper().replace(b"\0", b"")
            conn.sendall(reply)


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
