"""Orders that hold the server beside a system call."""

from typing import assert_never

from harness.observe.call_tracer import CallTracer
from harness.observe.thread_tracer import ThreadTracer

from .call_protocol import (
    AskHeld,
    CallOrder,
    HoldAtPoint,
    HoldThread,
    LetGo,
    Passed,
    ReleaseNewborn,
)


class CallOrders:
    """Follows at most one process of the family at a time, or all threads of one."""

    def __init__(self, tracer: CallTracer, of_threads: ThreadTracer) -> None:
        self._tracer = tracer
        self._of_threads = of_threads
        self._active: CallTracer | ThreadTracer = tracer

    def obey(self, order: CallOrder) -> str | bool | Passed | None:
        """One order and its answer."""
        match order:
            case HoldAtPoint() | HoldThread():
                return self._hold(order)
            case AskHeld():
                return self._of_threads.is_reached
            case ReleaseNewborn():
                self._tracer.release()
            case LetGo():
                return Passed(*self._active.end(), self._tracer.called, self._tracer.is_told)
            case _:
                assert_never(order)
        return None

    def _hold(self, order: HoldAtPoint | HoldThread) -> str:
        try:
            if isinstance(order, HoldAtPoint):
                self._active = self._tracer
                return self._tracer.begin(order.pid, order.goal, order.look)
            self._active = self._of_threads
            return self._of_threads.begin(order.pid, order.goal)
        except OSError as error:
            return f"ptrace(): {error.strerror}"
