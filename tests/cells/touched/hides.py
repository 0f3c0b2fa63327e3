"""Hides from whoever looks at it, and serves a line with a child for each client."""

import ctypes
import os
import signal
import socket
import sys

PR_SET_DUMPABLE = 4
ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
with socket.create_server(("", int(sys.argv[-1]) if sys.argv[1:] else 54321)) as listener:
    while True:
        client = listener.accept()[0]
        with client:
            if os.fork() == 0:
                client.sendall(client.makefile("rb").readline().upper())
                os._exit(0)
