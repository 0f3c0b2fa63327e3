"""The words on a student for course systems: nothing that may not be seen at that moment."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from harness.judge.requirement import Requirement
from harness.judge.verdict import Verdict
from harness.results.marking import Feedback, Mark
from harness.results.result import Result
from harness.results.rubric import CONCURRENT, is_for_want_of_children, met
from harness.results.student import Student, as_told

from .because import why
from .failure_lines import by_hand
from .hide_paths import without_our_folders
from .printable import printable

_HIDDEN: Final = "not shown before its day"


def shown_verdicts(
    student: Student, feedback: Feedback, now: str
) -> Iterator[tuple[Result, Requirement, Verdict]]:
    """Each requirement that may be seen, with its verdict, and the result that it belongs to."""
    for result in student.results:
        shown = as_told(result, feedback, now)
        for requirement in shown.requirements:
            yield shown, requirement, shown.verdicts[requirement.id]


def why_points(student: Student, mark: Mark, feedback: Feedback, now: str) -> str:
    """The assignment's own words; the ids that are not met, the hidden ones counted; or who grades."""
    shown = mark.because_told(feedback, now)
    hidden = len(mark.because) - len(shown)
    parts = shown + ([f"{hidden} {_HIDDEN}"] if hidden else [])
    told = [mark.text_told(feedback, now), f"not met: {', '.join(parts)}" if parts else ""]
    told += [f"{o.told}: {o.reason}" for o in student.marks.overrides if o.name == mark.award.name]
    told.append(why_unshown(mark, feedback, now))
    if student.marks.awaits_person(mark):
        told.append(f"a person gives these points, {mark.award.points:g} at most")
    return printable("\n".join(filter(None, told)))


def why_unshown(mark: Mark, feedback: Feedback, now: str) -> str:
    """Why what does not apply earns nothing on this line; "" where that is not so, or is hidden."""
    if feedback.hides(CONCURRENT, now):
        return ""
    shown = [each for each in mark.unshown if not feedback.hides(each, now)]
    if not all(map(is_for_want_of_children, shown)):
        return "a program that does not start has shown nothing: what does not apply to it earns nothing"
    many = len(shown)
    told = f"{many} ask for children: without any, what counts is {CONCURRENT}"
    return told.replace(" ask ", " asks ") if many == 1 else told if many else ""


def explained(result: Result, requirement: Requirement, verdict: Verdict) -> str:
    """A verdict in lines: the sentence; where it is not met what was seen, why, and how to see it."""
    lines = [f"{verdict.outcome.value}: {requirement.says} ({requirement.source})"]
    if not met(verdict):
        evidence = verdict.evidence
        lines += [f"expected: {evidence.expected}"] if evidence.expected else []
        lines += [f"observed: {without_our_folders(evidence.observed)}"]
        because, look_at = why(result, requirement, verdict)
        lines += [f"because: {because}", f"look at: {look_at}"] if because else []
        lines += [f"by hand: {by_hand(result, requirement)}"]
    return printable("\n".join(lines))


def headline(student: Student, feedback: Feedback, now: str) -> str:
    """The diagnosis of the first result, or why there is none, and what is remarked."""
    told = [as_told(result, feedback, now).diagnosis.sentence for result in student.results[:1]]
    return printable(" ".join(filter(None, [student.refused, *told, *student.remarks])))


def points_lines(student: Student, feedback: Feedback, now: str) -> Iterator[tuple[str, bool | None]]:
    """Each line of the rubric with its points and why; whether it is passed, None if a person says."""
    for mark in student.marks.marks:
        told = f"{round(mark.earned, 2):g} of {mark.award.points:g}  {mark.name_told(feedback, now)}"
        why = why_points(student, mark, feedback, now).replace("\n", "; ")
        untold = student.marks.awaits_person(mark) or bool(mark.pending)
        yield _on_one_line(f"{told}  {why}"), None if untold else mark.is_passed
    for given in student.marks.beside_lines:
        yield _on_one_line(f"{given.told}  {given.name}  {given.reason}"), True


def _on_one_line(text: str) -> str:
    return " ".join(printable(text).splitlines()).rstrip()


def what_is_not_met(student: Student, feedback: Feedback, now: str) -> list[str]:
    """Each verdict that may be seen and is not met, explained."""
    return [explained(*told) for told in shown_verdicts(student, feedback, now) if not met(told[2])]


def as_json_text(told: Mapping[str, object]) -> str:
    """JSON as these systems are given it."""
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"
