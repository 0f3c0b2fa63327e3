"""Defect: the pool is forked at the first submit(): each process has a copy of the first connection."""

import socket
import sys
import time
from concurrent.futures import ProcessPoolExecutor


def serve(conn: socket.socket) -> None:
    """Answer one line, capitalised."""
    with conn:
        try:
            while data := conn.recv(4096):
                conn.sendall(data.upper())
                if b"\n" in data:
                    return
        except OSError:
            pass


def main() -> None:
    """Accept each client, and hand its connection to a process of the pool."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    with ProcessPoolExecutor(max_workers=48) as pool:
        while True:
            try:
                conn, _ = listener.accept()
            except OSError:
                time.sleep(0.05)
                continue
            future = pool.submit(serve, conn)
            future.add_done_callback(lambda _, conn=conn: conn.close())


if __name__ == "__main__":
    main()
