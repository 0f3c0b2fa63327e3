"""Measures how idle the machine's processors were: whether it was free to be measured on."""

from typing import Final

_IDLE: Final = (3, 4)  # idle and iowait; steal is another guest's, and so not ours to use
_ALL: Final = 8  # guest time is in user time already


class Idleness:
    """Counts from when it is made. Source: proc_stat(5)."""

    def __init__(self) -> None:
        self._idle, self._all = _ticks()

    def share(self) -> float | None:
        """The share of all processors' time since then that was idle; None if no time has passed."""
        idle, of = _ticks()
        return (idle - self._idle) / (of - self._all) if of > self._all else None


def _ticks() -> tuple[int, int]:
    with open("/proc/stat", "rb") as file:
        ticks = [int(word) for word in file.readline().split()[1 : _ALL + 1]]
    return sum(ticks[place] for place in _IDLE), sum(ticks)
