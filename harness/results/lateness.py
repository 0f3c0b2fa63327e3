"""Late days: how late a hand-in was, and what that costs.

Moments are ISO 8601, in the time zone of the machine that graded.
"""

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import Final

LATE: Final = "late"
_A_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Late:
    """What an assignment says: after `deadline` each day begun that is not free costs `percent_per_day`.

    The percent are of the points that were earned; together they are at most `most_percent`.
    """

    deadline: str
    free_days: int = 0
    percent_per_day: float = 0.0
    most_percent: float = 100.0


@dataclass(frozen=True, slots=True)
class HandedIn:
    """When a hand-in came, "" where it is not known, and which system says so.

    `by` is "" where only the times of the files tell. `is_late` is what a system says that has no time.
    """

    at: str = ""
    by: str = ""
    is_late: bool | None = None


@dataclass(frozen=True, slots=True)
class Lateness:
    """How many days late, what they cost in percent, and a sentence that says where that is from.

    `by_files` where only the times of files tell it: a copy of a class without them is late.
    """

    days: int
    percent: float
    told: str
    by_files: bool = False


def lateness(late: Late | None, handed_in: HandedIn, days: float | None = None) -> Lateness | None:
    """The lateness to report; None where it was in time. `days` is how many a person has decided on."""
    if late is None:
        return None
    if days is not None:
        return _told(late, math.ceil(days), "a person says so")
    if handed_in.is_late is False or not handed_in.at:
        return None
    over = dt.datetime.fromisoformat(handed_in.at) - dt.datetime.fromisoformat(late.deadline)
    found = max(math.ceil(over / _A_DAY), int(bool(handed_in.is_late)))
    if found <= 0:
        return None
    at = f"{handed_in.at.replace('T', ' ')[:16]}, "
    by = (
        f"by {handed_in.by}" if handed_in.by else "the time of the newest file, since no system tells it"
    )
    if handed_in.is_late:
        by = f"late by {handed_in.by}, and how late by the newest file"
    told = _told(late, found, f"{at}{by}")
    return replace(told, by_files=not handed_in.by) if told else None


def _told(late: Late, days: int, source: str) -> Lateness | None:
    if not days:
        return None
    counted = max(0, days - late.free_days)
    percent = min(late.most_percent, counted * late.percent_per_day)
    free = f", {min(days, late.free_days)} of them free" if late.free_days else ""
    cost = f"{percent:g} % less" if percent else "nothing less"
    return Lateness(
        days, percent, f"{days} {'day' if days == 1 else 'days'} late ({source}){free}: {cost}"
    )
