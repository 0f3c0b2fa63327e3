"""Markdown, which a teacher reads first: students that need a look, all points, common causes."""

from collections.abc import Iterator, Sequence
from typing import Final

from harness.judge.causes import CAUSES
from harness.report.class_summary import common_causes, needs_look, why_look
from harness.report.printable import printable
from harness.report.words import total_in_words
from harness.results.student import Student

from .format import Format


def as_markdown(students: Sequence[Student]) -> str:
    """What a teacher reads first: students that need a look, all points, common causes."""
    return "\n".join(_lines(students)) + "\n"


def _lines(students: Sequence[Student]) -> Iterator[str]:
    yield f"# {len(students)} students"
    looks = [each for each in students if needs_look(each)]
    if looks:
        yield from ("", "## To be looked at", "")
        for each in looks:
            yield f"- {_cell(each.name)}: {_cell(why_look(each))}"
    yield from ("", "## Points", "", "| student | points | level | |", "|---|---|---|---|")
    for each in students:
        why = _cell(each.diagnosis or each.refused)
        yield f"| {_cell(each.name)} | {total_in_words(each)} | {each.level_told} | {why} |"
    if causes := common_causes(students):
        yield from ("", "## What to talk about", "")
        for cause, whose in causes.items():
            yield f"- {len(whose)} times: {CAUSES[cause].told_of('').because}"


def _cell(text: str) -> str:
    return printable(text).replace("|", "\\|").replace("\n", " ")


FORMAT: Final = Format(
    name="markdown",
    extension="md",
    says="who needs a look, the points of all, what to talk about",
    of_class=as_markdown,
    class_file="class",
    is_always_written=True,
    place=3,
)
