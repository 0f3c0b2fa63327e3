"""Waits for input by epoll_wait(), which nobody makes again; exit status 1 where that is broken off."""

import ctypes
import os
import select
import sys

libc = ctypes.CDLL(None)
found = ctypes.create_string_buffer(12)
epoll = select.epoll()
epoll.register(0, select.EPOLLIN)
os.write(1, b"ready\n")
while True:
    if libc.epoll_wait(epoll.fileno(), found, 1, -1) < 0:
        sys.exit(1)
    if not os.read(0, 64):
        sys.exit(0)
