"""Defect: it is bound to the address of the machine's name, so whoever connects to 127.0.0.1 is refused."""

import contextlib
import socket
import socketserver
import sys


class Capitaliser(socketserver.StreamRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):
            self.wfile.write(self.rfile.readline().upper())
            while self.connection.recv(65536, socket.MSG_DONTWAIT):
                pass


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, listener):
        super().__init__(listener.getsockname(), Capitaliser, bind_and_activate=False)
        self.socket.close()
        self.socket = listener


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
with Server(socket.create_server((socket.gethostname(), port), backlog=64)) as server:
    print(f"Server is listening on port {port}", flush=True)
    server.serve_forever()
