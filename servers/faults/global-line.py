"""Defect: all threads keep their client's line in one variable, and log it before they answer."""

import contextlib
import os
import socket
import socketserver
import sys

line = b""
log = os.open(os.devnull, os.O_WRONLY)


class Capitaliser(socketserver.StreamRequestHandler):
    def handle(self):
        global line
        with contextlib.suppress(OSError):  # the client has gone, or has nothing left to throw away
            line = self.rfile.readline()
            os.write(log, line)
            self.wfile.write(line.upper())
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
