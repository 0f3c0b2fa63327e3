"""Defect: it reads until nothing is left; where the end of the input is there, the line before it is forgotten."""

import selectors
import socket
import sys
import time

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
listener = socket.create_server(("", port), backlog=64)
listener.setblocking(False)
waiting = selectors.DefaultSelector()
waiting.register(listener, selectors.EVENT_READ, None)
print(f"Server is listening on port {port}", flush=True)


class Client:
    """One connection: what has come, and what has not gone yet."""

    def __init__(self, conn: socket.socket) -> None:
        self.conn, self.line, self.reply = conn, b"", b""
        waiting.register(conn, selectors.EVENT_READ, self)

    def close(self) -> None:
        waiting.unregister(self.conn)
        self.conn.close()

    def read(self) -> None:
        """Take all that is there."""
        while True:
            try:
                data = self.conn.recv(65536)
            except BlockingIOError:
                break
            if not data:
                self.close()
                return
            self.line += data
        line, newline, _ = self.line.partition(b"\n")
        if newline:
            self.reply = line.upper() + newline
            self.write()

    def write(self) -> None:
        """Send what the socket takes; the rest when it takes more."""
        try:
            self.reply = self.reply[self.conn.send(self.reply) :]
        except BlockingIOError:
            pass
        if self.reply:
            waiting.modify(self.conn, selectors.EVENT_WRITE, self)
        else:
            self.close()


while True:
    for key, events in waiting.select():
        client = key.data
        try:
            if client is None:
                conn, _ = listener.accept()
                conn.setblocking(False)
                Client(conn)
            elif events & selectors.EVENT_WRITE:
                client.write()
            else:
                client.read()
        except OSError:
            if client is None:
                time.sleep(0.05)
            else:
                client.close()
