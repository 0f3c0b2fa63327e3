"""Design: a child for each connection, by the standard library; it reaps every half second (socketserver)."""

import contextlib
import ctypes
import signal
import socket
import socketserver
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
libc = ctypes.CDLL(None)


class Capitaliser(socketserver.StreamRequestHandler):
    def handle(self):
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # the child ends with its parent
        self.server.socket.close()  # ForkingMixIn leaves the listening socket open in the child
        with contextlib.suppress(OSError):  # the client has gone, or has nothing left to throw away
            self.wfile.write(self.rfile.readline().upper())
            while self.connection.recv(65536, socket.MSG_DONTWAIT):  # or close() would send RST
                pass


class Server(socketserver.ForkingTCPServer):
    allow_reuse_address = True
    request_queue_size = 64


port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
with Server(("", port), Capitaliser) as server:
    print(f"Server is listening on port {port}", flush=True)
    server.serve_forever()
