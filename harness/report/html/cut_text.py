"""What programs and compilers said, cut to the bytes that a page has for it."""

from bisect import bisect_right
from typing import Final

from markupsafe import escape

from harness.report.hide_paths import without_paths
from harness.report.printable import printable

_MOST_TOLD: Final = 6000  # characters
_MARGIN: Final = 2  # what is cut away first is never read for paths


def program_output(text: str, most: int) -> str:
    """A program's or a compiler's words, without this machine's folders; cut where it is long."""
    read = beginning(text, _MOST_TOLD)
    clean = without_paths(read)
    told = shortened(clean[:_MOST_TOLD], most)
    is_whole = len(read) == len(text) and told == clean
    return told if is_whole else f"{told}\n[... {len(text)} characters in all]"


def beginning(text: str, most: int) -> str:
    """The beginning of a text: more than what is shown, so that no folder's name is cut apart."""
    begun = text[: _MARGIN * most]
    if len(begun) == len(text):
        return text
    end = max(begun.rfind(" "), begun.rfind("\n"))
    return begun[:end] if end > 0 else begun


def shortened(text: str, most: int) -> str:
    """The longest beginning of a text that takes at most this number of bytes on a page."""
    text = text[: most + 1]
    if _size(text) <= most:
        return text
    return text[: bisect_right(range(len(text)), most, key=lambda end: _size(text[:end])) - 1]


def _size(text: str) -> int:
    """In bytes, as it is written on a page."""
    return len(escape(printable(text)).encode())
