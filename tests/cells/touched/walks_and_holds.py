"""Follows a process until a line comes; then holds it where it is about to write, for ever."""

import sys
import time
from functools import partial

import hears

from harness.observe.call_tracer import CallTracer
from harness.observe.held import Holder

pause = partial(time.sleep, 0.002)
holder = Holder(pause)
tracer = CallTracer(holder, pause)
hears.on_sigchld(lambda: (holder.hear(), tracer.hear()))
pid = int(sys.argv[1])
print(tracer.begin(pid, None) or "follows", flush=True)
hears.line()
_, points = tracer.end()
goal = next(point for point in points if (point.side, point.call) == ("before", "write"))
print(tracer.begin(pid, goal) or "follows on", flush=True)
while not tracer.is_held:
    hears.wait(0.01)
print("holds before write", flush=True)
hears.line()
