"""The tables of an assignment's file on points, late days and feedback."""

import datetime as dt
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, Final, Literal

import msgspec

from harness.judge.requirement import Tier
from harness.results.lateness import Late
from harness.results.marking import Award, Feedback, Marking

from . import catalogue
from .toml_errors import Slip, line_of

_ALL: Final = 100  # percent


class AwardTable(msgspec.Struct):
    """A table [[award]]."""

    points: float
    name: str = ""
    all: list[str] = []
    bonus: bool = False
    text: str = ""


class FeedbackTable(msgspec.Struct):
    """The table [feedback]."""

    before_deadline: Literal["all", "observed"] = "all"
    deadline: Any = None
    hidden: list[str] = []
    until: Any = None


class LateTable(msgspec.Struct):
    """The table [late]."""

    deadline: Any = None
    free_days: int = 0
    percent_per_day: float = 0.0
    most_percent: float = 100.0


def marking_in(
    points: dict[str, float], tables: list[AwardTable], most: float | None, text: str
) -> Marking | None:
    """The rubric of [points] and [[award]], of `most` points; None where the file gives no points.

    Raises:
        Slip: a value is impossible; the user's.
        UnknownRequirement: points are given for what is none.
    """
    awards = [Award(name, worth, (name,)) for name, worth in points.items()]
    for number, told in enumerate(tables, start=1):
        name = told.name or ", ".join(told.all) or f"award {number}"
        awards.append(
            Award(name, told.points, tuple(told.all), whole=True, bonus=told.bonus, text=told.text)
        )
    for award in awards:
        key = "points" if award.name in points else "award"
        if award.points < 0:
            raise Slip(
                f"{key}: {award.name} cannot be worth less than 0", line_of(text, (key, award.name))
            )
        _require_known(award.needs)
    return Marking(tuple(awards), most) if awards else None


def feedback_in(told: FeedbackTable, text: str) -> Feedback:
    """The feedback that students get before and after the deadline; raises as `marking_in`."""
    _require_known(told.hidden)
    moments = {}
    for key in ("deadline", "until"):
        moments[key] = _moment(getattr(told, key), text, ("feedback", key), ends=key == "deadline")
    if told.before_deadline == "observed" and not moments["deadline"]:
        where = line_of(text, ("feedback", "before_deadline"))
        raise Slip("[feedback] before_deadline: there is no deadline", where)
    return Feedback(told.before_deadline, moments["deadline"], tuple(told.hidden), moments["until"])


def late_in(told: LateTable, text: str) -> Late | None:
    """The price of late days, None where there is no deadline; raises as `marking_in`."""
    if told == LateTable():
        return None
    deadline = _moment(told.deadline, text, ("late", "deadline"), ends=True)
    if not deadline:
        raise Slip("[late] deadline: there is none", line_of(text, ("late",)))
    for key in ("free_days", "percent_per_day", "most_percent"):
        value = getattr(told, key)
        if value < 0 or (key != "free_days" and value > _ALL):
            raise Slip(f"[late] {key}: {value:g} is not from 0 to {_ALL}", line_of(text, ("late", key)))
    return Late(deadline, told.free_days, told.percent_per_day, told.most_percent)


def _moment(moment: Any, text: str, path: tuple[str, str], *, ends: bool) -> str:
    """A moment in this machine's time zone (ISO 8601); "" where the file has none.

    A deadline without a time is the end of its day.

    Raises:
        Slip: it is no date.
    """
    if moment is None:
        return ""
    if not isinstance(moment, dt.date):  # a datetime is a date, too
        table, key = path
        raise Slip(f"[{table}] {key}: {moment!r} is no date, such as 2027-01-31", line_of(text, path))
    if isinstance(moment, dt.datetime):
        local = moment.astimezone().replace(tzinfo=None) if moment.tzinfo else moment
        return local.isoformat(timespec="seconds")
    return (moment + dt.timedelta(days=1) if ends else moment).isoformat()


def _require_known(needs: Sequence[str]) -> None:
    """Raise UnknownRequirement for a name that is no tier, no group with requirements, no id."""
    if not needs:
        return
    known = catalogue.every_requirement()
    tiers, groups = [tier.value for tier in Tier], sorted({f"{each.group}/*" for each in known})
    for need in needs:
        if need not in tiers and not any(fnmatchcase(each.id, need) for each in known):
            raise catalogue.UnknownRequirement(need, [*tiers, *groups, *(each.id for each in known)])
