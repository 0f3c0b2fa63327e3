"""A chat in one process, with selectors: NICK name, then every line goes to everybody."""

import selectors
import socket

PORT = 54321
MOST_UNSENT = 64 << 20
sel = selectors.DefaultSelector()
people = {}


class Person:
    """One connection: its name, what it has begun to say, and what it has yet to hear."""

    def __init__(self, conn):
        self.conn, self.name, self.begun, self.unsent = conn, b"", b"", bytearray()

    def tell(self, line):
        """Let them hear a line, now or when they have room."""
        self.unsent += line
        self.write()

    def write(self):
        try:
            while self.unsent:
                del self.unsent[: self.conn.send(self.unsent)]
        except BlockingIOError:
            pass
        except OSError:
            return self.leave()
        if len(self.unsent) > MOST_UNSENT:
            return self.leave()
        if self.conn in people:
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.unsent else 0)
            sel.modify(self.conn, events, self)

    def read(self):
        try:
            data = self.conn.recv(65536)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        if not data:
            return self.leave()
        *lines, self.begun = (self.begun + data).split(b"\n") if b"\n" in data else [self.begun + data]
        for line in lines:
            self.say(line)

    def say(self, line):
        if not self.name:
            self.name = line.removeprefix(b"NICK ") or b"nobody"
            return self.tell(b"WELCOME %s\n" % self.name)
        for person in list(people.values()):
            if person.name:
                person.tell(b"<%s> %s\n" % (self.name, line))

    def leave(self):
        if people.pop(self.conn, None):
            sel.unregister(self.conn)
            self.conn.close()


def accept(listener):
    try:
        conn, _ = listener.accept()
    except OSError:
        return
    conn.setblocking(False)
    people[conn] = Person(conn)
    sel.register(conn, selectors.EVENT_READ, people[conn])


def main():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", PORT))
    listener.listen(128)
    listener.setblocking(False)
    sel.register(listener, selectors.EVENT_READ)
    print("listening on", PORT, flush=True)
    while True:
        for key, mask in sel.select():
            if key.data is None:
                accept(listener)
            elif key.data.conn in people:
                if mask & selectors.EVENT_WRITE:
                    key.data.write()
                if mask & selectors.EVENT_READ:
                    key.data.read()


main()
