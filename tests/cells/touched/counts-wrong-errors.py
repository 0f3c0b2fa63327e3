"""Calls recv() on a socket that has nothing, until its input ends; prints the errors that are wrong."""

import runpy
import socket
import sys
import threading

runpy.run_path(sys.argv[1])
ours, _theirs = socket.socketpair()
ours.setblocking(False)
threading.Thread(target=sys.stdin.read, daemon=True).start()
print("ready", flush=True)
wrong = 0
while threading.active_count() > 1:
    try:
        ours.recv(1)
    except BlockingIOError:
        continue
    except OSError:
        wrong += 1
print(wrong)
