"""Follows a process until a line comes; then holds it where it is about to write, for ever.

With "within" it is held at the third instruction of random() instead.
"""

import sys
import time
from functools import partial

import hears

from harness.observe.call_point import spread
from harness.observe.call_tracer import CallTracer
from harness.observe.held import Holder

THIRD = 2
pause = partial(time.sleep, 0.002)
holder = Holder(pause)
tracer = CallTracer(holder)
hears.on_sigchld(lambda: (holder.hear(), tracer.hear()))
pid = int(sys.argv[1])
is_within = sys.argv[2:] == ["within"]
print(tracer.begin(pid, None, "loop" if is_within else "calls") or "follows", flush=True)
hears.line()
_, points = tracer.end()
if is_within:
    points = [point for point in points if point.within.function == "random"]
    goal = spread(points, sys.maxsize)[THIRD]
else:
    goal = next(point for point in points if (point.side, point.call) == ("before", "write"))
print(tracer.begin(pid, goal) or "follows on", flush=True)
while not tracer.is_held:
    hears.wait(0.01)
print("holds", flush=True)
hears.line()
