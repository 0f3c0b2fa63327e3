"""Defect: create_server() makes a socket of AF_INET6 for IPv6 alone, unless it is asked for both (dualstack_ipv6)."""

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
with Server(socket.create_server(("::", port), family=socket.AF_INET6, backlog=64)) as server:
    print(f"Server is listening on port {port}", flush=True)
    server.serve_forever()
