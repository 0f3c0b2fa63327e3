"""A scenario: a named stimulus. What it does is a coroutine over a stage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from .deadline import CouldNotTell

if TYPE_CHECKING:
    from .client_stage import ClientStage
    from .stage import Stage

Play = Callable[["Stage"], Awaitable[None]]
ClientPlay = Callable[["ClientStage"], Awaitable[None]]


class Place(Protocol):
    """What a scenario plays on, as far as whoever lets it play needs to know."""

    def branch(self, cause: str) -> None:
        """Note that the scenario took another way, and why."""

    def close(self) -> None:
        """End everything of ours."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """`name` is the function's, with spaces; `tells` its docstring's first line.

    `clients` is the most it has at once: the cell's limit on processes grows with it. One that
    measures time is played `alone` on the machine. With `inherits` the server starts with so many
    descriptors open already, and may have as many more.
    """

    name: str
    tells: str
    play: Play | ClientPlay
    clients: int
    alone: bool = False
    inherits: int = 0

    async def perform(self, place: Place) -> bool:
        """Play it there and end what it brought on; False, with a note, when the guard ran out first."""
        try:
            await self.play(place)  # type: ignore[arg-type]  # found among the scenarios of that place
        except CouldNotTell as reason:
            place.branch(f"broken off: {reason}")
            return False
        finally:
            place.close()
        return True


def scenario(clients: int = 8, *, alone: bool = False, inherits: int = 0) -> Callable[[Play], Scenario]:
    """Declare the decorated coroutine to be a scenario with at most so many clients at once."""
    return lambda play: _declared(play, clients, alone=alone, inherits=inherits)


def client_scenario(play: ClientPlay) -> Scenario:
    """Declare the decorated coroutine to be a scenario that puts a client on trial."""
    return _declared(play, 1, alone=False)


def _declared(play: Play | ClientPlay, clients: int, *, alone: bool, inherits: int = 0) -> Scenario:
    tells = (play.__doc__ or "").strip().partition("\n")[0]
    return Scenario(play.__name__.replace("_", " "), tells, play, clients, alone, inherits)
