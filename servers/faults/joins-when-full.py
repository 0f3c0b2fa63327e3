"""Defect: when its list has 64 threads it joins them all, and one of them serves a silent client."""

import contextlib
import socket
import sys
import threading
import time


def serve(conn):
    with contextlib.suppress(OSError), conn, conn.makefile("rb") as lines:
        if line := lines.readline():
            conn.sendall(line.upper())


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print("Server is listening on port", port, flush=True)
    threads = []
    while True:
        try:
            conn, _ = listener.accept()
        except OSError:
            time.sleep(0.1)
            continue
        try:
            thread = threading.Thread(target=serve, args=(conn,), daemon=True)
            thread.start()
        except RuntimeError:
            conn.close()
            continue
        threads.append(thread)
        if len(threads) == 64:
            for each in threads:
                each.join()
            threads.clear()


main()
