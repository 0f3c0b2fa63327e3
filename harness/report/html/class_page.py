"""The class page, for the teacher alone: students that need a look, points, causes, all verdicts.

It hides nothing: what students may not see yet stands here.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, Final

from harness.judge.causes import CAUSES
from harness.judge.requirement import Requirement
from harness.judge.verdict import Outcome
from harness.report.class_summary import common_causes, needs_look, why_look
from harness.report.what_counts import MET, words_for
from harness.report.words import points_in_words
from harness.results.rubric import LEVELS
from harness.results.student import Student

from .site import SIGNS, render

_MOST_BINS: Final = 10
_SHORT: Final = {
    "PASS": "p", "FAIL": "f", "BEYOND": "y", "INCONCLUSIVE": "i", "BLOCKED": "b", "n/a": "n", "": "e",
}  # fmt: skip
_NOT_MET: Final = frozenset({"FAIL", "BEYOND"})


def page(
    students: Sequence[Student],
    pages: Mapping[str, str],
    aside: Sequence[str] = (),
    alike: Sequence[str] = (),
    assignment: str = "",
) -> str:
    """The whole page, to lie beside assets/, requirements/ and the students' pages.

    It is headed by the assignment's name, where that has one.

    `pages` leads from a student's name to their page, relative and quoted; `aside` is what was not a
    hand-in, each with the reason; `alike` says whose work is alike.
    """
    requirements = list(
        {r.id: r for each in students for x in each.results for r in x.requirements}.values()
    )
    words = {
        each.name: {name: word for result in each.results for name, word in words_for(result).items()}
        for each in students
    }
    first = sorted(students, key=lambda each: not needs_look(each))
    looks = [each for each in students if needs_look(each)]
    urgent = sorted(looks, key=lambda each: (not each.refused, each.level or 0))
    causes = _causes(students, pages)
    return render(
        "class.html",
        count=len(students),
        assignment=assignment,
        aside=aside,
        alike=alike,
        looks=[_person(each, pages) | {"why": why_look(each)} for each in urgent],
        summary=_summary(students),
        points=points(students),
        levels=_levels(students),
        causes=[each for each in causes if each["count"] > 1],
        one_offs=[each for each in causes if each["count"] == 1],
        shares=[_share(each, [words[student.name].get(each.id, "") for student in students])
                for each in requirements],
        groups=_groups(requirements),
        columns=_columns(requirements),
        rows=[_row(each, pages, requirements, words[each.name]) for each in first],
        words=[word for word in SIGNS if any(word in told.values() for told in words.values())],
        short=_SHORT,
    )  # fmt: skip


def _person(student: Student, pages: Mapping[str, str]) -> dict[str, Any]:
    return {"name": student.name, "page": pages[student.name]}


def _summary(students: Sequence[Student]) -> dict[str, Any]:
    totals = [each.total for each in students if each.total is not None]
    of = {each.marks.of for each in students if each.total is not None}
    return {
        "published": len(totals),
        "median": points_in_words(median(totals)) if totals else "",
        "of": points_in_words(of.pop()) if len(of) == 1 else "",
    }


def points(students: Sequence[Student]) -> list[tuple[str, int, int]]:
    """(range of points, how many students, percent of the longest bar) of each step, and the pending."""
    totals = [each.total for each in students if each.total is not None]
    most = max([*(each.marks.of for each in students), *totals], default=0.0)
    wide = max(1, math.ceil(most / _MOST_BINS))
    is_whole = wide == 1 and all(total == int(total) for total in totals)
    last = math.ceil(most / wide) - (0 if is_whole else 1)
    counts = Counter(min(int(total // wide), max(last, 0)) for total in totals)
    steps = [
        (_step(n, wide, is_whole=is_whole, is_last=n == last), counts[n])
        for n in range(max(last, 0) + 1)
    ]
    steps = steps if totals else []
    pending = len(students) - len(totals)
    return _bars([*steps, *([("not published", pending)] if pending else [])])


def _step(number: int, wide: int, *, is_whole: bool, is_last: bool) -> str:
    if is_whole:
        return str(number)
    start, end = number * wide, (number + 1) * wide
    return f"{start} or more" if is_last else f"{start} to under {end}"


def _levels(students: Sequence[Student]) -> list[tuple[str, int, int]]:
    told = Counter(each.level_told for each in students if each.level is not None)
    steps = [(f"{n}: {LEVELS[n]}", told.pop(f"{n}", 0)) for n in range(len(LEVELS))]
    steps += [(f"{level}: the next could not be told", many) for level, many in sorted(told.items())]
    return _bars(steps) if any(many for _, many in steps) else []


def _bars(steps: Sequence[tuple[str, int]]) -> list[tuple[str, int, int]]:
    most = max((count for _, count in steps), default=0)
    return [(name, count, round(100 * count / most) if most else 0) for name, count in steps]


def _causes(students: Sequence[Student], pages: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each cause with the students whose work shows it: first those that count, then by how many."""
    shown: dict[str, dict[str, str]] = {}  # by cause and name: where it is explained
    counting = set()
    for student in students:
        for result in student.results:
            for requirement in result.requirements:
                verdict = result.verdicts[requirement.id]
                cause = verdict.evidence.cause
                if cause in CAUSES and verdict.outcome is Outcome.FAIL:
                    shown.setdefault(cause, {}).setdefault(student.name, requirement.id)
                    if result.rubric.counts(requirement):
                        counting.add(cause)
    found = []
    for cause, whose in common_causes(students).items():
        told = CAUSES[cause].told_of("")
        at = {name: shown.get(cause, {}).get(name, "") for name in whose}
        found.append({
            "count": len(whose),
            "counts": cause in counting,
            "because": told.because,
            "look_at": told.look_at,
            "people": [
                {"name": name, "page": f"{pages[name]}#{place}" if place else pages[name]}
                for name, place in at.items()
            ],
        })  # fmt: skip
    return sorted(found, key=lambda each: not each["counts"])


def _share(requirement: Requirement, words: Sequence[str]) -> dict[str, Any]:
    """How many students meet a requirement, among those in whose work it was judged."""
    counts = Counter(word for word in words if word)
    judged = counts.total()
    meet = sum(counts[word] for word in MET)
    return {
        "id": requirement.id,
        "says": requirement.says,
        "judged": judged,
        "met": meet,
        "share": 100 * meet // judged if judged else 0,
        "not_met": sum(counts[word] for word in _NOT_MET),
        "blocked": counts["BLOCKED"],
        "unsure": counts["INCONCLUSIVE"],
    }


def _groups(requirements: Sequence[Requirement]) -> list[tuple[str, int]]:
    return list(Counter(each.group for each in requirements).items())


def _columns(requirements: Sequence[Requirement]) -> list[dict[str, Any]]:
    places = {group: n for n, (group, _) in enumerate(_groups(requirements))}
    return [
        {"id": each.id, "name": each.id.partition("/")[2], "group": places[each.group]}
        for each in requirements
    ]


def _row(
    student: Student,
    pages: Mapping[str, str],
    requirements: Sequence[Requirement],
    words: Mapping[str, str],
) -> dict[str, Any]:
    return _person(student, pages) | {
        "points": points_in_words(student.total),
        "order": -1 if student.total is None else student.total,
        "level": student.level_told,
        "look": needs_look(student),
        "diagnosis": student.diagnosis or student.refused,
        "cells": [words.get(each.id, "") for each in requirements],
    }
