"""One client at a time; after the first that said nothing it tidies up, in short naps."""

import socket
import sys
import threading

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
print(f"Server is listening on port {port}", flush=True)
to_tidy = list(range(30))
never = threading.Event()
while True:
    line = b""
    with listener.accept()[0] as conn:
        try:
            line = conn.recv(4096)
            conn.sendall(line.upper())
        except ConnectionError:
            pass
    while not line and to_tidy:
        to_tidy.pop()
        never.wait(0.3)
