"""A teacher's decisions beforehand: contract, points, and references and hints of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.record.contract import Contract

from .lateness import Late
from .marking import Feedback, Marking


@dataclass(frozen=True, slots=True)
class Assignment:
    """`references` and `hints` are texts by requirement id. No contract means the lecture's.

    `marking` gives points, `feedback` says what students are told of them and when. `source` is the
    file's path as the user typed it, "" where there is no file. `name` is the course system's. `late`
    says what late days cost. With `missing_is_zero`, a student on the class list who has handed
    in nothing gets 0. `surprise` is the number of scenarios that are played once more, late in a
    server's life.
    """

    contract: Contract | None = None
    references: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    marking: Marking | None = None
    feedback: Feedback = field(default_factory=Feedback)
    name: str = ""
    late: Late | None = None
    missing_is_zero: bool = False
    surprise: int = 0
