"""Where forkspec's own files lie (in a clone beside the package, in a wheel inside), and the cache."""

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
    """The folder for builds by content, open to the subject's user; FORKSPEC_CACHE moves it."""
    if given := os.environ.get("FORKSPEC_CACHE"):
        return Path(given)
    if os.getuid() == 0:
        return Path("/var/cache/forkspec")
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "forkspec"
