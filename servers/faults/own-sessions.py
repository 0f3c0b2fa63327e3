"""Defect: each child begins a session, and waitpid(0) is for those of the parent's group (waitpid(2))."""

import contextlib
import errno
import os
import signal
import socket
import sys
import time

EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def reap(signo, frame):
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(0, os.WNOHANG)[0] > 0:
            pass


def serve(conn):
    line = bytearray()
    while not line.endswith(b"\n"):
        received = conn.recv(4096)
        if not received:
            break
        head, newline, _ = received.partition(b"\n")
        line += head + newline
    conn.sendall(line.upper())
    conn.shutdown(socket.SHUT_WR)
    while conn.recv(4096, socket.MSG_DONTWAIT):
        pass


def accept_client():
    try:
        return sock.accept()[0]
    except OSError as error:
        if error.errno in EXHAUSTED:
            time.sleep(0.1)  # the client is still in the queue: without a pause the loop would spin
        return None


def fork():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # a new Python forgets what came earlier
    try:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return pid
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def serve_in_child(conn):
    try:
        pid = fork()
    except OSError as error:
        print(f"fork: {error}", file=sys.stderr)
        return
    if pid == 0:
        try:
            os.setsid()
            sock.close()
            with contextlib.suppress(OSError):  # the client has gone, or has nothing left to drain
                serve(conn)
            conn.close()
        finally:
            os._exit(0)


def end_together(signo, frame):
    signal.signal(signo, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signo})  # or it would fork once more before it ends
    os.kill(0 if os.getpid() == os.getpgrp() else os.getpid(), signo)


signal.signal(signal.SIGTERM, end_together)
signal.signal(signal.SIGCHLD, reap)

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(("", int(sys.argv[1]) if len(sys.argv) > 1 else 54321))
sock.listen(64)
print(f"Server is listening on port {sock.getsockname()[1]}", flush=True)

while True:
    conn = accept_client()
    if conn is not None:
        serve_in_child(conn)
        conn.close()
