"""A student's page: how far it has come, what failed and why, and pictures of what was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from harness.judge.requirement import Requirement
from harness.judge.verdict import Verdict
from harness.record.events import BuildFailed, Built, Printed, WithBytes
from harness.report.student_lines import why_unshown
from harness.report.words import beyond, command, counted, explained, opened, remark, terms, word_for
from harness.results.marking import Feedback, Marks
from harness.results.result import Result
from harness.results.rubric import LEVELS
from harness.results.student import Student, as_told

from . import diagram_signs
from .cut_text import beginning, program_output, shortened
from .drawn_scenarios import DrawnScenarios, anchor
from .hide_paths import without_our_folders
from .site import SIGNS, render

MOST_BYTES: Final = 300_000
_MOST_NAMED: Final = 5
_OPENED: Final = frozenset({"FAIL", "BEYOND", "INCONCLUSIVE"})


class _Room(NamedTuple):
    """Bytes: for all pictures of a page, for all that programs and compilers said, and for a line."""

    pictures: int
    said: int
    line: int

    def shared(self, among: int) -> _Room:
        """What each of so many results may take."""
        return self._replace(pictures=self.pictures // among, said=self.said // among)


_ROOMS: Final = (  # the most that the page can hold; the last is room enough for any
    _Room(220_000, 60_000, 3000),
    _Room(190_000, 60_000, 3000),
    _Room(150_000, 60_000, 3000),
    _Room(100_000, 60_000, 3000),
    _Room(0, 60_000, 3000),
    _Room(0, 6_000, 100),
)


def of_result(result: Result, root: str, up: str = "") -> str:
    """The page of one subject; `root` as `site.render` has it, `up` the page of several beside it."""
    points = _points(result.marks, Feedback(), "") if result.marks else None
    shown = {
        "name": result.subject,
        "points": points,
        "remarks": (),
        "refused": "",
        "up": up,
        "hides": False,
    }
    return _within_size([result], root, shown)


def of_student(student: Student, feedback: Feedback, now: str, root: str) -> str:
    """The page of one of a class, as it may be seen at a moment (ISO 8601)."""
    shown = {
        "name": student.name,
        "points": _points(student.marks, feedback, now) | {"total": student.total},
        "remarks": student.remarks,
        "refused": student.refused,
        "up": "",
        "hides": any(
            feedback.hides(each, now) for result in student.results for each in result.verdicts
        ),
    }
    return _within_size([as_told(result, feedback, now) for result in student.results], root, shown)


def _within_size(results: Sequence[Result], root: str, shown: Mapping[str, Any]) -> str:
    """The page with as many pictures as it may hold."""
    page = ""
    for room in _ROOMS:
        parts = [_part(result, room.shared(len(results))) for result in results]
        _place(parts)
        page = render("student.html", root, parts=parts, **shown)
        if len(page.encode()) <= MOST_BYTES:
            break
    return page


def _place(parts: Sequence[dict[str, Any]]) -> None:
    """A failure's address is its id; a number goes before it where an earlier result has the same."""
    taken: set[str] = set()
    for number, part in enumerate(parts, 1):
        ids = {each["id"] for each in part["failures"]}
        part["prefix"] = f"{number}-" if ids & taken else ""
        taken |= ids


def _points(marks: Marks, feedback: Feedback, now: str) -> dict[str, Any]:
    rows = []
    for each in marks.marks:
        shown = [i for i in each.because if not feedback.hides(i, now)]
        rows.append(
            {
                "name": each.name_told(feedback, now),
                "text": each.text_told(feedback, now),
                "earned": _number(each.earned),
                "of": _number(each.award.points),
                "bonus": each.award.bonus,
                "pending": _number(each.pending) if each.pending else "",
                "ids": [i for i in shown if "/" in i][:_MOST_NAMED],
                "more": max(0, len(shown) - _MOST_NAMED),
                "others": [i for i in shown if "/" not in i],
                "hidden": len(each.because) - len(shown),
                "unshown": why_unshown(each, feedback, now),
            }
        )
    given = [{"name": o.name, "points": o.told, "reason": o.reason} for o in marks.overrides]
    return {
        "total": marks.earned if marks.is_published else None,
        "of": _number(marks.of),
        "pending": _number(marks.pending) if marks.pending else "",
        "rows": rows,
        "given": given,
    }


def _number(points: float) -> str:
    return f"{round(points, 2):g}"


def _part(result: Result, room: _Room) -> dict[str, Any]:
    """All that the template shows of one result: a student may have a server and a client."""
    failures = list(opened(result))
    scenes = DrawnScenarios(result, [requirement.scenario for requirement, _ in failures], room.pictures)
    words = _words(result)
    return {
        "subject": result.subject,
        "level": result.level,
        "headline": result.headline,
        "is_least": result.is_least,
        "goal": max(result.rubric.goal, result.level or 0),
        "levels": list(enumerate(LEVELS))[1:],
        "judged_by": terms(result),
        "diagnosis": result.diagnosis.sentence,
        "counted": counted(result, counts=True),
        "beyond": counted(result, counts=False),
        "tally": tally(result),
        "groups": _groups(result, words, room.line),
        "failures": [
            _failure(result, room.line, words[r.id], scenes, r, verdict) for r, verdict in failures
        ],
        "scenes": list(scenes.others()),
        "left_out": scenes.left_out,
        "broken": scenes.broken,
        "colours": diagram_signs.COLOURS,
        "signs": diagram_signs.SIGNS,
        "printed": program_output(_text(result, Printed), room.said // 3),
        "build": program_output(_text(result, Built), room.said // 3),
        "complaint": program_output(_text(result, BuildFailed), room.said // 3),
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


def _groups(
    result: Result, words: Mapping[str, str], most: int
) -> list[tuple[str, list[dict[str, Any]]]]:
    """The table's rows, by group."""
    return [
        (
            group,
            [
                {
                    "id": each.id,
                    "word": words[each.id],
                    "remark": shortened(remark(each, result.verdicts[each.id]), most),
                    "is_opened": words[each.id] in _OPENED,
                }
                for each in members
            ],
        )
        for group, members in groupby(result.requirements, lambda each: each.group)
    ]


def _failure(
    result: Result,
    most: int,
    word: str,
    scenes: DrawnScenarios,
    requirement: Requirement,
    verdict: Verdict,
) -> dict[str, Any]:
    lines = dict(explained(result, requirement, verdict))
    commands = {name: lines.pop(name) for name in ("by hand", "again")}
    told = {
        name: shortened(without_our_folders(beginning(text, most)), most) for name, text in lines.items()
    }
    return {
        "id": requirement.id,
        "word": word,
        "says": requirement.says,
        "beyond": beyond(requirement, verdict) if word == "BEYOND" else "",
        "lines": list({**told, "it matters": requirement.why, "source": requirement.source}.items()),
        "by_hand": commands["by hand"],
        "again": commands["again"],
        "scene": scenes.first(requirement.scenario),
        "is_drawn": scenes.is_drawn(requirement.scenario),
        "anchor": anchor(requirement.scenario),
    }


def _text(result: Result, kind: type[WithBytes]) -> str:
    """What was printed or said, of the first recording shown here that has it."""
    scenarios = {requirement.scenario for requirement in result.requirements}
    events = (r.first(kind) for name, r in result.recordings.items() if name in scenarios)
    return next((event.data.decode("utf-8", "replace") for event in events if event), "").strip()
