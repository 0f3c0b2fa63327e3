"""Made-up classes of any size: students who have come so far, some pending, some set aside."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from harness.engine import catalogue
from harness.judge.causes import CAUSES
from harness.judge.diagnosis import Diagnosis
from harness.judge.requirement import Requirement
from harness.judge.verdict import Verdict, blocked, failed, inconclusive, not_applicable, passed
from harness.record.events import Finished
from harness.record.recording import Recording
from harness.record.role import Role
from harness.report.html import class_page
from harness.results.marking import mark, of_the_lecture
from harness.results.result import Result
from harness.results.rubric import Rubric, level
from harness.results.student import Student

_RECORDING: Final = Recording(
    "starting",
    "tcpserver.c",
    "bubblewrap",
    1,
    (
        Finished(
            0,
            "stage",
        ),
    ),
)
_PENDING_EVERY: Final = 20
_REFUSED_EVERY: Final = 30
_GIVEN: Final = "Ada Alan Barbara Donald Edsger Frances Grace John Ken Leslie Radia Tony".split()  # noqa: SIM905
_FAMILY: Final = "Allen Dijkstra Hoare Hopper Knuth Lamport Liskov Lovelace Perlman Turing".split()  # noqa: SIM905


def classroom(count: int, *, columns: int = 0, seed: int = 1) -> list[Student]:
    """This number of students, the same for the same seed; names are unique, two of them hostile.

    They hand in a server and a client; with `columns` the servers get requirements until there are
    that many.
    """
    chance = random.Random(seed)
    roles = [list(catalogue.load(role).requirements) for role in (Role.SERVER, Role.CLIENT)]
    wanting = max(0, columns - sum(map(len, roles)))
    roles[0] += [replace(each, id=f"{each.id}-again") for each in roles[0][-wanting:]] if wanting else []
    people = [_student(number, roles, chance) for number in range(count)]
    return [_named(each, n) for n, each in enumerate(people)]


def _named(student: Student, number: int) -> Student:
    hostile = {1: "<script>alert(1)</script>", 2: 'Zoë "O\'Hara" & Söhne'}
    name = f"{_GIVEN[number % len(_GIVEN)]} {_FAMILY[number // len(_GIVEN) % len(_FAMILY)]} {number:03}"
    return Student(
        hostile.get(number, name), {}, student.remarks, student.refused, student.results, student.marks
    )


def _student(number: int, roles: Sequence[Sequence[Requirement]], chance: random.Random) -> Student:
    if number % _REFUSED_EVERY == _REFUSED_EVERY - 1:
        return Student("", {}, (), "the archive cannot be read", (), mark(of_the_lecture([]), [], {}))
    skill = chance.choice([0.5, 0.8, 0.9, 0.97, 1.0])
    unsure = number % _PENDING_EVERY == _PENDING_EVERY - 1
    results = tuple(_result(each, skill, chance, unsure=unsure) for each in roles)
    server = results[0]
    marks = mark(of_the_lecture(server.requirements), server.requirements, server.verdicts)
    return Student("", {}, (), "", results, marks)


def _result(
    requirements: Sequence[Requirement], skill: float, chance: random.Random, *, unsure: bool
) -> Result:
    verdicts: dict[str, Verdict] = {}
    for each in requirements:
        broken = next(
            (need for need in each.needs if need in verdicts and not _holds(verdicts[need])), ""
        )
        if broken:
            verdicts[each.id] = blocked(broken)
        elif chance.random() < skill:
            is_mute = chance.random() < 0.1
            verdicts[each.id] = not_applicable("nothing to see") if is_mute else passed("it does")
        else:
            verdicts[each.id] = failed("it did not", expected="it does")
    if unsure:
        verdicts[requirements[-1].id] = inconclusive("the guard ran out")
    causes = tuple(chance.sample(sorted(CAUSES)[:12], k=chance.randrange(3)))
    is_server = requirements[0].id.startswith("contract/")
    return Result(
        subject="tcpserver.c", cell="bubblewrap", refusals=(), seed=1,
        requirements=tuple(requirements), verdicts=verdicts, recordings={"starting": _RECORDING},
        level=level(requirements, verdicts) if is_server else None,
        diagnosis=Diagnosis("fork", "", "You fork a child per connection.", causes), rubric=Rubric(),
    )  # fmt: skip


def _holds(verdict: Verdict) -> bool:
    return verdict.outcome.value in {"PASS", "NOT_APPLICABLE"}


def address(name: str) -> str:
    """Where the class page leads for this student."""
    plain = re.sub(r"[^\w ]", "_", name)
    return f"students/{quote(plain)}.html"


def drawn(students: Sequence[Student]) -> str:
    """The class page."""
    return class_page.page(students, {each.name: address(each.name) for each in students})
