"""A stage that stays open: a caller that is no scenario of the catalogue plays on it, act by act.

Between two acts nothing of ours runs. The acts share one loop, and one play with its recording.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

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


class OpenStage:
    """One play of a server, from outside of any loop. Close it on every path."""

    def __init__(
        self, cells: Cells, subject: Subject, name: str, setting: RunConfig, *, clients: int
    ) -> None:
        """Start the server, for `clients` at once at most; raises HarnessError where it cannot."""
        self._subject, self._setting = subject, setting
        self._loop = asyncio.new_event_loop()
        self._stage: asyncio.Future[Stage] = self._loop.create_future()
        self._last: asyncio.Future[Play] = self._loop.create_future()
        self._scenario = Scenario(name, self._hold, clients)
        self._playing = self._loop.create_task(play(cells, subject, self._scenario, setting))
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
        """End the server, whatever it does."""
        if self._loop.is_closed():
            return
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        if left:
            self._loop.run_until_complete(asyncio.wait(left))
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, _Done] | asyncio.Task[_Done]) -> _Done:
        return self._loop.run_until_complete(work)
