"""A student's page: how far it has come, what failed and why, and pictures of what was seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from harness.judge.requirement import Requirement
from harness.judge.verdict import Outcome, Verdict
from harness.record.events import BuildFailed, Built, Printed, Submitted, WithBytes
from harness.report.because import SAME
from harness.report.failure_lines import explained
from harness.report.hide_paths import without_our_folders, without_paths
from harness.report.opened import opened
from harness.report.student_lines import why_unshown
from harness.report.what_counts import MET, beyond, counted, signs_told, star, tallied, words_for
from harness.report.words import command, points_in_words, remark, terms
from harness.results.marking import Feedback, Marks
from harness.results.result import Result
from harness.results.rubric import LEVELS
from harness.results.student import Student, as_told

from . import diagram_signs
from .cut_text import beginning, program_output, shortened
from .drawn_scenarios import DrawnScenarios, anchor
from .site import SIGNS, render

MOST_BYTES: Final = 400_000
_MOST_NAMED: Final = 5


class _Room(NamedTuple):
    """Bytes: for all pictures of a page, for all that programs and compilers said, and for a line."""

    pictures: int
    said: int
    line: int

    def shared(self, among: int) -> _Room:
        """The size that one of this number of results may take."""
        return self._replace(pictures=self.pictures // among, said=self.said // among)


_ROOMS: Final = (  # the most that the page can hold; the last is room enough for any
    _Room(350_000, 60_000, 3000),
    _Room(320_000, 60_000, 3000),
    _Room(280_000, 60_000, 3000),
    _Room(200_000, 60_000, 3000),
    _Room(120_000, 60_000, 3000),
    _Room(0, 60_000, 3000),
    _Room(0, 6_000, 100),
)


def of_result(result: Result) -> str:
    """The page of one subject."""
    points = _points(result.marks, Feedback(), "") if result.marks else None
    shown = {"name": result.subject, "points": points, "remarks": (), "refused": "", "hides": False}
    return _within_size([result], shown)


def of_student(student: Student, feedback: Feedback, now: str) -> str:
    """The page of one student of a class, as it may be seen at a moment (ISO 8601)."""
    shown = {
        "name": student.name,
        "points": _points(student.marks, feedback, now) | {"total": student.total},
        "remarks": student.remarks,
        "refused": student.refused,
        "hides": any(
            feedback.hides(each, now) for result in student.results for each in result.verdicts
        ),
    }
    return _within_size([as_told(result, feedback, now) for result in student.results], shown)


def _within_size(results: Sequence[Result], shown: Mapping[str, Any]) -> str:
    """The page, one file that needs no other, with as many pictures as it may hold."""
    page = ""
    drawn = [
        DrawnScenarios(result, [requirement.scenario for requirement, _ in _first_cause_first(result)])
        for result in results
    ]
    for room in _ROOMS:
        share = room.shared(len(results) or 1)
        parts = [_part(result, share, scenes) for result, scenes in zip(results, drawn, strict=True)]
        _place(parts)
        page = render("student.html", parts=parts, **shown)
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
        shown = each.because_told(feedback, now)
        rows.append(
            {
                "name": each.name_told(feedback, now),
                "text": each.text_told(feedback, now),
                "earned": points_in_words(each.earned),
                "of": points_in_words(each.award.points),
                "bonus": each.award.bonus,
                "pending": points_in_words(each.pending) if each.pending else "",
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
        "of": points_in_words(marks.of),
        "pending": points_in_words(marks.pending) if marks.pending else "",
        "rows": rows,
        "given": given,
    }


def _part(result: Result, room: _Room, scenes: DrawnScenarios) -> dict[str, Any]:
    """All that the template shows of one result: a student may have a server and a client."""
    failures = _first_cause_first(result)
    scenes.fit(room.pictures)
    words = words_for(result)
    return {
        "subject": result.subject,
        "level": result.level,
        "headline": result.headline.removesuffix(f"; {result.next_level_needs}"),
        "is_least": result.is_least,
        "goal": max(result.rubric.goal, result.level or 0),
        "levels": list(enumerate(LEVELS))[1:],
        "diagnosis": result.diagnosis.sentence,
        "needs": result.next_level_needs,
        "opened": [each.id for each, _ in failures],
        "counted": "; ".join(filter(None, (counted(result, counts=each) for each in (True, False)))),
        "judged": list(_judged(result, room.line)),
        "groups": list(_groups(result, words, room.line)),
        "blocked": _blocked(result, words),
        "marks": signs_told(result),
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
        "where": "; ".join(_where(result)),
    }


def _first_cause_first(result: Result) -> list[tuple[Requirement, Verdict]]:
    """The failures: those that count first, and among these what the diagnosis begins with."""
    first = next(iter(result.diagnosis.causes), "")

    def place(failure: tuple[Requirement, Verdict]) -> tuple[bool, bool, bool]:
        requirement, verdict = failure
        return (
            verdict.outcome is not Outcome.FAIL,
            not result.rubric.counts(requirement),
            not first or verdict.evidence.cause != first,
        )

    return sorted(opened(result), key=place)


def _judged(result: Result, most: int) -> Iterator[tuple[str, str]]:
    """What was judged: by which assignment, when, which files, how they were built and started."""
    seen = next((e for r in result.recordings.values() for e in r.every(Submitted)), Submitted(0, ""))
    asked = result.assignment
    yield "assignment", asked.name or asked.source.rpartition("/")[2] or "none was given"
    if judged_by := terms(result):
        yield "contract", judged_by
    more = f", and {seen.many - len(seen.files)} more" if seen.many > len(seen.files) else ""
    for name, text in (
        ("day", seen.day),
        ("files", ", ".join(seen.files) + more),
        ("built by", seen.built),
        ("started by", seen.start),
        ("where", f"in the {result.cell} cell"),
    ):
        if text:
            yield name, shortened(without_paths(text), most)


def _where(result: Result) -> Iterator[str]:
    yield f"cell: {result.cell}; seed: {result.seed}"
    if result.cell != "bubblewrap" and result.refusals:
        yield f"a lesser cell, because: {'; '.join(result.refusals)}"
    if result.retried:
        yield f"tried twice, since the first try did not tell: {', '.join(result.retried)}"


def tally(result: Result) -> list[tuple[str, int]]:
    """How many verdicts there are of each word."""
    words = list(words_for(result).values())
    return [(word, words.count(word)) for word in SIGNS if word in words]


def _groups(result: Result, words: Mapping[str, str], most: int) -> Iterator[dict[str, Any]]:
    """The rows of what was judged, by group."""
    explained_too = {each.id for each, _ in opened(result)}
    for group, members in groupby(result.requirements, lambda each: each.group):
        asked = list(members)
        rows = [
            {
                "id": each.id,
                "star": star(result, each),
                "word": words[each.id],
                "remark": shortened(remark(result, each, result.verdicts[each.id]), most),
                "is_opened": each.id in explained_too,
            }
            for each in asked
            if words[each.id] != "BLOCKED"
        ]
        if rows:
            yield {
                "name": group,
                "told": tallied(result.verdicts[each.id] for each in asked),
                "is_met": {each["word"] for each in rows} <= MET,
                "rows": rows,
            }


def _blocked(result: Result, words: Mapping[str, str]) -> list[dict[str, Any]]:
    """What was not judged, by the reason."""
    found: dict[str, list[str]] = {}
    for each in result.requirements:
        if words[each.id] == "BLOCKED":
            found.setdefault(remark(result, each, result.verdicts[each.id]), []).append(each.id)
    return [{"because": because, "ids": ids} for because, ids in found.items()]


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
    is_told = lines.get("because", "").startswith(SAME)
    about = {} if is_told else {"it matters": requirement.why, "source": requirement.source}
    told = {
        name: shortened(without_our_folders(beginning(text, most)), most) for name, text in lines.items()
    }
    return {
        "id": requirement.id,
        "word": word,
        "says": requirement.says,
        "beyond": beyond(result, requirement, verdict) if word == "BEYOND" else "",
        "is_told": is_told,
        "lines": list({**told, **about}.items()),
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
