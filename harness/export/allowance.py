"""A part of a processor and of the memory for some processes, by control groups of our own.

Source: cgroups(7); Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
"""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ROOT: Final = Path("/sys/fs/cgroup")
_PERIOD_US: Final = 100_000
_LEAVING_S: Final = 5.0
_PAUSE_S: Final = 0.05
_JOIN: Final = (
    'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs" || exit; shift; done; shift; exec "$@"'
)


@dataclass(frozen=True, slots=True)
class Allowance:
    """The words before a command that put it under the limits; `missing` says which do not hold here."""

    prefix: tuple[str, ...]
    missing: tuple[str, ...]
    groups: tuple[Path, ...] = ()

    def most_bytes(self) -> int | None:
        """The most memory used at one time, files kept in it included; None where nothing tells."""
        for group in self.groups:
            for name in ("memory.peak", "memory.max_usage_in_bytes"):
                with contextlib.suppress(OSError, ValueError):
                    return int((group / name).read_text())
        return None


@contextmanager
def allowance(cpus: float, memory_bytes: int, root: Path = _ROOT) -> Iterator[Allowance]:
    """Groups for as long as the block lasts; all that ran in them must have ended by then."""
    quota, is_v2 = int(cpus * _PERIOD_US), (root / "cgroup.controllers").is_file()
    wanted: dict[str, tuple[Path, Mapping[str, str]]] = {
        "processor time": (root, {"cpu.max": f"{quota} {_PERIOD_US}"})
        if is_v2
        else (root / "cpu", {"cpu.cfs_period_us": str(_PERIOD_US), "cpu.cfs_quota_us": str(quota)}),
        "memory": (root, {"memory.max": str(memory_bytes)})
        if is_v2
        else (root / "memory", {"memory.limit_in_bytes": str(memory_bytes)}),
    }
    groups: dict[Path, None] = {}
    missing = []
    try:
        for what, (parent, settings) in wanted.items():
            group = parent / f"forkspec-try-{os.getpid()}"
            try:
                if group not in groups:
                    group.mkdir()
                    groups[group] = None
                for name, value in settings.items():
                    (group / name).write_text(value)
            except OSError as error:
                missing.append(f"{what} is not limited here: {error.filename}: {error.strerror}")
        names = [str(group) for group in groups]
        prefix = ("/bin/sh", "-c", _JOIN, "sh", *names, "--")
        yield Allowance(prefix, tuple(missing), tuple(groups))
    finally:
        for group in groups:
            _remove(group)


def _remove(group: Path) -> None:
    until_s = time.monotonic() + _LEAVING_S
    while time.monotonic() < until_s:
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        time.sleep(_PAUSE_S)
