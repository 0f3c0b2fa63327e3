"""Layouts: how each course system names the hand-ins of a class in a folder."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

from harness.cohort.student_work import NotHandedIn, StudentWork


@dataclass(slots=True)
class Taken:
    """The entries of a folder that a layout has recognised; all others go to the next layout."""

    students: list[StudentWork] = field(default_factory=list)
    aside: list[NotHandedIn] = field(default_factory=list)
    entries: set[Path] = field(default_factory=set)

    def set_aside(self, path: Path, because: str) -> None:
        """Say that this entry is no hand-in."""
        self.aside.append(NotHandedIn(path.name, because))
        self.entries.add(path)


@dataclass(frozen=True, slots=True)
class Layout:
    """How one system names hand-ins; `read` gets the entries of a folder that no layout has taken yet.

    `shows` is an example, as the user's table has it. `names` are those that this system alone gives:
    by them a folder is known as a class's. `is_system` is false where any name may be a student's.
    Layouts are tried in the order of their `place`.
    """

    name: str
    shows: str
    read: Callable[[Path, Sequence[Path]], Taken]
    names: Callable[[str], object] = lambda _: None
    is_system: bool = True
    place: int = 0

    def is_name(self, name: str) -> bool:
        """Whether this system gives such a name."""
        return bool(self.names(name))


def newest_file(paths: Iterable[Path]) -> float:
    """When the youngest of these files and folders was last changed, in seconds since 1970.

    Of a git checkout the last commit counts. Git itself is not run: it obeys the settings in the
    checkout, which are the student's.
    """
    return max((_changed(each) for each in paths), default=0.0)


def beginning(names: Iterable[str]) -> str:
    """The letters that all these names begin with."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(first for first, *_ in alike)


def at(told: str, *forms: str) -> float | None:
    """A moment that a system wrote into a name, in seconds since 1970; None where it is none."""
    for each in forms:
        try:
            return dt.datetime.strptime(told, each).timestamp()  # noqa: DTZ007  (names tell no time zone)
        except ValueError:
            continue
    return None


def _changed(path: Path) -> float:
    try:
        log = (path / ".git" / "logs" / "HEAD").read_text(encoding="utf-8", errors="replace")
        return float(log.splitlines()[-1].partition("\t")[0].split()[-2])
    except (OSError, ValueError, IndexError):
        pass
    files = (each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    return max((_modified(each) for each in files), default=0.0)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
