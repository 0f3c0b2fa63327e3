"""Examines a class on the workers of a Dask scheduler, on this machine or on many.

Hand-ins travel as bytes, settings by value. Observations come back, and the caller keeps them. This file
knows neither store nor points. Dask is the extra `cluster`, and is imported only when asked for.
"""

from __future__ import annotations

import asyncio
import platform
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import harness
from harness.cell.cells import Cells
from harness.engine.session import first_of

from . import scheduler
from .examine import (
    Examination,
    Examiner,
    ExamSettings,
    Keep,
    Observation,
    PendingWork,
    shelter,
    stops_everybody,
    why_refused,
)
from .packed_work import PackedWork

if TYPE_CHECKING:
    from distributed import Client, Future, as_completed

_AHEAD: Final = 2  # hand-ins under way for each worker: the next one is there when one ends
_QUIETLY: Final = {"distributed.admin.large-graph-warning-threshold": "1GiB"}  # parcels have a bound


def on(address: str) -> Examination:
    """An examination on the workers of the scheduler at this address.

    "local" starts a scheduler here, with one worker for each processor.

    Raises:
        HarnessError: Dask is not installed; the user's.
    """
    try:
        import dask.config  # noqa: PLC0415
        from distributed import as_completed  # noqa: PLC0415
    except ImportError:
        raise harness.HarnessError(
            "a cluster needs Dask, which is not installed: pip install 'forkspec[cluster]'"
        ) from None

    def examine(terms: ExamSettings, dues: Iterator[PendingWork], keep: Keep, folder: Path) -> None:
        with dask.config.set(_QUIETLY), scheduler.connected(address, folder) as client:
            scheduler.require_our_kind(client, address)
            _Class(client, as_completed(loop=client.loop), terms, keep).examine(dues)

    return examine


class _Class:
    """A class whose hand-ins are on their way to the workers, and back."""

    def __init__(self, client: Client, returning: as_completed, terms: ExamSettings, keep: Keep) -> None:
        self._client = client
        self._terms = terms
        self._keep = keep
        self._returning = returning
        self._under_way: dict[str, PendingWork] = {}
        self._topic = f"forkspec-{uuid.uuid4().hex}"
        self._suspects: set[str] = set()

    def examine(self, dues: Iterator[PendingWork]) -> None:
        """Send all pending hand-ins, a few at a time, and keep each when it comes back."""
        self._send_some(dues)
        for future in self._returning:
            due = self._under_way.pop(future.key)
            shown = self._shown(due, future)
            if shown is None:
                self._send(due)
            else:
                self._keep(due, shown)
            self._send_some(dues)

    def _send_some(self, dues: Iterator[PendingWork]) -> None:
        with scheduler.is_there():
            room = max(1, _AHEAD * len(self._client.nthreads()))
        while len(self._under_way) < room and (due := next(dues, None)) is not None:
            self._send(due)

    def _send(self, due: PendingWork) -> None:
        key = f"{self._topic}-{uuid.uuid4().hex}"
        with scheduler.is_there():
            future = self._client.submit(
                _examine_there,
                due.parcel,
                self._terms,
                harness.__version__,
                self._topic,
                key=key,
                pure=False,
            )
        self._under_way[key] = due
        self._returning.add(future)

    def _shown(self, due: PendingWork, future: Future[Observation]) -> Observation | None:
        """The observation that came back; None where its worker ended, and it may be tried again."""
        from distributed import KilledWorker  # noqa: PLC0415

        student = due.hand_in.student
        try:
            with scheduler.is_there():
                shown: Observation | str = future.result()
        except KilledWorker:
            ended = self._begun(student)
            if ended < scheduler.ENOUGH and student not in self._suspects:
                self._suspects.add(student)
                return None
            times = "twice" if ended <= scheduler.ENOUGH else f"{ended} times"
            return Observation(refused=f"set aside: it ended its grading worker {times}")
        except Exception as error:  # noqa: BLE001  (ours: the others can be judged)
            return Observation(refused=why_refused(error, student))
        if isinstance(shown, str):
            raise harness.HarnessError(shown)
        return shown

    def _begun(self, student: str) -> int:
        """How often it was begun. Dask also suspects a task that only waited on a worker that ended."""
        with scheduler.is_there():
            return sum(name == student for _, name in self._client.get_events(self._topic))


def _examine_there(
    parcel: PackedWork, terms: ExamSettings, version: str, topic: str
) -> Observation | str:
    """Examine on a worker, in cells that end with it; an error of the machine comes as a sentence."""
    from distributed import get_worker  # noqa: PLC0415
    from distributed.utils import sync  # noqa: PLC0415

    worker = get_worker()
    sync(worker.loop, worker.scheduler.log_event, topic=topic, msg=parcel.student)
    if version != harness.__version__:  # it came later than the others
        return f"{platform.node()}: forkspec {harness.__version__}, not {version}: install the same"
    try:
        with (
            tempfile.TemporaryDirectory(dir=worker.local_directory) as folder,
            Cells(terms.cell) as cells,
        ):
            return asyncio.run(_examined(cells, terms, parcel, Path(folder)))
    except Exception as error:  # noqa: BLE001  (ours: the others can be judged)
        if stops_everybody(error):
            return f"{platform.node()}: {first_of(error)}"
        return Observation(refused=f"forkspec itself broke on it: {error!r}")


async def _examined(cells: Cells, terms: ExamSettings, parcel: PackedWork, scratch: Path) -> Observation:
    await shelter(cells, terms)
    return await Examiner(cells, terms).examine(parcel, scratch)
