"""Defect: it looks for its port in a variable that nobody sets, and gives bind() 0 instead (ip(7))."""

import os
import socketserver


class Upper(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            self.wfile.write(self.rfile.readline().upper())
        except ConnectionError:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


with Server(("", int(os.environ.get("MY_SERVERS_PORT", 0))), Upper) as server:
    print("Server is listening on port", server.server_address[1], flush=True)
    server.serve_forever()
