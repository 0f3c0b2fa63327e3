"""Examines a class on the workers of a Dask scheduler, on this machine or on many.

Hand-ins travel as bytes, settings by value. Observations come back, and the caller keeps them. This file
knows neither store nor points. Dask is the extra `cluster`, and is imported only when asked for.
"""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import signal
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Final

import harness
from harness.cell.cells import Cells
from harness.engine.session import first_of

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
    from distributed import Client, Future, LocalCluster, as_completed

LOCAL: Final = "local"
_CONNECT_S: Final = 5
_FIRST_WORKER_S: Final = 30
_AHEAD: Final = 2  # hand-ins a worker that are under way: the next one is there when one ends
_ENOUGH: Final = 2  # workers that a hand-in may end

_QUIETLY: Final = {"distributed.admin.large-graph-warning-threshold": "1GiB"}  # parcels have a bound
_EMBEDDED: Final = {
    "distributed.scheduler.allowed-failures": _ENOUGH - 1,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


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
        with dask.config.set(_QUIETLY), _connected(address, folder) as client:
            _require_our_kind(client, address)
            _Class(client, as_completed(loop=client.loop), terms, keep).examine(dues)

    return examine


@contextmanager
def _connected(address: str, folder: Path) -> Iterator[Client]:
    """A client of a scheduler that has at least one worker.

    A local scheduler keeps its files in `folder`.
    """
    from distributed import Client  # noqa: PLC0415

    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # it tells what it retries
    if address == LOCAL:
        with _embedded(folder) as started, Client(started, set_as_default=False) as client:
            yield client
        return
    try:
        asyncio.run(_knock(address))
        reached = Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise harness.HarnessError(
            f"{address}: no Dask scheduler answers there: start one ('dask scheduler') and name it as "
            "it does (tcp://HOST:8786)"
        ) from error
    except TypeError as error:
        raise harness.HarnessError(
            f"{address}: no certificates for it: set distributed.comm.tls in Dask's configuration"
        ) from error
    with reached as client:
        try:
            client.wait_for_workers(1, timeout=_FIRST_WORKER_S)
        except TimeoutError:
            raise harness.HarnessError(
                f"{address}: the scheduler has no workers: start some ('dask worker {address} "
                "--nthreads 1')"
            ) from None
        yield client


async def _knock(address: str) -> None:
    """Make sure that a scheduler answers at this address. Dask's client would wait for ever for it.

    Raises:
        OSError: nobody answered in time.
        ValueError: it is no address.
    """
    from distributed import Security, rpc  # noqa: PLC0415

    async with asyncio.timeout(_CONNECT_S):
        async with rpc(address, connection_args=Security().get_connection_args("client")) as there:
            await there.identity()


@contextmanager
def _embedded(folder: Path) -> Iterator[LocalCluster]:
    import dask.config  # noqa: PLC0415
    from distributed import LocalCluster  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix="cluster-") as scratch,
        dask.config.set({**_EMBEDDED, "temporary-directory": scratch}),
        ExitStack() as deaf,
    ):
        deaf.enter_context(_deaf_to_interrupts())
        with LocalCluster(
            n_workers=os.cpu_count() or 1,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            security=True,  # else whoever reaches the port runs code: servers do in plain cells
            memory_limit=None,
            silence_logs=logging.CRITICAL,
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        ) as cluster:
            try:
                deaf.close()
                yield cluster
            except BaseException:
                for nanny in cluster.workers.values():  # asked to end, they would first end their work
                    nanny.auto_restart = False
                    if nanny.pid is not None:
                        os.kill(nanny.pid, signal.SIGKILL)
                raise


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back during the block. Processes that start meanwhile never get it: we end them."""
    resource_tracker.ensure_running()  # else its first use lets the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _require_our_kind(client: Client, address: str) -> None:
    """Make sure that all workers have this forkspec and this Python, and take one hand-in at a time."""
    told = client.get_versions(packages=["forkspec"])
    everybody = {f"the scheduler {address}": told["scheduler"]}
    everybody |= {f"the worker {name}": each for name, each in told["workers"].items()}
    ours = _kind(told["client"])
    for name, each in everybody.items():
        if (kind := _kind(each)) != ours:
            raise harness.HarnessError(f"{name} has {kind}, and this is {ours}: install the same there")
    for name, threads in client.nthreads().items():
        if threads != 1:
            raise harness.HarnessError(
                f"the worker {name} takes {threads} tasks at a time: start it with --nthreads 1, and "
                "more of them"
            )


def _kind(told: dict[str, dict[str, str | None]]) -> str:
    """What must be the same on all workers, in words."""
    version = told["packages"]["forkspec"]
    python = ".".join(str(told["host"]["python"]).split(".")[:2])
    return f"{f'forkspec {version}' if version else 'no forkspec'} under Python {python}"


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
        with _scheduler_is_there():
            room = max(1, _AHEAD * len(self._client.nthreads()))
        while len(self._under_way) < room and (due := next(dues, None)) is not None:
            self._send(due)

    def _send(self, due: PendingWork) -> None:
        key = f"{self._topic}-{uuid.uuid4().hex}"
        with _scheduler_is_there():
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
        """What came back; None where its worker ended, and it may be tried again."""
        from distributed import KilledWorker  # noqa: PLC0415

        student = due.hand_in.student
        try:
            with _scheduler_is_there():
                shown: Observation | str = future.result()
        except KilledWorker:
            ended = self._begun(student)
            if ended < _ENOUGH and student not in self._suspects:
                self._suspects.add(student)
                return None
            times = "twice" if ended <= _ENOUGH else f"{ended} times"
            return Observation(refused=f"set aside: it ended its grading worker {times}")
        except Exception as error:  # noqa: BLE001  (ours: the others can be judged)
            return Observation(refused=why_refused(error, student))
        if isinstance(shown, str):
            raise harness.HarnessError(shown)
        return shown

    def _begun(self, student: str) -> int:
        """How often it was begun. Dask also suspects a task that only waited on a worker that ended."""
        with _scheduler_is_there():
            return sum(name == student for _, name in self._client.get_events(self._topic))


@contextmanager
def _scheduler_is_there() -> Iterator[None]:
    from distributed import CancelledError  # noqa: PLC0415
    from distributed.comm import CommClosedError  # noqa: PLC0415

    try:
        yield
    except (CancelledError, CommClosedError) as error:
        raise harness.HarnessError(
            "the scheduler has gone; what is finished is kept: give the same command again"
        ) from error


def _examine_there(
    parcel: PackedWork, terms: ExamSettings, version: str, topic: str
) -> Observation | str:
    """Examine one hand-in on a worker, in cells that end with it.

    An error of the machine comes back as a sentence: an exception that cannot be pickled would not come
    back at all.
    """
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
