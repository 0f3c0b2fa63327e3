"""Stories that each requirement is judged by: when it passes, fails, and says nothing.

One file for each group of requirements; `test_judgements` holds all of them to what must hold of every
story.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from harness.engine import catalogue
from harness.judge.requirement import Requirement
from harness.judge.verdict import Outcome
from harness.record.recording import Recording
from tests.recordings import Story

PASS, FAIL, INCONCLUSIVE = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
NOT_APPLICABLE, BLOCKED = Outcome.NOT_APPLICABLE, Outcome.BLOCKED
SERIES = "one after another"


Needs = Literal["nothing", "a look", "a proof"]


@dataclass(frozen=True)
class Case:
    """A story and the verdict it must get.

    `needs` says what a FAIL rests on: "nothing" but bytes and an exit status, "a look" at something
    final (a server that has gone stays gone), or "a proof" that nothing more will come.
    """

    requirement: str
    outcome: Outcome
    cause: str
    tell: Callable[[], Recording]
    needs: Needs

    def __str__(self) -> str:
        return f"{self.requirement}-{self.outcome}-{self.story}"

    @property
    def story(self) -> str:
        """The story's name, with spaces."""
        return self.tell.__name__.replace("_", " ")

    @property
    def judged_by(self) -> Requirement:
        """The requirement itself."""
        return catalogue.load().find(self.requirement)


CASES: list[Case] = []
Tell = Callable[[], Recording]


def shows(
    requirement: str, outcome: Outcome, cause: str = "", *, needs: Needs = "a proof"
) -> Callable[[Tell], Tell]:
    """Declare the verdict that a story must get."""

    def declare(tell: Tell) -> Tell:
        CASES.append(Case(requirement, outcome, cause, tell, needs))
        return tell

    return declare


def in_a_row(tale: Story, *, forks: bool = True, reaped: bool = True, count: int = 8) -> Story:
    """This number of clients, one after the other."""
    for number in range(1, count + 1):
        tale.serves(f"client {number}", forks=forks, reaped=reaped)
    return tale.quiet()
