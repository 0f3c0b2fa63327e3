"""Defect: a line that is no UTF-8 is taken for a client's mistake: the connection is closed without a word."""

import contextlib
import socketserver
import sys


class Line(socketserver.StreamRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):  # the client has gone
            try:
                text = self.rfile.readline().decode()
            except UnicodeDecodeError:
                return
            self.wfile.write(text.upper().encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def process_request(self, request, client_address):
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread can be started: this client is turned away
            self.shutdown_request(request)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
with Server(("", port), Line) as server:
    print(f"Server is listening on port {port}", flush=True)
    server.serve_forever()
