"""Defect: select() tells whether more has come, and the second line lies in readline()'s buffer already."""

import selectors
import signal
import socket
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
listener.setblocking(False)
watched = selectors.DefaultSelector()
watched.register(listener, selectors.EVENT_READ)
print(f"Server is listening on port {port}", flush=True)

while True:
    for key, _ in watched.select():
        if key.fileobj is listener:
            try:
                conn, _ = listener.accept()
            except OSError:
                continue
            watched.register(conn, selectors.EVENT_READ, conn.makefile("rb"))
            continue
        try:
            if line := key.data.readline():
                key.fileobj.sendall(line.upper())
                continue
        except OSError:
            pass
        watched.unregister(key.fileobj)
        key.data.close()
        key.fileobj.close()
