"""Follows a process until a line comes; then holds it where it is about to write, for ever."""

import select
import signal
import sys
import time
from functools import partial

from harness.observe.call_tracer import CallTracer
from harness.observe.held import Holder

pause = partial(time.sleep, 0.002)
tracer = CallTracer(Holder(pause), pause)
signal.signal(signal.SIGCHLD, lambda *_: tracer.hear())
pid = int(sys.argv[1])
print(tracer.begin(pid, None) or "follows", flush=True)
sys.stdin.readline()
_, points = tracer.end()
goal = next(point for point in points if (point.side, point.call) == ("before", "write"))
print(tracer.begin(pid, goal) or "follows on", flush=True)
while not tracer.is_held:
    select.select([], [], [], 0.01)
print("holds before write", flush=True)
while True:
    signal.pause()
