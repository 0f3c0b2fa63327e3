"""Defect: it capitalises characters of Latin-1, and the capital of 0xFF (U+0178) is none of its bytes."""

import contextlib
import socket
import socketserver
import sys


class Capitaliser(socketserver.StreamRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):  # the client has gone, or has nothing left to throw away
            text = self.rfile.readline().decode("latin-1")
            self.wfile.write(text.upper().encode("latin-1", "replace"))
            while self.connection.recv(65536, socket.MSG_DONTWAIT):  # or close() would send RST
                pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
with Server(("", port), Capitaliser) as server:
    print(f"Server is listening on port {port}", flush=True)
    server.serve_forever()
