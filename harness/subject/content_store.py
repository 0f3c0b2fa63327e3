"""Keeps what was built, by a digest of its content: whole or not at all, and readable by the subject."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import harness

from . import machine, places
from .folder import UnusableTarget
from .tools import is_reachable

MOST_BUILT_BYTES: Final = 256 << 20
_MOVED_BY: Final = "FORKSPEC_CACHE"


def cache() -> Path:
    """The cache folder; raises HarnessError unless we can write to it and the subject can enter."""
    folder = places.cache()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        usable = os.access(folder, os.W_OK | os.X_OK) and is_reachable(str(folder / "any"))
    except OSError:
        usable = False
    if not usable:
        raise harness.HarnessError(
            f"the build cache {folder} cannot be used, by us or by the ordinary user that servers "
            "run as: set FORKSPEC_CACHE to a folder that both can enter"
        )
    return folder


def digest(*parts: bytes | str) -> str:
    """A short name for contents and for everything else that decides what is built from them."""
    found = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(len(data).to_bytes(8) + data)
    return found.hexdigest()[:24]


def keep_file(path: Path) -> Path:
    """A copy of one file, readable by the subject's user; raises UnusableTarget or HarnessError."""
    try:
        with machine.at_fault(str(path)):
            data = path.read_bytes()
    except OSError as error:
        raise UnusableTarget(f"{path}: {error.strerror}") from error
    return keep(path.name, data)


def keep(name: str, data: bytes) -> Path:
    """A file of this name and content, readable by the subject's user; raises HarnessError."""
    folder = cache() / "kept" / digest(os.fsencode(name), data)
    if not (folder / name).exists():
        publish(folder, lambda new: (new / name).write_bytes(data))
    return folder / name


def publish(folder: Path, fill: Callable[[Path], object]) -> None:
    """Fill a new folder and move it to its place; raises HarnessError, the machine's."""
    with becoming(folder) as new:
        fill(new)
        for path in [new, *new.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755)


@contextmanager
def becoming(folder: Path) -> Iterator[Path]:
    """A new folder, moved to its place at the end, unless another was quicker; raises as `publish`."""
    kept = f"the build cache {folder.parent}"
    try:
        folder.parent.mkdir(exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new-"))
    except OSError as error:
        raise machine.fault(error, kept, _MOVED_BY) from error
    try:
        with machine.at_fault(kept, _MOVED_BY):
            yield new
            new.rename(folder)
    except OSError:
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(new, ignore_errors=True)


def copy_tree(source: Path, target: Path) -> None:
    """Copy ordinary files that a build has left; raises UnusableTarget where they are too large."""
    left = MOST_BUILT_BYTES
    for folder, _, names in os.walk(source):
        here = target / Path(folder).relative_to(source)
        here.mkdir(parents=True, exist_ok=True)
        for name in names:
            path = Path(folder) / name
            if path.is_symlink() or not path.is_file():
                continue
            left -= path.stat().st_size
            if left < 0:
                raise UnusableTarget(f"the build makes more than {MOST_BUILT_BYTES >> 20} MiB")
            shutil.copyfile(path, here / name)
