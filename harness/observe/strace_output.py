"""Whole calls from what strace writes: it cuts a call in two where another task's call comes between.

Source: strace(1), "<unfinished ...>" and "<... call resumed>".
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

_CUT: Final = b" <unfinished ...>"
_GOES_ON: Final = re.compile(rb"<\.\.\. (\w+) resumed>")


def whole_calls(lines: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes, bool]]:
    """The task, the whole call, and whether the call's beginning was written; in the order of returning.

    A line is the pid of a task, b"" where strace writes none, and what it did. If the beginning of a
    call was not written, the name of the call stands in its place.
    """
    begun: dict[bytes, bytes] = {}
    for pid, words in lines:
        if words.endswith(_CUT):
            begun[pid] = words.removesuffix(_CUT)
        elif cut := _GOES_ON.match(words):
            head = begun.pop(pid, None) or begun.pop(b"", None)  # strace names a task once there are two
            yield pid, (head or cut[1] + b"(") + words[cut.end() :], head is not None
        else:
            yield pid, words, True
