"""A stage that stays open: a caller that is no scenario of the catalogue plays on it, act by act.

Between two acts nothing of ours runs. The acts share one loop, and one play with its recording. Several
stages may share a loop, too: an act on one of them may then wait for another.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextvars import ContextVar, copy_context
from typing import Any, Final, TypeVar
from weakref import WeakSet

from harness.cell.cell import CellError
from harness.cell.cells import Cells
from harness.record.recording import Recording
from harness.stage import Scenario, Stage
from harness.stage.scenario import Play
from harness.subject.subject import Subject

from .machine_lock import Exclusivity, machine_lock
from .play import RunConfig, play
from .subject_notes import with_lines

_Done = TypeVar("_Done")
_Tasks = WeakSet[asyncio.Task[Any]]
_BEGUN: Final[ContextVar[_Tasks | None]] = ContextVar("tasks that a stage has begun", default=None)


def loop_of_stages() -> asyncio.AbstractEventLoop:
    """A loop for stages that are open at the same time; it knows which of them began a task."""
    loop = asyncio.new_event_loop()
    loop.set_task_factory(_noted)
    return loop


def _noted(
    loop: asyncio.AbstractEventLoop,
    work: Coroutine[Any, Any, _Done] | Generator[Any, None, _Done],
    /,
    **how: Any,
) -> asyncio.Task[_Done]:
    task = asyncio.Task(work, loop=loop, **how)
    begun = (how.get("context") or copy_context()).get(_BEGUN)
    if begun is not None:
        begun.add(task)
    return task


class OpenStage:
    """One play of a server, from outside of any loop. Close it on every path."""

    def __init__(
        self,
        cells: Cells,
        subject: Subject,
        name: str,
        setting: RunConfig,
        *,
        clients: int,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Start the server, for `clients` at once at most; raises HarnessError where it cannot.

        The `loop` is one of `loop_of_stages()`, which the caller closes.
        """
        self._subject, self._setting = subject, setting
        self._loop, self._is_own_loop = loop or loop_of_stages(), loop is None
        self._begun, self._context = _Tasks(), copy_context()
        self._context.run(_BEGUN.set, self._begun)
        self._stage: asyncio.Future[Stage] = self._loop.create_future()
        self._last: asyncio.Future[Play] = self._loop.create_future()
        self._scenario = Scenario(name, self._hold, clients)
        self._playing = self._begin(play(cells, subject, self._scenario, setting))
        try:
            first: set[asyncio.Future[Any]] = {self._stage, self._playing}
            self._run(asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED))
            if self._playing.done():
                self._playing.result()
        except BaseException:
            self.close()
            raise

    async def _hold(self, stage: Stage) -> None:
        self._stage.set_result(stage)
        last = await self._last
        await last(stage)

    @property
    def stage(self) -> Stage:
        """What acts are played on; raises CellError where the play is over."""
        if self._playing.done():
            recording = self._playing.result()
            raise CellError(recording.broke_off or "the server does not run any more")
        return self._stage.result()

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be played: the server never listened, or the play has ended."""
        return self._playing.done()

    @property
    def recording(self) -> Recording:
        """The recording so far."""
        if self._playing.done():
            return self._playing.result()
        stage, setting = self._stage.result(), self._setting
        events = tuple(with_lines(self._subject, stage.rest.journal.events))
        name, contract = self._subject.name, setting.contract
        return Recording(self._scenario.name, name, "", setting.seed, events, contract)

    def act(self, act: Callable[[Stage], Awaitable[_Done]]) -> _Done:
        """Play this, beside what others on this machine play, and give its result.

        Raises:
            CouldNotTell: the guard ran out; nobody's fault.
            HarnessError: the cell broke, or the play is over.
        """
        stage = self.stage

        async def shared() -> _Done:
            async with machine_lock(Exclusivity.SHARED):
                return await act(stage)

        return self._run(shared())

    def end(self, last: Play) -> Recording:
        """Play the last act, end the server, and give the recording."""
        if not self._last.done():
            self._last.set_result(last)
        try:
            return self._run(self._playing)
        finally:
            self.close()

    def close(self) -> None:
        """End the server, whatever it does, and the tasks that its acts began."""
        left = {each for each in self._begun if not each.done()}
        for task in left:
            task.cancel()
        if left:
            self._loop.run_until_complete(asyncio.wait(left))
        if self._is_own_loop:
            self._loop.close()

    def _run(self, work: Coroutine[Any, Any, _Done] | asyncio.Task[_Done]) -> _Done:
        task = work if isinstance(work, asyncio.Task) else self._begin(work)
        return self._loop.run_until_complete(task)

    def _begin(self, work: Coroutine[Any, Any, _Done]) -> asyncio.Task[_Done]:
        return self._loop.create_task(work, context=self._context)
