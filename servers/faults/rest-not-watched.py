"""Defect: what send() did not take is kept for later; but the selector is never told to watch for writing."""

import contextlib
import selectors
import socket
import sys
import time


class Talk:
    def __init__(self, conn: socket.socket) -> None:
        self.conn, self.line, self.rest = conn, b"", b""

    def goes_on(self) -> bool:
        if not self.rest:
            part = self.conn.recv(65536)
            self.line += part
            if part and b"\n" not in part:
                return True
            self.rest = self.line.upper()
        if self.rest:
            self.rest = self.rest[self.conn.send(self.rest) :]
        return bool(self.rest)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
listener.setblocking(False)
selector = selectors.DefaultSelector()
selector.register(listener, selectors.EVENT_READ)
print(f"Server is listening on port {port}", flush=True)
while True:
    for key, _ in selector.select():
        if key.fileobj is listener:
            try:
                conn, _ = listener.accept()
            except OSError:
                time.sleep(0.02)
                continue
            conn.setblocking(False)
            selector.register(conn, selectors.EVENT_READ, Talk(conn))
            continue
        talk = key.data
        on = False
        with contextlib.suppress(ConnectionError):
            on = talk.goes_on()
        if not on:
            selector.unregister(talk.conn)
            talk.conn.close()
