"""One student's work, as files; what tells students apart; and what in a folder is no student's work."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

STORE: Final = "forkspec.db"  # a folder with one holds results, and nobody's work
STUDENT_IDS: Final = frozenset({"id", "sid", "email", "username"})  # columns of a hand-in


@dataclass(frozen=True, slots=True)
class StudentWork:
    """One student's work. `files` is by the names that were handed in; a folder has its own name only.

    `identity` holds the course system's columns for the student. `when` is in seconds since 1970, None
    where it is not known; `when_by` is the system that says so, "" where the files do. `remarks` say
    what was decided: late, handed in twice. Students who handed in together have an identity each:
    those of the others are `partners`. `refused` says why nobody can judge it, where that is plain
    without a look into the files; then there may be none. A reference server is only named, by
    `reference`.
    """

    student: str
    files: Mapping[str, Path]
    identity: Mapping[str, str] = field(default_factory=dict)
    when: float | None = None
    remarks: tuple[str, ...] = ()
    partners: tuple[Mapping[str, str], ...] = ()
    refused: str = ""
    reference: str = ""
    when_by: str = ""

    @property
    def first(self) -> Path:
        """The only file or folder that was handed in, or the first of several."""
        return next(iter(self.files.values()), Path(self.student))

    @property
    def key(self) -> str:
        """The key that tells students apart: the system's ids, or else the name, however it is spelt."""
        ids = [
            next((v for k, v in sorted(who.items()) if k in STUDENT_IDS and v != "None"), "")
            for who in (self.identity, *self.partners)
        ]
        return " ".join(sorted(filter(None, ids))) or plain(self.student)


@dataclass(frozen=True, slots=True)
class NotHandedIn:
    """Something in the folder that is no hand-in, by its path there, with the reason."""

    name: str
    because: str

    def __str__(self) -> str:
        return f"{self.name}: {self.because}"


def plain(name: str) -> str:
    """A name without its spelling: one composition of accents, no upper case."""
    return unicodedata.normalize("NFC", name).casefold()
