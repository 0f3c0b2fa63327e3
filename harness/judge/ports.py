"""Facts about port numbers: which the kernel gives away, and which have their two bytes swapped."""

import re
from itertools import pairwise
from typing import Final

DRAWN_BY_THE_KERNEL: Final = range(32_768, 61_000)  # ip-sysctl, ip_local_port_range
_FEW: Final = 2
_FIRST_FREE: Final = 1024


def swapped(port: int) -> int:
    """The port that these two bytes give in the other order (byteorder(3))."""
    return int.from_bytes(port.to_bytes(2, "big"), "little")


def reads_swapped(port: int, told: int, printed: str) -> bool:
    """Whether a port is more likely another one without htons() than the one that was meant.

    It is if the server was `told` the other one, or `printed` only the other one; or else if only the
    other one looks like a number that a person has chosen.
    """
    other = swapped(port)
    if other == told:
        return True
    has_printed = [is_named(each, printed) for each in (other, port)]
    if any(has_printed):
        return has_printed == [True, False]
    return _looks_chosen(other) and not _looks_chosen(port)


def is_named(port: int, printed: str) -> bool:
    """Whether a port stands in the output as a number of its own."""
    return bool(re.search(rf"(?<!\d){port}(?!\d)", printed))


def _looks_chosen(port: int) -> bool:
    """Whether it is round, has digits in a row, or has only two different digits: 5000, 12345, 8899."""
    digits = str(port)
    steps = {int(b) - int(a) for a, b in pairwise(digits)}
    in_a_row = steps in ({1}, {-1})
    return port >= _FIRST_FREE and (port % 100 == 0 or in_a_row or len(set(digits)) <= _FEW)
