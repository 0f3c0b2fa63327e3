"""Design: a pool whose processes take connections as jobs, and which starts one where none is free."""

import multiprocessing
import socket
import sys
import time
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor


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


def new_pool() -> ProcessPoolExecutor:
    """A pool whose processes have no copy of a connection: a server that is forked early forks them."""
    return ProcessPoolExecutor(max_workers=48, mp_context=multiprocessing.get_context("forkserver"))


def main() -> None:
    """Accept each client, and hand its connection to a process of the pool."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    pool = new_pool()
    while True:
        try:
            conn, _ = listener.accept()
        except OSError:
            time.sleep(0.05)
            continue

        def close(_: Future[None], conn: socket.socket = conn) -> None:
            conn.close()

        try:
            job = pool.submit(serve, conn)
        except BrokenExecutor:
            pool = new_pool()
            job = pool.submit(serve, conn)
        except OSError:
            conn.close()
            continue
        job.add_done_callback(close)


if __name__ == "__main__":
    main()
