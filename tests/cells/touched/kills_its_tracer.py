"""A sound server with a thread for each client, that ends whoever traces it as soon as one has come."""

import contextlib
import os
import re
import signal
import socket
import sys
import threading
from pathlib import Path


def end_tracer():
    tracer = int(re.search(r"TracerPid:\t(\d+)", Path("/proc/thread-self/status").read_text())[1])
    if tracer:
        os.kill(tracer, signal.SIGKILL)


def serve(connection):
    with connection, contextlib.suppress(OSError):
        connection.sendall(connection.makefile("rb").readline().upper())


listener = socket.create_server(("", int(sys.argv[1]) if sys.argv[1:] else 54321), backlog=128)
print("Server listening", flush=True)
while True:
    try:
        connection, _ = listener.accept()
    except OSError:
        continue
    end_tracer()
    with contextlib.suppress(RuntimeError):
        threading.Thread(target=serve, args=(connection,), daemon=True).start()
