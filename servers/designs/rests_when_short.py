"""Design: an event loop that gives its port up when accept() fails, and binds it again two seconds later."""

import contextlib
import errno
import selectors
import socket
import sys
import time

REST_S = 2
SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Client:
    """One connection: what it has said, and what it is still to be told."""

    def __init__(self, conn):
        self.conn, self.said, self.left = conn, b"", None

    def go_on(self):
        """Read or write as much as can be; True when it is over."""
        try:
            if self.left is None:
                data = self.conn.recv(65536)
                self.said += data
                if data and b"\n" not in self.said:
                    return False
                self.left = memoryview(self.said.upper())
            self.left = self.left[self.conn.send(self.left) :]
        except BlockingIOError:
            return False
        except OSError:
            return True
        return not self.left


def listen():
    made = socket.create_server(("0.0.0.0", port), backlog=64)
    made.setblocking(False)
    watched.register(made, selectors.EVENT_READ)
    return made


def let_in():
    """Accept one client; False when there is no descriptor for it."""
    try:
        conn = listener.accept()[0]
    except OSError as error:
        return error.errno not in SHORT
    conn.setblocking(False)
    watched.register(conn, selectors.EVENT_READ, Client(conn))
    return True


def serve(client):
    if client.go_on():
        watched.unregister(client.conn)
        with contextlib.suppress(OSError):  # what nobody will read would be answered by RST
            client.conn.recv(16 << 20, socket.MSG_TRUNC)
        client.conn.close()
    elif client.left is not None:
        watched.modify(client.conn, selectors.EVENT_WRITE, client)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
watched = selectors.DefaultSelector()
listener, back_at = listen(), 0.0
print(f"Server is listening on port {port}", flush=True)
while True:
    left_s = None if listener else max(0.0, back_at - time.monotonic())
    for key, _ in watched.select(left_s):
        if key.data:
            serve(key.data)
        elif not let_in():
            watched.unregister(listener)
            listener.close()
            listener, back_at = None, time.monotonic() + REST_S
    if listener is None and time.monotonic() >= back_at:
        listener = listen()
