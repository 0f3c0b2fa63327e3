"""A handed-in folder: what in it is the student's work, and what is litter of tools and systems.

It is only read; what a build needs is copied elsewhere.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Final

import harness

from . import forms

MOST_BYTES: Final = 64 << 20
MOST_FILES: Final = 2000
_MOST_CARRIED: Final = 20_000
_DEEPEST: Final = 12
_LITTER: Final = frozenset({
    "__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".git", ".hg", ".svn", ".idea", ".vscode",
    ".vs",
})  # fmt: skip


class UnusableTarget(harness.HarnessError):
    """The user's target cannot be judged; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Work:
    """The files of a folder, by their path in it; `strays` are links that lead out of it, left out."""

    folder: Path
    files: tuple[Path, ...]
    strays: tuple[Path, ...] = ()

    @property
    def own(self) -> tuple[Path, ...]:
        """The files that may be looked into: not those of others' packages."""
        return tuple(name for name in self.files if not is_carried(name))

    def text(self, name: Path) -> str:
        """One file as a text: without a mark of UTF-8 (BOM), its lines ended as on Unix."""
        text = (self.folder / name).read_text(encoding="utf-8-sig", errors="replace")
        return text.replace("\r\n", "\n")

    @property
    def digest(self) -> str:
        """The digest of all names and contents: the same content need not be built again."""
        digest = hashlib.sha256()
        for name in self.files:
            digest.update(os.fsencode(name) + b"\0")
            with (self.folder / name).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()[:24]

    def copy_to(self, place: Path) -> None:
        """All files into an empty folder, as ordinary files with their times: make goes by them."""
        now_ns = time.time_ns()
        for name in self.files:
            target = place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.folder / name, target)
            told = (self.folder / name).stat()
            target.chmod(0o755 if os.access(self.folder / name, os.X_OK) else 0o644)
            changed_ns = min(told.st_mtime_ns, now_ns)  # make takes no time that is yet to come
            os.utime(target, ns=(changed_ns, changed_ns))


def work_in(folder: Path) -> Work:
    """What lies in a folder, or in the only folder in it; raises UnusableTarget, or OSError.

    A Python package that is started by its name (python -m) is not entered: it needs that name.
    """
    for _ in range(_DEEPEST):
        entries = [entry for entry in sorted(folder.iterdir()) if not _is_litter(entry.name)]
        if len(entries) != 1 or entries[0].is_symlink() or not entries[0].is_dir():
            break
        if (entries[0] / "__main__.py").exists():
            break
        folder = entries[0]
    root = folder.resolve()
    files: list[Path] = []
    strays: list[Path] = []
    size = counted = 0
    for path in _walk(folder):
        name = path.relative_to(folder)
        if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(root):
            strays.append(name)
        elif os.path.isfile(path):  # noqa: PTH113  (neither pipe nor device; a broken link raises nothing)
            files.append(name)
            size += path.stat().st_size
            counted += not is_carried(name)
            if counted > MOST_FILES or len(files) > _MOST_CARRIED or size > MOST_BYTES:
                raise too_large(folder.name)
    return Work(folder, tuple(files), tuple(strays))


def too_large(name: str) -> UnusableTarget:
    """The refusal of a hand-in that would fill the machine."""
    return UnusableTarget(
        f"{name}: more than {MOST_FILES} files or {MOST_BYTES >> 20} MiB; hand in the source alone"
    )


def _walk(folder: Path, depth: int = 0) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if _is_litter(entry.name):
            continue
        if not entry.is_symlink() and entry.is_dir():
            if depth < _DEEPEST:
                yield from _walk(entry, depth + 1)
        else:
            yield entry


def _is_litter(name: str) -> bool:
    return name in litter() or name.startswith("._")


def is_carried(name: PurePath) -> bool:
    """Whether it lies in a folder of others' packages."""
    return bool(_carried() & set(name.parts[:-1]))


@cache
def _carried() -> frozenset[str]:
    return frozenset().union(*(form.carried for form in forms.all_forms()))


@cache
def litter() -> frozenset[str]:
    """The names of what systems, editors and the tools of all forms leave in a folder."""
    return _LITTER.union(*(form.left_out for form in forms.all_forms()))
