"""tcpserver3.py - slides 18-19: a handler for SIGCHLD waits for the children.

It waits once per signal. Signals do not queue (signal(7)): of N children that exit together, N-1 can stay zombies.
"""

import contextlib
import os
import signal
import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 54321


def sigchld_action(signo, frame):
    # With no child left, C's wait() merely returns -1, and the slide does not look. Python would raise.
    with contextlib.suppress(ChildProcessError):
        os.wait()  # release a child-process's resources
    signal.signal(signal.SIGCHLD, sigchld_action)  # reinstall handler


# Python runs the handler between two of its own instructions and then resumes accept() by itself (PEP 475).
signal.signal(signal.SIGCHLD, sigchld_action)  # install handler

# Slide 10 prints SOCK_DGRAM here, a slip: TCP needs SOCK_STREAM, and socket(2) refuses the mixture.
sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
sock.bind(("", port))
sock.listen(5)
print(f"Server is listening on port {port}", flush=True)

while True:
    conn, clientaddr = sock.accept()
    pid = os.fork()
    if pid == 0:  # child-process
        sock.close()
        buf = conn.recv(1024)
        if buf:
            conn.sendall(buf.upper())
        conn.close()
        sys.exit(0)
    # parent-process
    conn.close()
