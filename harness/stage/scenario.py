"""A scenario: a named stimulus, played by a coroutine on a stage."""

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
    """The part of a stage that `Scenario.perform` needs."""

    def branch(self, cause: str) -> None:
        """Note that the scenario took another way, and why."""

    def close(self) -> None:
        """Take every client off, and end everything else of ours."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One stimulus, as the catalogue knows it.

    `name` is the function's, with spaces. `clients` is the most that it has at once: the cell's limit on
    processes grows with it. A scenario that measures time is played `alone` on the machine. The server
    starts with `inherits` more open descriptors than usual, and may have as many more.
    """

    name: str
    play: Play | ClientPlay
    clients: int
    alone: bool = False
    inherits: int = 0

    async def perform(self, place: Place) -> bool:
        """Play the scenario, then close the stage; False, and a note, when the guard ran out first."""
        try:
            await self.play(place)  # type: ignore[arg-type]  # found among the scenarios of that place
        except CouldNotTell as reason:
            place.branch(f"broken off: {reason}")
            return False
        finally:
            place.close()
        return True


def scenario(clients: int = 8, *, alone: bool = False, inherits: int = 0) -> Callable[[Play], Scenario]:
    """Make the decorated coroutine a scenario; the arguments are as `Scenario` has them."""
    return lambda play: Scenario(_name(play), play, clients, alone, inherits)


def client_scenario(play: ClientPlay) -> Scenario:
    """Make the decorated coroutine a scenario that puts a client on trial."""
    return Scenario(_name(play), play, 1)


def _name(play: Play | ClientPlay) -> str:
    return play.__name__.replace("_", " ")
