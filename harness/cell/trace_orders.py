"""Orders that trace the server: which process runs first after fork(), which is held beside a call."""

from collections.abc import Callable
from functools import partial
from typing import assert_never

from harness.observe.call_tracer import CallTracer
from harness.observe.fork_tracer import ForkTracer
from harness.observe.held import Holder
from harness.observe.thread_tracer import ThreadTracer

from . import trace_protocol as orders


class TraceOrders:
    """Traces at most one process of the family at a time, or all threads of one.

    Call `hear` at SIGCHLD, and when this is readable.
    """

    def __init__(self, holder: Holder, pause: Callable[[], None]) -> None:
        """`pause` waits a moment."""
        self._forks = ForkTracer(holder, pause)
        self._calls = CallTracer(holder)
        self._threads = ThreadTracer(holder, pause)
        self._active: CallTracer | ThreadTracer = self._calls

    def fileno(self) -> int:
        """A descriptor that is readable once there may be news of a task that is traced."""
        return self._forks.fileno()

    def close(self) -> None:
        """Release what it hears by; another has taken its place."""
        self._forks.close()

    def hear(self) -> None:
        """Take what the traced tasks have come to."""
        for tracer in (self._forks, self._calls, self._threads):
            tracer.hear()

    def obey(  # noqa: PLR0911  (one for each order)
        self, order: orders.TraceOrder
    ) -> str | bool | orders.Forks | orders.Passed | None:
        """One order and its answer."""
        match order:
            case orders.BeginForkOrder():
                return _refused(partial(self._forks.begin, order.pid, order.first))
            case orders.HoldAtPoint():
                self._active = self._calls
                return _refused(partial(self._calls.begin, order.pid, order.goal, order.look))
            case orders.HoldThread():
                self._active = self._threads
                return _refused(partial(self._threads.begin, order.pid, order.goal))
            case orders.AskHeld():
                return self._threads.is_reached
            case orders.ReleaseChildren():
                self._forks.release()
            case orders.ReleaseNewborn():
                self._calls.release()
            case orders.EndForkOrder():
                return orders.Forks(*self._forks.end())
            case orders.LetGo():
                return orders.Passed(*self._active.end(), self._calls.called, self._calls.is_told)
            case _:
                assert_never(order)
        return None


def _refused(begin: Callable[[], str | None]) -> str:
    """Why this cannot begin; "" where it has begun."""
    try:
        return begin() or ""
    except OSError as error:
        return f"ptrace(): {error.strerror}"
