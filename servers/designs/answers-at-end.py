"""Sound, under `at_half_close = true`: threads, each reads to the end of its client's words, then answers."""

import socketserver
import sys


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            self.wfile.write(self.rfile.read().upper())
        except OSError:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
with Server(("", port), Handler) as server:
    print(f"Server is listening on port {port}", flush=True)
    server.serve_forever()
