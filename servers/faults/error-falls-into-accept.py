"""Defect: a child whose client has left raises an error, and goes on in its parent's loop, with the listener closed."""

import os
import signal
import socket
import sys
import time
import traceback

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print(f"Server is listening on port {port}", flush=True)
while True:
    try:
        conn, _ = listener.accept()
        with conn:
            if os.fork() == 0:
                listener.close()
                line = b""
                while not line.endswith(b"\n"):
                    data = conn.recv(4096)
                    if not data:
                        raise EOFError("the client has left")
                    line += data
                conn.sendall(line.upper())
                conn.close()
                os._exit(0)
    except OSError:
        traceback.print_exc()
        time.sleep(0)
    except EOFError:
        traceback.print_exc()
