"""Orders that decide who runs first after a fork()."""

from typing import assert_never

from harness.observe.fork_tracer import ForkTracer

from .fork_protocol import BeginForkOrder, EndForkOrder, ForkOrder, Forks, ReleaseChildren


class ForkOrders:
    """Traces at most one process of the family at a time."""

    def __init__(self, tracer: ForkTracer) -> None:
        self._tracer = tracer

    def obey(self, order: ForkOrder) -> str | Forks | None:
        """One order and its answer."""
        match order:
            case BeginForkOrder():
                return self._begin(order)
            case ReleaseChildren():
                self._tracer.release()
            case EndForkOrder():
                return Forks(*self._tracer.end())
            case _:
                assert_never(order)
        return None

    def _begin(self, order: BeginForkOrder) -> str:
        try:
            self._tracer.begin(order.pid, order.first)
        except OSError as error:
            return f"ptrace(): {error.strerror}"
        return ""
