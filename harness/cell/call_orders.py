"""Orders that hold the server beside a system call."""

from typing import assert_never

from harness.observe.call_tracer import CallTracer

from .call_protocol import CallOrder, HoldAtPoint, LetGo, Passed, ReleaseNewborn


class CallOrders:
    """Follows at most one process of the family at a time."""

    def __init__(self, tracer: CallTracer) -> None:
        self._tracer = tracer

    def obey(self, order: CallOrder) -> str | Passed | None:
        """One order and its answer."""
        match order:
            case HoldAtPoint():
                return self._hold(order)
            case ReleaseNewborn():
                self._tracer.release()
            case LetGo():
                return Passed(*self._tracer.end())
            case _:
                assert_never(order)
        return None

    def _hold(self, order: HoldAtPoint) -> str:
        try:
            return self._tracer.begin(order.pid, order.goal)
        except OSError as error:
            return f"ptrace(): {error.strerror}"
