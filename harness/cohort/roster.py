"""Reads the hand-ins of a class, from a folder or archive of a course system or of a teacher.

Everything in it is a student's work, or is listed as no hand-in, with the reason. How each system names
hand-ins stands in layouts/.
"""

import shlex
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

import harness
from harness.subject import machine
from harness.subject.archive import is_archive, unpack
from harness.subject.folder import UnusableTarget

from .layouts import LAYOUTS
from .layouts.plain import are_programs, is_part
from .student_work import STORE, NotHandedIn, StudentWork

_LITTER: Final = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"})
_SYSTEMS: Final = [each for each in LAYOUTS if each.is_system]
_MOST_FILES: Final = 500_000
_DEEPEST: Final = 5
_MOST_BYTES: Final = 16 << 30


@dataclass(frozen=True, slots=True)
class HandIns:
    """The students by name, one hand-in each; and what else lies there, with the reason why it is none.

    `systems` are the course systems that named the hand-ins (see layouts/).
    """

    students: tuple[StudentWork, ...]
    aside: tuple[NotHandedIn, ...] = ()
    systems: frozenset[str] = frozenset()


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """The folder of a class, unpacked if need be, also an archive in one; raises HarnessError."""
    if not path.is_file():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="forkspec-class-") as made:
        try:
            with machine.at_fault(f"{path}, unpacked in {made}", "TMPDIR"):
                if not is_archive(path):
                    raise UnusableTarget(
                        f"{path}: neither a folder nor an archive of what a class handed in"
                    )
                place = _unpacked(path, Path(made))
        except OSError as error:
            raise harness.HarnessError(f"{path}: {error.strerror}") from error
        yield place


def _unpacked(path: Path, into: Path) -> Path:
    """The content of an archive; of archives in archives the innermost, if that is a class."""
    places: list[Path] = []
    for depth in range(_DEEPEST):
        place = into / str(depth)
        place.mkdir()
        try:
            unpack(path, place, most_files=_MOST_FILES, most_bytes=_MOST_BYTES)
        except harness.HarnessError:
            if not places:
                raise
            break
        places.append(place)
        entries = _entries(place)
        if len(entries) != 1 or not entries[0].is_file() or not is_archive(entries[0]):
            break
        path = entries[0]
    return places[-1] if _is_class(_entered(places[-1])) else places[0]


def read(folder: Path) -> HandIns:
    """All students who handed in, by name, each with the newest; raises HarnessError for none."""
    try:
        students, aside, systems = _read(_entered(folder))
    except OSError as error:
        raise harness.HarnessError(f"{folder}: {error.strerror}") from error
    if not students:
        told = "".join(f"; {each}" for each in aside[:3])
        raise harness.HarnessError(
            f"{folder}: nothing handed in: there is no folder, archive or source file in it{told}"
        )
    clean = [replace(each, student=_legible(each.student)) for each in students]
    chosen, earlier = _newest(clean)
    apart = sorted(_told_apart(chosen), key=lambda each: each.student.casefold())
    return HandIns(
        tuple(apart),
        tuple(replace(each, name=_legible(each.name)) for each in (*aside, *earlier)),
        frozenset(systems),
    )


def of_target(target: str) -> StudentWork:
    """A hand-in that is judged under its own name, such as a reference server."""
    path = Path(target)
    if path.exists():
        return StudentWork(path.name, {path.name: path})
    return StudentWork(path.name, {}, reference=target)


def _entries(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.iterdir() if path.name not in _LITTER and not path.name.startswith("._")
    )


def _entered(folder: Path) -> Path:
    """The folder, or the only one in it, where that holds a class: many archives pack a folder."""
    entries = _entries(folder)
    if len(entries) != 1 or not entries[0].is_dir() or (entries[0] / STORE).exists():
        return folder
    inside = _entries(entries[0])
    parts = [path for path in inside if path.is_file() and is_part(path)]
    is_class = _is_class(entries[0]) or (len(inside) > 1 and (not parts or are_programs(parts)))
    return _entered(entries[0]) if is_class else folder


def _read(folder: Path) -> tuple[list[StudentWork], list[NotHandedIn], set[str]]:
    students: list[StudentWork] = []
    aside: list[NotHandedIn] = []
    systems: set[str] = set()
    left = _entries(folder)
    for course in _courses(left):
        found, others, theirs = _read(course)
        students += found
        systems |= theirs
        aside += [replace(each, name=f"{course.name}/{each.name}") for each in others]
        left.remove(course)
    for layout in LAYOUTS:
        taken = layout.read(folder, left)
        students += taken.students
        aside += taken.aside
        systems |= {layout.name} if taken.students and layout.is_system else set()
        left = [path for path in left if path not in taken.entries]
    return students, aside, systems


def _courses(entries: Sequence[Path]) -> list[Path]:
    """The classes of several courses in one folder: if everything in it is one.

    One folder among others is a student's, whatever its files are called: nobody hands in for others.

    Raises:
        HarnessError: classes that are still packed; the user's.
    """
    folders = [path for path in entries if path.is_dir() and not (path / STORE).exists()]
    packed = [path for path in entries if path.is_file() and is_archive(path)]
    if folders and not packed and all(map(_is_class, folders)):
        return folders
    if packed and not folders and all(map(_is_packed_class, packed)):
        raise harness.HarnessError(
            f"{packed[0]}: a whole class in one archive: grade it by itself, "
            f"forkspec grade {shlex.quote(str(packed[0]))}"
        )
    return []


def _is_class(folder: Path) -> bool:
    """Whether names alone say that a folder holds a class, and is not one student's work."""
    entries = _entries(folder)
    if any(layout.is_name(folder.name) for layout in _SYSTEMS):
        return False
    try:
        taken = [layout.read(folder, entries) for layout in _SYSTEMS]
    except harness.HarnessError:
        return False
    known = {path for each in taken for path in each.entries}
    return len({who.key for each in taken for who in each.students}) > 1 and known.issuperset(entries)


def _is_packed_class(path: Path) -> bool:
    """Whether a .zip holds a class's hand-ins, by the names in it."""
    if not zipfile.is_zipfile(path) or any(layout.is_name(path.name) for layout in _SYSTEMS):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [PurePosixPath(each).parts for each in archive.namelist()]
    except (OSError, zipfile.BadZipFile):
        return False
    while len(tops := {each[0] for each in parts if each} - _LITTER) == 1:
        parts = [each[1:] for each in parts if each and each[0] in tops]
    return len(tops) > 1 and all(any(layout.is_name(name) for layout in _SYSTEMS) for name in tops)


def _newest(found: Sequence[StudentWork]) -> tuple[list[StudentWork], list[NotHandedIn]]:
    """One hand-in for each student, the newest, and the others; what can be judged goes before."""
    by_key: dict[str, list[StudentWork]] = {}
    for each in found:
        by_key.setdefault(each.key, []).append(each)
    chosen, earlier = [], []
    for several in by_key.values():
        best = max(several, key=lambda each: (not each.refused, each.when or 0.0))
        if len(several) > 1:
            rest = [each for each in several if each is not best]
            others = ", ".join(each.first.name for each in rest)
            earlier += [
                NotHandedIn(each.first.name, f"{best.first.name} of {best.student} is newer")
                for each in rest
            ]
            remark = f"handed in {len(several)} times: {best.first.name} is the newest, not {others}"
            best = replace(best, remarks=(*best.remarks, remark))
        chosen.append(best)
    return chosen, earlier


def _told_apart(found: Sequence[StudentWork]) -> Iterator[StudentWork]:
    """The hand-ins; where several students have one name, their ids stand behind it."""
    names = [each.student.casefold() for each in found]
    for each in found:
        if names.count(each.student.casefold()) > 1:
            yield replace(each, student=f"{each.student} ({each.key})")
        else:
            yield each


def _legible(name: str) -> str:
    """A name as one line of UTF-8, whatever bytes the file name is made of; accents are composed."""
    whole = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    return " ".join("".join(c if c.isprintable() else " " for c in whole).split()) or "nameless"
