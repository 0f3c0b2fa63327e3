"""Design: a thread for each connection; whoever connects is told the same words, asked or not."""

import contextlib
import socket
import socketserver
import sys


class Announcer(socketserver.BaseRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):
            self.request.sendall(b"Closed on Sundays.\n")
            self.request.shutdown(socket.SHUT_WR)
            while self.request.recv(65536):  # or close() would send RST to who has said something
                pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
with Server(("", port), Announcer) as server:
    print(f"Server is listening on port {port}", flush=True)
    server.serve_forever()
