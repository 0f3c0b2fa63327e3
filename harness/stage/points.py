"""Holds one process of the server, or one thread, beside its system calls, and notes what was done."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from harness.cell.cell import Cell
from harness.cell.trace_protocol import AskHeld, HoldAtPoint, HoldThread, LetGo, ReleaseNewborn
from harness.observe import call_point
from harness.record.events import AtPoint, Branched, Followed, Standing
from harness.record.journal import Journal

Point = call_point.Point
spread = call_point.spread
Look = call_point.Look
When = Literal["comes", "ends", "asks"]


@dataclass(slots=True)
class Walk:
    """The points that a process passed while it was followed; known once it is let go."""

    is_refused: bool = False
    is_reached: bool = False
    points: list[Point] = field(default_factory=list)
    called: list[str] = field(default_factory=list)


class Points:
    """The points between two instructions at which a process can be held."""

    def __init__(self, cell: Cell, journal: Journal) -> None:
        self._cell = cell
        self._journal = journal
        self._trials = 0

    @asynccontextmanager
    async def walk(
        self,
        pid: int,
        when: When,
        goal: Point | None = None,
        *,
        of: int = 0,
        of_threads: bool = False,
        look: Look = "calls",
    ) -> AsyncIterator[Walk]:
        """Within the block a process is held once it comes to the goal; its new children, too.

        With `of_threads` one thread of it is held, the first that comes to the goal.

        Without a goal it is held for a moment before each of its calls, and the points are collected.
        With `look` single steps are made, in its "handler" for SIGCHLD or in all but that (its "loop");
        known is then what it has `called` there, and of the loop the points within these functions.
        The goal is one `of` so many that were drawn.
        Where the machine does not allow it, a branch is noted.
        """
        walk = Walk()
        order = HoldThread(pid, goal) if of_threads else HoldAtPoint(pid, goal, look)
        refused = await self._cell.ask(order)
        if refused:
            walk.is_refused = True
            self._journal.note(Branched, "stage", cause=refused, refused=True)
            yield walk
            return
        try:
            yield walk
        finally:
            met = await self._cell.ask(LetGo())
            walk.is_reached, walk.points = met.is_reached, _distinct(met.points)
            if goal is None:
                walk.called = met.called
                self._journal.note(
                    Followed,
                    "stage",
                    pid=pid,
                    when=when,
                    points=len(walk.points) if look != "loop" else 0,
                    within=call_point.instructions(walk.points),
                    called=tuple(met.called) if look == "handler" else (),
                    is_static=not met.is_told,
                )
            else:
                self._note(pid, when, goal, reached=met.is_reached, of=of)

    async def is_held(self) -> bool:
        """Whether a thread is held at the goal."""
        return await self._cell.ask(AskHeld())

    async def let_children_run(self) -> None:
        """Let the new children go that are held."""
        await self._cell.ask(ReleaseNewborn())

    def _note(self, pid: int, when: When, goal: Point, *, reached: bool, of: int) -> None:
        self._trials += 1
        within = goal.within
        self._journal.note(
            AtPoint,
            "stage",
            pid=pid,
            trial=self._trials,
            when=when,
            side=goal.side,
            call=goal.call,
            result=goal.result,
            standing=(Standing(pid, goal.call, (), within.frames if within else goal.frames),),
            reached=reached,
            of=of,
            function=within.function if within else "",
            via=within.via if within else "",
            step=within.step if within else 0,
            steps=within.steps if within else 0,
        )


def _distinct(points: list[Point]) -> list[Point]:
    """The points without those in which nothing known differs from an earlier one."""
    found: list[Point] = []
    for point in points:
        if not any(point.is_like(other) for other in found):
            found.append(point)
    return found
