"""The order of the tests on several workers: the longest first, the pure tests last.

A group of tests has one worker for itself. One that begins late would keep its worker busy long after
the others have nothing left to do; the pure tests fill the last seconds of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pytest

# The beginnings of groups (@) and of paths, longest first as measured; the longest that fits counts.
ORDER: Final = (
    "@plain",
    "@storms",
    "@proof",
    "@killed",
    "tests/cells/test_examples.py",
    "@browser",
    "@class",
    "@exports",
    "tests/cells/test_cells.py",
    "tests/cells/test_touches.py",
    "@clients",
    "@lecture",
    "@",
    "scenarios/",
    "tests/cells/",
    "",
    "tests/pure/",
)


def longest_first(items: list[pytest.Item]) -> None:
    """Sort the tests by what is expected of their group or file; those of one stay as they were."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    groups = {str(mark.args[0]) for mark in item.iter_markers("xdist_group")}
    name = "@" + "_".join(sorted(groups)) if groups else item.nodeid
    return max((len(start), place) for place, start in enumerate(ORDER) if name.startswith(start))[1]
