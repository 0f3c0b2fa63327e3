"""The report in a terminal: diagnosis first, then the table, then each failure explained."""

import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.judge.requirement import Requirement, Tier
from harness.judge.verdict import Outcome, Verdict
from harness.results.result import Result

from .failure_lines import explained, other_warnings
from .opened import opened, told_already
from .printable import printable
from .unbroken import Unbroken, held_together
from .what_counts import beyond, counted, signs_told, star, word_for
from .words import design_alone, remark, started_as, terms

_STYLE: Final = {
    "PASS": "green",
    "FAIL": "bold red",
    "BEYOND": "yellow",
    "INCONCLUSIVE": "magenta",
    "BLOCKED": "dim",
    "n/a": "dim",
}
_NARROW: Final = 76
_WIDE: Final = 1000
_BESIDE: Final = 18  # the margin, and the longest name of a line
_IN_A_TEST: Final = 96  # columns
_SHORT: Final = {"BLOCKED": ("-", "blocked"), "INCONCLUSIVE": ("?", "inconclusive")}


def show(result: Result, console: Console, *, table: bool = True) -> None:
    """Everything about one subject."""
    console.print(_headline(result))
    judged_by, started = terms(result), started_as(result)
    if judged_by or started:
        console.print(Text(printable(" ".join(filter(None, (judged_by, started)))), style="dim"))
    is_told_below = len(result.requirements) == 1 and any(opened(result))
    if head := design_alone(result) if is_told_below else result.diagnosis.sentence:
        console.print(Text(head, style="italic"))
    if table and not is_told_below:
        console.print()
        console.print(_table(result, narrow=console.width < _NARROW))
        if signs := signs_told(result):
            console.print()
            console.print(Text(signs, style="dim"))
    for requirement, verdict in opened(result):
        console.print()
        _explain(console, result, requirement, verdict)
    if warnings := other_warnings(result):
        console.print()
        console.print(Text("the build warns", style="bold"))
        console.print(Padding(Text(printable("\n".join(warnings)), style="yellow"), (0, 0, 0, 2)))
    console.print()
    _footer(console, result)


def matrix(results: Sequence[Result], console: Console) -> RenderableType:
    """Several subjects side by side, a row a requirement, their levels below.

    Where the console is too narrow for their names, they are numbered, and a line above says which;
    the longest words are signs there.
    """
    names = [printable(result.subject.partition(".")[0]) for result in results]
    table = _matrix(results, names, {})
    if console.measure(table, options=console.options.update_width(_WIDE)).maximum <= console.width:
        return table
    numbers = [f"{n}" for n in range(1, len(names) + 1)]
    which = ", ".join(f"{n} {name}" for n, name in zip(numbers, names, strict=True))
    signs = ", ".join(f"{short} {told}" for short, told in _SHORT.values())
    return Group(
        Text(which, style="dim"), Text(signs, style="dim"), _matrix(results, numbers, _SHORT, gap=1)
    )


def _matrix(
    results: Sequence[Result],
    heads: Sequence[str],
    instead: Mapping[str, tuple[str, str]],
    *,
    gap: int = 2,
) -> Table:
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    for head in heads:
        table.add_column(head, no_wrap=True)
    for requirement in results[0].requirements:
        words = [word_for(result, requirement) for result in results]
        told = (Text(instead.get(word, (word, ""))[0], style=_STYLE[word]) for word in words)
        table.add_row(requirement.id, *told)
    table.add_section()
    table.add_row("level", *(Text(result.level_told or "-", style="bold") for result in results))
    return table


def steadiness(runs: Sequence[Result]) -> str:
    """Whether the verdicts of several runs of one subject agree; which do not, if any."""
    differing = []
    for requirement in runs[0].requirements:
        outcomes = [run.verdicts[requirement.id].outcome.value for run in runs]
        if len(set(outcomes)) > 1:
            tally = ", ".join(f"{outcomes.count(each)} {each}" for each in dict.fromkeys(outcomes))
            differing.append(f"{requirement.id}: {tally}")
    if not differing:
        return f"{len(runs)} runs, every verdict the same"
    return f"{len(runs)} runs, verdicts that differ: {'; '.join(differing)}"


def explanation(result: Result, requirement: Requirement) -> str:
    """One verdict explained, as plain text: for a failing test."""
    verdict = result.verdicts[requirement.id]
    return plain(lambda out: _explain(out, result, requirement, verdict, alone=True), _IN_A_TEST)


def plain(draw: Callable[[Console], None], width: int) -> str:
    """A drawing on a console as lines of text, without colours and trailing blanks."""
    drawn = io.StringIO()
    draw(Console(file=drawn, width=width, color_system=None, highlight=False))
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())


def _headline(result: Result) -> Text:
    text = Text()
    text.append(printable(result.subject), style="bold")
    if result.headline:
        text.append(f"   {result.headline}")
    return text


def _table(result: Result, *, narrow: bool) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis")
    if not narrow:
        table.add_column(overflow="fold")
    group = None
    again = told_already(result)
    for requirement in result.requirements:
        if requirement.id in again:
            continue
        verdict = result.verdicts[requirement.id]
        word = word_for(result, requirement)
        here = requirement.group
        if group and here != group:
            table.add_section()
        group = here
        row = [Text(word, style=_STYLE[word]), Text(requirement.id + star(result, requirement))]
        if not narrow:
            row.append(
                Text(
                    printable(remark(result, requirement, verdict)),
                    style="" if word == "PASS" else _STYLE[word],
                )
            )
        table.add_row(*row)
    told = (each for each in result.requirements if each.id in again)
    shared = Counter((word_for(result, each), again[each.id]) for each in told)
    for (word, reason), count in shared.items():
        row = [Text(word, style=_STYLE[word]), Text(f"{count} more")]
        table.add_row(*row, *([] if narrow else [Text(printable(reason), style=_STYLE[word])]))
    return table


def _explain(
    console: Console, result: Result, requirement: Requirement, verdict: Verdict, *, alone: bool = False
) -> None:
    word = word_for(result, requirement)
    head = Text()
    head.append(f"{word:6}", style=_STYLE[word])
    head.append(f" {requirement.id}", style="bold")
    head.append(f"   {requirement.says}")
    head.append(f"   {requirement.source}", style="dim")
    console.print(head)
    if word == "BEYOND":
        console.print(Padding(Text(beyond(result, requirement, verdict), style="dim"), (0, 0, 0, 2)))
    lines = Table(box=None, padding=(0, 2, 0, 0), show_header=False, pad_edge=False)
    lines.add_column(no_wrap=True, style="dim")
    lines.add_column(overflow="fold")
    told = list(explained(result, requirement, verdict, alone=alone))
    drawn = _sketch(console, result, requirement, verdict, 4 + max(len(name) for name, _ in told))
    for name, text in told:
        if drawn is not None and name == "because":
            lines.add_row("seen", drawn)
        lines.add_row(name, Text(held_together(printable(text), console.width - _BESIDE)))
    console.print(Padding(Unbroken(lines), (0, 0, 0, 2)))


def _sketch(
    console: Console, result: Result, requirement: Requirement, verdict: Verdict, indent: int
) -> Text | None:
    """The failure's space-time diagram, in the signs that this console can show."""
    recording = result.recordings.get(requirement.scenario)
    if recording is None or verdict.outcome is not Outcome.FAIL:
        return None
    from .sketch import sketch  # noqa: PLC0415  only who fails pays for it: 35 ms of a check's start

    ascii_only = not console.encoding.startswith("utf")
    return sketch(recording, requirement.id, console.width - indent, ascii_only=ascii_only)


def _footer(console: Console, result: Result) -> None:
    parts = [counted(result, counts=True)]
    if (marks := result.marks) is not None:
        pending = f", {round(marks.pending, 2):g} more could not be told" if marks.pending else ""
        parts.insert(0, f"{round(marks.earned, 2):g} of {marks.of:g} points{pending}")
    if further := counted(result, counts=False):
        parts.append(f"{further} (not counted here; with --tier {Tier.ROBUST.value} they count)")
    console.print(Text("; ".join(filter(None, parts)), style="dim"))
    how = (
        f"cell: {result.cell} ('forkspec doctor' says what that is)",
        f"seed: {result.seed} (--seed {result.seed} draws the same orders again)",
    )
    console.print(Text("; ".join(how), style="dim"))
    if result.cell != "bubblewrap" and result.refusals:
        console.print(Text(f"a lesser cell, because: {'; '.join(result.refusals)}", style="dim"))
    if result.retried:
        console.print(
            Text(
                f"tried twice, since the first try did not tell: {', '.join(result.retried)}",
                style="dim",
            )
        )
