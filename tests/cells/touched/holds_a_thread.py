"""Holds the first thread of a process that is about to call write(), until a line comes; then all go.

With "never" it waits for a call that nobody makes.
"""

import sys
import time
from functools import partial

import hears

from harness.observe.call_point import Point
from harness.observe.held import Holder
from harness.observe.thread_tracer import ThreadTracer

pause = partial(time.sleep, 0.002)
holder = Holder(pause)
tracer = ThreadTracer(holder, pause)
hears.on_sigchld(lambda: (holder.hear(), tracer.hear()))
pid = int(sys.argv[1])
followed = tracer.begin(pid, None)
print(followed or "follows", flush=True)
hears.line()
_, points = tracer.end()
writes = next(point for point in points if (point.side, point.call) == ("before", "write"))
goal = Point("before", "getppid", 0) if sys.argv[2:] == ["never"] else writes
print(tracer.begin(pid, goal) or "follows on", flush=True)
while not tracer.is_reached and sys.argv[2:] != ["never"]:
    hears.wait(0.01)
print("holds", flush=True)
hears.line()
print(tracer.end()[0], flush=True)
hears.line()
