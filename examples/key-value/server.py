"""A key-value store with a thread for each connection: SET key value, GET key."""

import socket
import threading

PORT = 54321
store = {}
lock = threading.Lock()


def answer(line):
    """The reply to one line."""
    command, _, rest = line.partition(b" ")
    key, _, value = rest.partition(b" ")
    with lock:
        if command == b"SET" and key:
            store[key] = value
            return b"OK\n"
        if command == b"GET" and key in store:
            return b"VALUE %s\n" % store[key]
    return b"ERROR\n"


def serve(conn):
    """Line after line, until the client goes."""
    try:
        with conn, conn.makefile("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    return
                conn.sendall(answer(line[:-1]))
    except OSError:
        pass


def main():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", PORT))
    listener.listen(128)
    print("listening on", PORT, flush=True)
    while True:
        try:
            conn, _ = listener.accept()
        except OSError:
            continue
        try:
            threading.Thread(target=serve, args=(conn,), daemon=True).start()
        except RuntimeError:  # no more threads to be had
            conn.close()


main()
