"""Follows a process by the tracer named, and at once lets it go: so many times, on one processor.

It waits for nothing: who gives up although the process has only had no processor yet cannot follow it
the next time.
"""

import subprocess
import sys

import hears

from harness.observe.call_point import Point
from harness.observe.call_tracer import CallTracer
from harness.observe.fork_tracer import ForkTracer
from harness.observe.held import Holder
from harness.observe.thread_tracer import ThreadTracer


def hurry() -> None:
    pass


holder = Holder(hurry)
tracers = {
    "call": lambda: CallTracer(holder),
    "thread": lambda: ThreadTracer(holder, hurry),
    "fork": lambda: ForkTracer(holder, hurry),
}
tracer = tracers[sys.argv[1]]()
hears.on_sigchld(lambda: (holder.hear(), tracer.hear()))
how = "parent" if isinstance(tracer, ForkTracer) else Point("before", "getppid", 0)
with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as followed:
    hears.share_a_processor_with(followed.pid)
    for _ in range(int(sys.argv[2])):
        refused = tracer.begin(followed.pid, how)
        if refused:
            print(refused)
        followed.stdin.write(b"hello\n")
        followed.stdin.flush()
        tracer.end()
    followed.stdin.close()
    print(followed.stdout.read().count(b"hello\n"))
