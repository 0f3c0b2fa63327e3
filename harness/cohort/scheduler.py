"""Reaches the Dask scheduler that a class is examined by, here or elsewhere, and its workers.

It knows no hand-ins. Dask is imported only when asked for.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Final

import harness

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

LOCAL: Final = "local"
ENOUGH: Final = 2  # workers that a hand-in may end
_CONNECT_S: Final = 5
_FIRST_WORKER_S: Final = 30
_EMBEDDED: Final = {
    "distributed.scheduler.allowed-failures": ENOUGH - 1,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


@contextmanager
def connected(address: str, folder: Path) -> Iterator[Client]:
    """A client of a scheduler with at least one worker; a local one keeps its files in `folder`."""
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


def require_our_kind(client: Client, address: str) -> None:
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
    """The versions that must be the same on all workers, in words."""
    version = told["packages"]["forkspec"]
    python = ".".join(str(told["host"]["python"]).split(".")[:2])
    return f"{f'forkspec {version}' if version else 'no forkspec'} under Python {python}"


@contextmanager
def is_there() -> Iterator[None]:
    """A block that needs the scheduler; raises HarnessError, with a sentence, once it is gone."""
    from distributed import CancelledError  # noqa: PLC0415
    from distributed.comm import CommClosedError  # noqa: PLC0415

    try:
        yield
    except (CancelledError, CommClosedError) as error:
        raise harness.HarnessError(
            "the scheduler has gone; what is finished is kept: give the same command again"
        ) from error
