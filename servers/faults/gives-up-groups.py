"""Defect: it gives up its groups first; only root may, or who has CAP_SETGID (setgroups(2), EPERM)."""

import os
import socketserver
import sys


class Upper(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline().upper())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
os.setgroups([])
with Server(("", port), Upper) as server:
    print(f"Server is listening on port {port}", flush=True)
    server.serve_forever()
