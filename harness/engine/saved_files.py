"""Says when files were saved: the target's own, and those beside it that it may be built from."""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

Stamps = Mapping[str, tuple[int, int]]

_MOST: Final = 2000
_TAIL: Final = 65_536
_OF_NO_SOURCE: Final = frozenset({"__pycache__", "node_modules", "target", "results"})


def stamps(target: Path) -> Stamps:
    """When each file was last written, and its size; of a file, also of those beside it.

    Hidden files and folders are left out, what a build makes for itself, the file that our own output
    goes to, and what is beyond 2000 files.
    """
    ours = set(_outputs())
    found: dict[str, tuple[int, int]] = {}
    is_folder = target.is_dir()
    for path in _files(target if is_folder else target.parent, deep=is_folder):
        try:
            seen = os.stat(path)  # noqa: PTH116  (thousands, several times a second)
        except OSError:  # renamed just now: editors write another file and rename it
            continue
        if (seen.st_dev, seen.st_ino) in ours:
            continue
        found[path] = seen.st_mtime_ns, seen.st_size
        if len(found) >= _MOST:
            break
    return found


def _outputs() -> Iterator[tuple[int, int]]:
    for stream in (1, 2):
        with suppress(OSError):  # closed
            seen = os.fstat(stream)
            yield seen.st_dev, seen.st_ino


def changed(before: Stamps, now: Stamps, said: Collection[str] = ()) -> list[str]:
    """The names of files that were written, made or removed, in order.

    A file that ends with something that was `said` is where our output goes by way of another program
    (`| tee log`), and no source.
    """
    differ = [path for path in before.keys() | now.keys() if before.get(path) != now.get(path)]
    return sorted(Path(path).name for path in differ if not _has_been_said(path, said))


def _has_been_said(path: str, said: Collection[str]) -> bool:
    try:
        with Path(path).open("rb") as file:
            file.seek(-min(_TAIL, os.fstat(file.fileno()).st_size), os.SEEK_END)
            end = file.read()
    except OSError:  # removed
        return False
    return any(each.encode(errors="replace") in end for each in said)


def _files(folder: Path, *, deep: bool) -> Iterator[str]:
    for at, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if deep and each[0] != "." and each not in _OF_NO_SOURCE]
        yield from (f"{at}/{name}" for name in sorted(names) if name[0] not in ".#" and name[-1] != "~")
