"""Every suggested rubric ranks the servers that come with forkspec, by the promises of the manifest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from harness.engine import catalogue, references
from harness.engine.assignment_file import of_text
from harness.judge.verdict import Outcome, Verdict, failed, inconclusive, not_applicable, passed
from harness.results.marking import Award, Marking, Marks, mark, of_the_lecture
from harness.results.rubric import CONCURRENT, earns, worth
from harness.subject import manifest

ROOT: Final = Path(__file__).parents[2]
REQUIREMENTS: Final = catalogue.load().requirements
STEPS: Final = ("tcpserver", "tcpserver2", "tcpserver3", "tcpserver4")
RUBRIC: Final = re.compile(r"^(\[points\]|\[\[award\]\]|points *=|award *=)", re.MULTILINE)
A_LINE: Final = re.compile(r"^# ((?:points|award|most_points) = .*)$", re.MULTILINE)


def suggested() -> Iterator[tuple[str, str]]:
    """Where each rubric stands, and its text."""
    starter = (ROOT / "starter" / "assignment.toml").read_text(encoding="utf-8")
    lines = A_LINE.findall(starter)
    yield "starter", "\n".join(lines)
    yield "starter, its points alone", next(line for line in lines if line.startswith("points"))
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").rglob("*.md")]:
        for block in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            if RUBRIC.search(block):
                yield str(page.relative_to(ROOT)), block
    for file in (ROOT / "examples").rglob("*.toml"):
        if RUBRIC.search(text := file.read_text(encoding="utf-8")):
            yield str(file.relative_to(ROOT)), text


def marking_of(text: str) -> Marking:
    found = of_text(text, "a rubric").assignment.marking
    assert found is not None
    return found


def earned(marking: Marking, name: str) -> Marks:
    return mark(marking, REQUIREMENTS, references.promised(name))


RUBRICS: Final = {name: marking_of(text) for name, text in suggested()} | {
    "without points": of_the_lecture(REQUIREMENTS)
}


def test_there_are_rubrics_to_try() -> None:
    assert {"starter", "docs/grading.md", "docs/teachers.md"} <= set(RUBRICS)


@pytest.mark.parametrize("suffix", [".cpp", ".py"])
@pytest.mark.parametrize("rubric", RUBRICS)
def test_a_rubric_ranks_the_lectures_servers(rubric: str, suffix: str) -> None:
    one, two, three, four = (earned(RUBRICS[rubric], step + suffix).earned for step in STEPS)
    assert one < two < three <= four


@pytest.mark.parametrize("rubric", RUBRICS)
def test_a_fault_earns_less_than_a_server_without_it(rubric: str) -> None:
    marking = RUBRICS[rubric]
    sound = earned(marking, "tcpserver4.cpp").earned
    counted = {r.id for r in REQUIREMENTS for each in marking.awards if each.covers(r)}
    not_below = [
        name
        for name, entry in manifest.references().items()
        if entry.role == "fault" and set(entry.fails) & counted
        if earned(marking, name).earned >= sound
    ]
    assert not_below == []


@pytest.mark.parametrize("rubric", ["starter", "starter, its points alone", "docs/grading.md"])
def test_a_whole_rubric_leaves_out_no_fault(rubric: str) -> None:
    covered = {r.id for r in REQUIREMENTS for each in RUBRICS[rubric].awards if each.covers(r)}
    assert covered == {each.id for each in REQUIREMENTS}


NO_CHILDREN: Final = not_applicable("it has no children")
AT_WAIT: Final = failed("the second waited", expected="an answer")


@pytest.mark.parametrize(
    ("silent_client", "counts_as"),
    [
        (passed("an event loop"), Outcome.PASS),
        (AT_WAIT, Outcome.FAIL),
        (inconclusive("the machine was busy"), Outcome.INCONCLUSIVE),
        (not_applicable("the cell cannot show it"), Outcome.NOT_APPLICABLE),
    ],
)
def test_no_children_are_worth_what_concurrency_is(silent_client: Verdict, counts_as: Outcome) -> None:
    verdicts = {CONCURRENT: silent_client, "reaping/sequential": NO_CHILDREN}
    assert worth("reaping/sequential", verdicts) is counts_as


def test_what_else_does_not_apply_is_met_by_design() -> None:
    verdicts = {CONCURRENT: AT_WAIT, "stream/large-reply": not_applicable("a word is no large reply")}
    assert earns(worth("stream/large-reply", verdicts))
    assert earns(worth("reaping/burst", {"reaping/burst": NO_CHILDREN})), "judged alone"


@pytest.mark.parametrize("asked", ["contract/design", "stream/joined", "reaping/burst", "moments/reap"])
def test_what_does_not_apply_to_a_program_that_never_ran_earns_nothing(asked: str) -> None:
    never = not_applicable("the assignment demands none")
    for starts in (failed("it does not compile", expected="a program"), inconclusive("no room")):
        verdicts = {"contract/starts": starts, asked: never, "client/prints-reply": never}
        assert worth(asked, verdicts) is starts.outcome
        assert earns(worth("client/prints-reply", verdicts)), "a client is another program"
    assert earns(worth(asked, {"contract/starts": passed("it runs"), asked: never}))


def test_who_hands_in_what_does_not_compile_gets_no_points() -> None:
    verdicts = {each.id: not_applicable("none") for each in REQUIREMENTS}
    verdicts["contract/starts"] = failed("it does not compile", expected="a program")
    for rubric in RUBRICS.values():
        assert mark(rubric, REQUIREMENTS, verdicts).earned == 0


def test_a_line_says_what_was_not_shown() -> None:
    verdicts = {CONCURRENT: AT_WAIT, "reaping/burst": NO_CHILDREN, "reaping/sequential": AT_WAIT}
    (line,) = mark(Marking((Award("r", 2, ("reaping/*",)),)), REQUIREMENTS, verdicts).marks
    assert (line.earned, line.unshown) == (0, ("reaping/burst",))
    assert set(line.because) == {"reaping/burst", "reaping/sequential"}
