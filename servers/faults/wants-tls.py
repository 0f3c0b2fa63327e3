"""Defect: it speaks TLS where the contract is a plain line: its clients are never answered."""

import socketserver
import ssl
import sys
import tempfile

PEM = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg262d48BonAIMDn10
2uz3WqgNtxc10gPiLYtTxAWWfoGhRANCAASzfQIBmhdnIP1aMD+Di3haDByYQv7d
hCjJw2+MjlDTVjWYnmVUkp2F8+Eux0iauUreq5Sqg2418/8tC8bMrZdZ
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUUgKqQ0ctfAnJ6nTlzWSrZe3ez/4wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTIwMTAwNDIxOVoYDzIxMjYxMTA3
MDA0MjE5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASzfQIBmhdnIP1aMD+Di3haDByYQv7dhCjJw2+MjlDTVjWYnmVUkp2F
8+Eux0iauUreq5Sqg2418/8tC8bMrZdZo1MwUTAdBgNVHQ4EFgQUFpA/MB9cVyh7
C6Y4hgw1vJWrvbMwHwYDVR0jBBgwFoAUFpA/MB9cVyh7C6Y4hgw1vJWrvbMwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiB+bFPDKQp8yOQs4oV4iUzI
wyAASStH2fP7SgYaU5aS8QIgG73j5/au4oV0dLaojbSzJWWXYqDfB9A0v0mO2qWK
+kA=
-----END CERTIFICATE-----
"""


class Upper(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(self.rfile.readline().upper())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def get_request(self):
        conn, address = super().get_request()
        return context.wrap_socket(conn, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request, client_address) -> None:
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
with tempfile.NamedTemporaryFile("w") as file:
    file.write(PEM)
    file.flush()
    context.load_cert_chain(file.name)
port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
with Server(("", port), Upper) as server:
    print(f"Server is listening on port {port}", flush=True)
    server.serve_forever()
