"""The grounds on which a class is judged: its assignment, forkspec's version, the cell, the names.

They are written down when a class is begun, and every later grading is held to them.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

import harness
from harness import extensions
from harness.engine.assignment_file import AssignmentFile, of_text
from harness.engine.session import seed_of

from .store_file import StoreError, StoreFile

_WITH: Final = " + "


class Grounds:
    """The facts about the class as a whole that a store holds."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def belongs_to(self, terms: str, settings: AssignmentFile) -> None:
        """Keep the assignment; raises StoreError where all here was observed under other terms."""
        known = self._written()
        if known.get("terms", terms) != terms:
            raise StoreError(
                f"{self._file.folder}: these are results of another assignment "
                f"({known.get('source') or 'the lecture'}): grade into another folder"
            )
        source = settings.assignment.source
        rows = {
            "terms": terms,
            "source": str(Path(source).resolve()) if source else "",
            "assignment": settings.text,
        }
        self._write(rows)

    @property
    def settings(self) -> AssignmentFile:
        """The assignment under which the class was last judged, with its text at that time."""
        known = self._written()
        return of_text(known.get("assignment", ""), known.get("source", ""))

    def observed_in(self, cells: Collection[str]) -> None:
        """Raise StoreError where another version, its packages included, or kind of cell was used."""
        added = extensions.packages(extensions.SCENARIOS, extensions.FORMS)
        now = _WITH.join([" ".join([harness.__version__, *sorted(cells)]), *added])
        known = self._written().get("grounds")
        if known is None:
            self._write({"grounds": now})
        elif known != now:
            raise StoreError(
                f"{self._file.folder}: begun by {_spoken(known)}, and this is {_spoken(now)}: one class "
                "is judged on the same grounds; go on with what it was begun with (--cell), or grade "
                "into another folder"
            )

    def seed(self, given: int | None, settings: AssignmentFile) -> int:
        """The seed of all random orders: as given, or the one that the class was begun with."""
        known = self._written().get("seed", "")
        seed = int(known) if given is None and known else seed_of(settings.assignment, given)
        if not known:
            self._write({"seed": str(seed)})
        return seed

    def has_names(self, names: bool) -> None:  # noqa: FBT001  (named in the method)
        """Raise StoreError where a store of names is to get pseudonyms, or the other way round."""
        told = "names" if names else "pseudonyms"
        known = self._written().get("students", told)
        if known != told:
            raise StoreError(
                f"{self._file.folder}: begun with the {known} of students: give --pseudonyms as then, "
                "or grade into another folder"
            )
        self._write({"students": told})

    def set_aside(self, told: Iterable[str]) -> None:
        """Keep what is not a hand-in, each with the reason; it replaces what was kept."""
        self._write({"aside": json.dumps(list(told))})

    @property
    def aside(self) -> tuple[str, ...]:
        """The files that were not hand-ins when the class was last graded."""
        with self._file.reading():
            told = json.loads(self._written().get("aside", "[]"))
            return msgspec.convert(told, tuple[str, ...])

    @property
    def source(self) -> Path | None:
        """The path of the assignment's file, if the file still exists."""
        path = Path(self._written().get("source", ""))
        return path if path.is_file() else None

    def _written(self) -> dict[str, str]:
        """The stored facts about the class as a whole."""
        with self._file.reading() as db:
            return msgspec.convert(dict(db.execute("select key, value from meta")), dict[str, str])

    def _write(self, values: Mapping[str, str]) -> None:
        with self._file.transaction() as db:
            db.executemany("insert or replace into meta values (?, ?)", values.items())


def _spoken(grounds: str) -> str:
    observed, *added = grounds.split(_WITH)
    version, _, cell = observed.partition(" ")
    return f"forkspec {version} in the {cell} cell{' with ' * bool(added)}{', '.join(added)}"
