"""A badge of the level reached, as shields.io reads it from a file: https://shields.io/badges/endpoint-badge."""

import json
from collections.abc import Sequence
from typing import Final

from harness.results.result import Result

from .format import Format, Option

_MET: Final = {0: ("all that counts is met", "brightgreen"), 1: ("fails", "red")}
_UNTOLD: Final = ("could not be told", "lightgrey")


def as_badge(results: Sequence[Result]) -> str:
    """The lowest level of all; if there are no levels, whether all that counts is met."""
    least = min(results, key=lambda each: -1 if each.level is None else each.level)
    if least.level is None:
        statuses = {each.exit_status for each in results}
        says, colour = _MET.get(1 if 1 in statuses else max(statuses), _UNTOLD)
    else:
        says = f"level {least.level_told} of {max(least.rubric.goal, least.level)}"
        colour = (
            "brightgreen" if least.level >= least.rubric.goal else "orange" if least.level else "red"
        )
        colour = _UNTOLD[1] if least.is_least else colour
    badge = {"schemaVersion": 1, "label": "forkspec", "message": says, "color": colour}
    return json.dumps(badge) + "\n"


FORMAT: Final = Format(
    name="badge",
    extension="badge.json",
    says="the lowest level reached, for a badge of shields.io",
    option=Option("--badge", "Write the level reached, for a badge."),
    of_results=as_badge,
    place=6,
)
