"""Lets "parent" or "child" run first at each fork() of `tells_who_ran.py`; prints what it tells."""

import select
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from harness.observe.fork_tracer import ForkTracer
from harness.observe.held import Holder

first, times = sys.argv[1], int(sys.argv[2])
pause = partial(time.sleep, 0.002)
tracer = ForkTracer(Holder(pause), pause)
signal.signal(signal.SIGCHLD, lambda *_: tracer.hear())
pipe = subprocess.PIPE
with subprocess.Popen(
    [sys.executable, "-u", str(Path(__file__).with_name("tells_who_ran.py"))], stdin=pipe, stdout=pipe
) as asked:
    tracer.begin(asked.pid, first)
    told = b""
    for number in range(times):
        asked.stdin.write(b"\n")
        asked.stdin.flush()
        while told.count(b"\n") == number:
            ready = select.select([asked.stdout, tracer], [], [])[0]
            if tracer in ready:
                tracer.hear()
            if asked.stdout in ready:
                told += asked.stdout.read1(64)
                if told.endswith(b"p"):
                    tracer.release()
    print(*tracer.end())
    asked.stdin.write(b"\n")
    asked.stdin.close()
    rest = asked.stdout.read()
print(told.decode().replace("\n", " "))
print(len(rest))
