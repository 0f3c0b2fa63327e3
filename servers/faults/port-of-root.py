"""Defect: it wants the port of echo(7), which only root may have (ip(7), bind(2), EACCES)."""

import socketserver


class Upper(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline().upper())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server(("", 7), Upper) as server:
    print("Server is listening on port 7", flush=True)
    server.serve_forever()
