"""Points that a person types: what they mean, and how many there can be."""

import re
from typing import Final

import harness

from .lateness import LATE
from .marking import TOTAL, Marks, Override

_POINTS: Final = re.compile(r"(=|[+-]?)(\d+(?:\.\d+)?)")
_SAME: Final = 1e-9


def bounded(marks: Marks, name: str, points: str, reason: str) -> Override:
    """The override that is meant: "+2", "-1", "=3" for a line or the total, "=0" for days late.

    Raises:
        HarnessError: it is no such number, or more or less than the rubric has for it; the user's.
    """
    match = _POINTS.fullmatch(points)
    if match is None:
        raise harness.HarnessError(f"{points!r}: no points, such as +2, -1 or =3")
    sign, number = match.groups()
    sets, value = sign == "=", float(number) * (-1 if sign == "-" else 1)
    line = next((each for each in marks.marks if each.award.name == name), None)
    if name == LATE and line is None:
        if not sets or value != int(value):
            raise harness.HarnessError("late: say how many days, such as =0")
        return Override(name, value, reason, sets)
    if line is not None:
        most, now = line.award.points, line.earned
    elif name == TOTAL:
        if not sets:
            raise harness.HarnessError("total: say what it is, such as =12")
        bonus = sum(each.award.points for each in marks.marks if each.award.bonus)
        most, now = marks.of + bonus, marks.earned
    elif sets:
        raise harness.HarnessError(f"{name}: '=' is for a line of the rubric, or for total")
    else:
        most, now = marks.of, marks.earned
    after = value if sets else now + value
    if not -_SAME <= after <= most + _SAME:
        raise harness.HarnessError(
            f"{name}: there are 0 to {most:g} points by the rubric, and not {round(after, 2):g}"
        )
    return Override(name, value, reason, sets)
