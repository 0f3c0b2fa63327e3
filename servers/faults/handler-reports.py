"""Defect: the loop writes to standard error, and so does the handler for SIGCHLD; the two meet some day."""

import os
import signal
import socket
import sys
import time


def say(words: str) -> None:
    sys.stderr.buffer.write(f"{os.getpid()}: {words}\n".encode())
    sys.stderr.buffer.flush()


def on_child(_number: int, _frame: object) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        say(f"{pid} has ended with {os.waitstatus_to_exitcode(status)}")


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321
    listener = socket.create_server(("", port), backlog=64)
    print(f"Server is listening on port {port}", flush=True)
    signal.signal(signal.SIGCHLD, on_child)
    while True:
        try:
            conn, address = listener.accept()
        except OSError:
            time.sleep(0.05)
            continue
        say(f"a client has come from port {address[1]}")
        try:
            pid = os.fork()
        except OSError:
            conn.close()
            continue
        if pid:
            conn.close()
            continue
        listener.close()
        try:
            line = b""
            while not line.endswith(b"\n") and (part := conn.recv(4096)):
                line += part
            conn.sendall(line)
        finally:
            os._exit(0)


main()
