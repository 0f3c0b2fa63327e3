"""HTTP/1.0 with a child for each connection: POST /echo gives the body back (RFC 1945)."""

import os
import signal
import socket

PORT = 54321


def reap(*_):
    """SIGCHLD: signals do not queue, so reap all that have ended (slide 19 reaps one)."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def read_request(conn):
    """The head and the body of one request; None when the client went away."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = conn.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    length = int(fields.get(b"Content-Length", b"0"))
    while len(body) < length:
        more = conn.recv(65536)
        if not more:
            return None
        body += more
    return head, body[:length]


def serve(conn):
    """One request, one reply."""
    request = read_request(conn)
    if request is None:
        return
    head, body = request
    status = b"200 OK" if head.startswith(b"POST /echo ") else b"404 Not Found"
    conn.sendall(b"HTTP/1.0 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))


def main():
    signal.signal(signal.SIGCHLD, reap)
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
            pid = os.fork()
        except OSError:
            conn.close()
            continue
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            try:
                serve(conn)
            except OSError:
                pass
            os._exit(0)
        conn.close()


main()
