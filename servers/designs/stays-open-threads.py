"""Design: a thread for each connection, by the standard library; it answers line after line until the client closes."""

import contextlib
import socketserver
import sys


class Capitaliser(socketserver.StreamRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):  # the client has gone
            for line in self.rfile:
                self.wfile.write(line.upper())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
with Server(("", port), Capitaliser) as server:
    print(f"Server is listening on port {port}", flush=True)
    server.serve_forever()
