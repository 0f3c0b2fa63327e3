"""The parts of a contract that could be learnt, where nobody wrote one."""

from dataclasses import dataclass, field
from typing import Final

from harness.record.contract import Contract
from harness.record.dialogue import Step
from harness.record.line_form import Form

STAYS: Final = "stays open after its reply"
AT_END: Final = "answers only once the client has closed its side of the connection"
ANSWERS: Final = "answers "
ANY_REPLY: Final[Form] = {"regex": "(?s).+"}


@dataclass(slots=True)
class Learned:
    """What could be learnt of a server's contract.

    `contract` is the lecture's where nothing else was seen. `told` says, for each key that was seen,
    what was seen; `untold` says what could not be told. `traits` are the certain differences from the
    lecture's contract, each a verb with its object. Where the server does not `speak`, nobody knows how
    to get a reply, and nothing can be judged by this contract.
    """

    contract: Contract = field(default_factory=Contract)
    told: dict[str, str] = field(default_factory=dict)
    untold: list[str] = field(default_factory=list)
    traits: list[str] = field(default_factory=list)
    port: int | None = None
    started_with: tuple[str, ...] = ()
    speaks: bool = True


def greeted(contract: Contract) -> tuple[Step, ...]:
    """The step in which the server greets; none where it does not."""
    return (Step("", contract.greeting),) if contract.greeting else ()


def closing(*, closes: bool) -> str:
    """Whether the connection was closed after the reply, as a sentence."""
    if closes:
        return "After its reply it closed the connection."
    return "After its reply the connection stayed open, and the next line was answered."


def learn_end(found: Learned, *, has_closed: bool, goes_on: bool) -> bool:
    """Note whether the server closes after its reply: it did to all, or it went on with a client."""
    if has_closed or goes_on:
        found.traits += [] if has_closed else [STAYS]
        found.told["closes"] = closing(closes=has_closed)
        return has_closed
    found.untold.append(
        "whether it closes: after its reply it neither closed the connection nor answered a second line"
    )
    return True
