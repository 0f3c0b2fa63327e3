"""Lets a process that waits by epoll_wait() go at each of its stops in turn; prints its exit status."""

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from harness.observe import census
from harness.observe.call_tracer import CallTracer
from harness.observe.held import Holder

STOPS = 10  # and more than it makes until it sleeps again
pause = partial(time.sleep, 0.002)
holder = Holder(pause)
tracer = CallTracer(holder)
words = [sys.executable, str(Path(__file__).with_name("waits_by_epoll.py"))]
waitpid = os.waitpid


def hear_of_one_stop() -> None:
    heard = []

    def once(pid: int, how: int) -> tuple[int, int]:
        heard.append(waitpid(pid, how) if not heard else (0, 0))
        return heard[-1]

    os.waitpid = once
    tracer.hear()
    os.waitpid = waitpid


with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as followed:
    followed.stdout.readline()

    def waits_in(states: str) -> str:
        while (state := census.look_at(followed.pid)[0].state) not in states + "Z":
            pause()
        return state

    for stops in range(STOPS):
        waits_in("S")
        assert tracer.begin(followed.pid, None) == ""
        waits_in("t")
        hear_of_one_stop()  # it enters epoll_wait() once more
        waits_in("S")
        followed.stdin.write(b"hello\n")
        followed.stdin.flush()
        waits_in("t")
        for _ in range(stops):
            if waits_in("tS") == "t":
                hear_of_one_stop()
        waits_in("tS")
        tracer.end()
    followed.stdin.close()
print(followed.wait())
