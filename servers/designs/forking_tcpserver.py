"""Design: a child for each connection, by the standard library; it reaps every half second (socketserver)."""

import socketserver
import sys


class Capitaliser(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.socket.close()  # ForkingMixIn leaves the listening socket open in the child
        self.wfile.write(self.rfile.readline().upper())


class Server(socketserver.ForkingTCPServer):
    allow_reuse_address = True
    request_queue_size = 64


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
with Server(("", port), Capitaliser) as server:
    print(f"Server is listening on port {port}", flush=True)
    server.serve_forever()
