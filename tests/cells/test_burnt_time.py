"""The processor time of a real family is measured."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from harness.observe.burning import Burning
from tests.burning_family import ALLOWANCE, NEW, after, running


@contextmanager
def sleeping() -> Iterator[int]:
    """A process of ours that holds no socket; its pid."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=True) as one:
        try:
            yield one.pid
        finally:
            one.kill()


def test_one_without_a_socket_has_nobody_to_answer() -> None:
    with sleeping() as pid:
        burning = Burning()
        burning.believe([running(pid, 0)])
        assert burning.aside == {pid}
        assert pid in after(burning, {pid: 0, NEW: 0}, {pid: 0, NEW: ALLOWANCE}).spent
