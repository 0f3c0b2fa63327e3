"""What all tests of the clone share.

The requirements as tests come from `-p harness.plugin`, the trial of the reference servers from
tests/faults/trial.py.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import nullcontext

import hypothesis
import pytest

from harness.engine import catalogue, references, targets
from harness.subject import manifest
from tests.beside_others import beside_others
from tests.faults.trial import (  # noqa: F401  (hooks: this file is a plugin)
    keep_those_in_turn,
    pytest_addoption,
    pytest_configure,
    pytest_configure_node,
    pytest_report_header,
    pytest_sessionfinish,
)
from tests.lecture_seen import LectureSeen
from tests.longest_first import longest_first

# A time that a test may take would hold on one machine only.
hypothesis.settings.register_profile(
    "anywhere", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("anywhere")


gc.disable()  # until all tests are known: there are 48,000, and they stay


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Look through no test again for what can be thrown away."""
    gc.freeze()
    gc.enable()


def pytest_xdist_auto_num_workers() -> int | None:
    """One more worker than processors: for half of its time a worker waits for a clock, or for quiet."""
    is_told = "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ
    return None if is_told else 1 + (os.cpu_count() or 1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the reference servers in turn; on several workers the longest tests begin first."""
    keep_those_in_turn(config, items)
    if hasattr(config, "workerinput"):
        longest_first(items)


@pytest.fixture(autouse=True)
def _beside_measurements(request: pytest.FixtureRequest) -> Iterator[None]:
    """A browser uses all processors: a run that measures time waits until the test has ended."""
    mark = request.node.get_closest_marker("xdist_group")
    is_in_browser = mark is not None and mark.args[:1] == ("browser",)
    with beside_others() if is_in_browser else nullcontext():
        yield


@pytest.fixture(scope="session")
def lecture_seen(tmp_path_factory: pytest.TempPathFactory) -> LectureSeen:
    """What was seen of the lecture's servers, the same for all workers of this run."""
    ours = tmp_path_factory.getbasetemp()
    return LectureSeen(ours.parent if "PYTEST_XDIST_WORKER" in os.environ else ours)


@pytest.fixture(scope="session")
def lecture() -> dict[str, dict[str, str]]:
    """What the manifest promises of the lecture's servers: by server, by id. C++ where it builds."""
    names = [targets.prepare(name).name for name in targets.LECTURE]
    return {
        name: {
            requirement.id: references.expected(manifest.references()[name], requirement.id).value
            for requirement in catalogue.load().requirements
        }
        for name in names
    }
