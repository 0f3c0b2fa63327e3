"""Markdown: for subjects a table of failures; for a class what a teacher reads first."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from harness.judge.causes import CAUSES
from harness.report.because import why
from harness.report.class_summary import common_causes, needs_look, why_look
from harness.report.hide_paths import without_our_folders
from harness.report.opened import opened
from harness.report.printable import printable
from harness.report.what_counts import word_for
from harness.report.words import total_in_words
from harness.results.result import Result
from harness.results.student import Student

from .format import Format, Option

_MARKS: Final = re.compile(r"[\\`*_\[\]<>#|~&!]")


def as_summary(results: Sequence[Result]) -> str:
    """For each subject how far it has come, and a row for each requirement that fails or is not told."""
    return "\n".join(line for result in results for line in _summary(result)) + "\n"


def _summary(result: Result) -> Iterator[str]:
    yield from (f"## {_plain(result.subject)}", "")
    for said in filter(None, (result.headline, result.diagnosis.sentence)):
        yield from (_plain(said), "")
    if rows := list(opened(result)):
        yield from ("| | requirement | observed | because |", "|---|---|---|---|")
        for requirement, verdict in rows:
            observed = without_our_folders(verdict.evidence.observed)
            because = why(result, requirement, verdict)[0]
            cells = map(_plain, (word_for(result, requirement), requirement.id, observed, because))
            yield f"| {' | '.join(cells)} |"
        yield ""


def _plain(text: str) -> str:
    """Text that is no mark-up, whatever a server has printed."""
    return _MARKS.sub(r"\\\g<0>", printable(text)).replace("\n", " ")


def as_markdown(students: Sequence[Student]) -> str:
    """The first page for a teacher: students that need a look, all points, common causes."""
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
    says="a table of what fails; of a class who needs a look, the points of all, what to talk about",
    option=Option("--markdown", "Write a table of what fails."),
    of_results=as_summary,
    of_class=as_markdown,
    class_file="class",
    is_always_written=True,
    place=3,
)
