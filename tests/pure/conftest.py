"""Nothing in this folder starts a process: a test that tries gets an error, not a slow machine.

So there is no compiler here and no cell. What needs one lies in a folder beside this one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

import pytest

_STARTS_A_PROCESS: Final = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec"}
_running: list[str] = []


def _forbid(event: str, _: tuple[object, ...]) -> None:
    if _running and event in _STARTS_A_PROCESS:
        raise AssertionError(f"{_running[-1]} starts a process ({event}): it belongs into tests/cells")


sys.addaudithook(_forbid)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Fixtures are held to it, too."""
    yield from _without_processes(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """The test itself."""
    yield from _without_processes(item)


def _without_processes(item: pytest.Item) -> Iterator[None]:
    _running.append(item.nodeid)
    try:
        yield
    finally:
        _running.pop()
