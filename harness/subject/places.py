"""Where things lie: in the clone beside the package, in the wheel inside it; and the cache."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import harness

_PACKAGE: Final = Path(harness.__file__).parent


def shipped(name: str) -> Path:
    """The folder `scenarios`, `servers`, `clients` or `starter` of this installation."""
    beside = _PACKAGE.parent / name
    return (
        beside if (_PACKAGE.parent / "pyproject.toml").is_file() and beside.is_dir() else _PACKAGE / name
    )


def cache() -> Path:
    """Where builds are kept, by content. Open to the subject's uid: root's own cache is not.

    FORKSPEC_CACHE moves it.
    """
    if given := os.environ.get("FORKSPEC_CACHE"):
        return Path(given)
    if os.getuid() == 0:
        return Path("/var/cache/forkspec")
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "forkspec"
