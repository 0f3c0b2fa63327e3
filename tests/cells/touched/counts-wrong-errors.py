"""Calls recv() on a socket that has nothing, until its input ends; prints the errors that are wrong."""

import runpy
import socket
import sys
import threading

runpy.run_path(sys.argv[1])
ours, _theirs = socket.socketpair()
ours.setblocking(False)
is_over = threading.Event()


def wait_for_the_end():
    """A thread that ends while faulthandler looks at all of them may take the program along."""
    sys.stdin.read()
    is_over.set()
    threading.Event().wait()


threading.Thread(target=wait_for_the_end, daemon=True).start()
print("ready", flush=True)
wrong = 0
while not is_over.is_set():
    try:
        ours.recv(1)
    except BlockingIOError:
        continue
    except OSError:
        wrong += 1
print(wrong)
