"""A student's page: how far it has come, what failed and why, and pictures of what was seen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from harness.judge.marking import Feedback, Marks
from harness.judge.recording import Kind
from harness.judge.requirement import Requirement
from harness.judge.result import Result
from harness.judge.rubric import LEVELS, met
from harness.judge.student import Student, as_told
from harness.judge.verdict import Verdict
from harness.report.words import beyond, command, explained, opened, remark, word_for

from . import spacetime
from .scenes import Scenes, anchor
from .site import SIGNS, render

MOST_BYTES: Final = 300_000
_ROOMS: Final = (220_000, 170_000, 100_000, 0)  # bytes for pictures: the most that the page can hold
_MOST_NAMED: Final = 5
_MOST_TOLD: Final = 6000  # characters
_OPENED: Final = frozenset({"FAIL", "BEYOND", "INCONCLUSIVE"})
_PART: Final = r"[^/\s:\"'<>()]+"
_BUILDS: Final = re.compile(rf"(?:/{_PART})*/builds/[0-9a-f]{{24}}/")
_SOURCE: Final = re.compile(rf"(?<![\w.-])/(?:{_PART}/)+(?={_PART}\.\w{{1,5}}\b)")


def of_result(result: Result, root: str, up: str = "") -> str:
    """The page of one subject; `root` as `site.render` has it, `up` the page of several beside it."""
    points = _points(result.marks, Feedback(), "") if result.marks else None
    shown = {"name": result.subject, "points": points, "remarks": (), "refused": "", "up": up}
    return _within_size([result], root, shown)


def of_student(student: Student, feedback: Feedback, now: str, root: str) -> str:
    """The page of one of a class, as it may be seen at a moment (ISO 8601)."""
    shown = {
        "name": student.name,
        "points": _points(student.marks, feedback, now) | {"total": student.total},
        "remarks": student.remarks,
        "refused": student.refused,
        "up": "",
    }
    return _within_size([as_told(result, feedback, now) for result in student.results], root, shown)


def _within_size(results: Sequence[Result], root: str, shown: Mapping[str, Any]) -> str:
    """The page with as many pictures as it may hold."""
    page = ""
    for room in _ROOMS:
        parts = [_part(result, room // len(results)) for result in results]
        page = render("student.html", root, parts=parts, **shown)
        if len(page.encode()) <= MOST_BYTES:
            break
    return page


def _points(marks: Marks, feedback: Feedback, now: str) -> dict[str, Any]:
    rows = []
    for each in marks.marks:
        shown = [i for i in each.because if not feedback.hides(i, now)]
        rows.append(
            {
                "name": each.name_told(feedback, now),
                "earned": _number(each.earned),
                "of": _number(each.award.points),
                "bonus": each.award.bonus,
                "pending": _number(each.pending) if each.pending else "",
                "ids": [i for i in shown if "/" in i][:_MOST_NAMED],
                "more": max(0, len(shown) - _MOST_NAMED),
                "others": [i for i in shown if "/" not in i],
                "hidden": len(each.because) - len(shown),
            }
        )
    given = [{"name": o.name, "points": f"{o.points:+g}", "reason": o.reason} for o in marks.overrides]
    return {
        "total": marks.earned if marks.is_published else None,
        "of": _number(marks.of),
        "pending": _number(marks.pending) if marks.pending else "",
        "rows": rows,
        "given": given,
    }


def _number(points: float) -> str:
    return f"{round(points, 2):g}"


def _part(result: Result, room: int) -> dict[str, Any]:
    """All that the template shows of one result: a student may have a server and a client."""
    failures = list(opened(result))
    scenes = Scenes(result, [requirement.scenario for requirement, _ in failures], room)
    words = _words(result)
    return {
        "subject": result.subject,
        "level": result.level,
        "level_words": "" if result.level is None else LEVELS[result.level],
        "goal": max(result.rubric.goal, result.level or 0),
        "levels": list(enumerate(LEVELS))[1:],
        "diagnosis": result.diagnosis.sentence,
        "met": [_met(result, counts=True), _met(result, counts=False)],
        "tally": tally(result),
        "groups": _groups(result, words),
        "failures": [_failure(result, words[r.id], scenes, r, verdict) for r, verdict in failures],
        "scenes": list(scenes.others()),
        "left_out": scenes.left_out,
        "broken": scenes.broken,
        "colours": spacetime.COLOURS,
        "signs": spacetime.SIGNS,
        "printed": _told(_text(result, Kind.PRINTED)),
        "build": _told(_text(result, Kind.BUILT)),
        "complaint": _told(_text(result, Kind.BUILD_FAILED)),
        "whole": command(result),
        "cell": result.cell,
        "seed": result.seed,
        "refusals": () if result.cell == "bubblewrap" else result.refusals,
        "retried": result.retried,
    }


def tally(result: Result) -> list[tuple[str, int]]:
    """How many verdicts there are of each word."""
    words = list(_words(result).values())
    return [(word, words.count(word)) for word in SIGNS if word in words]


def _words(result: Result) -> dict[str, str]:
    return {
        each.id: word_for(result.verdicts[each.id], counts=result.rubric.counts(each))
        for each in result.requirements
    }


def _met(result: Result, *, counts: bool) -> tuple[int, int]:
    """How many are met, of how many that count or do not."""
    asked = [r for r in result.requirements if result.rubric.counts(r) is counts]
    return sum(met(result.verdicts[r.id]) for r in asked), len(asked)


def _groups(result: Result, words: Mapping[str, str]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The table's rows, by group."""
    return [
        (
            group,
            [
                {
                    "id": each.id,
                    "word": words[each.id],
                    "remark": remark(each, result.verdicts[each.id]),
                    "is_opened": words[each.id] in _OPENED,
                }
                for each in members
            ],
        )
        for group, members in groupby(result.requirements, lambda each: each.id.partition("/")[0])
    ]


def _failure(
    result: Result, word: str, scenes: Scenes, requirement: Requirement, verdict: Verdict
) -> dict[str, Any]:
    lines = dict(explained(result, requirement, verdict))
    commands = {name: lines.pop(name) for name in ("by hand", "again")}
    told = {name: _BUILDS.sub(".../", text) for name, text in lines.items()}
    return {
        "id": requirement.id,
        "word": word,
        "says": requirement.says,
        "beyond": beyond(verdict) if word == "BEYOND" else "",
        "lines": list({**told, "it matters": requirement.why, "source": requirement.source}.items()),
        "by_hand": commands["by hand"],
        "again": commands["again"],
        "scene": scenes.first(requirement.scenario),
        "is_drawn": scenes.is_drawn(requirement.scenario),
        "anchor": anchor(requirement.scenario),
    }


def _text(result: Result, kind: Kind) -> str:
    """What was printed or said, of the first recording shown here that has it."""
    scenarios = {requirement.scenario for requirement in result.requirements}
    events = (r.first(kind) for name, r in result.recordings.items() if name in scenarios)
    return next((event.data.decode("utf-8", "replace") for event in events if event), "").strip()


def _told(text: str) -> str:
    """A program's or a compiler's words, without this machine's folders; cut where it is long."""
    told = without_paths(text)
    more = len(told) - _MOST_TOLD
    return told if more <= 0 else f"{told[:_MOST_TOLD]}\n[... {more} characters more]"


def without_paths(text: str) -> str:
    """The same with "..." for the folders of this machine: where it was built, and of source files.

    For what programs and compilers say; in what was asked and answered a path may be the matter.
    """
    return _SOURCE.sub(".../", _BUILDS.sub(".../", text))
