"""Forks for each line that it reads: the child writes a "c", and the parent a "p" behind fork()."""

import os
import sys

for _ in sys.stdin:
    if os.fork() == 0:
        os.write(1, b"c")
        os._exit(0)
    os.write(1, b"p")
    os.wait()
    os.write(1, b"\n")
