"""Reads who handed in what, from the folder that a course system exports or that a teacher keeps.

Canvas: `name_[LATE_]id_id_file.ext`. Moodle: `Name_123456_assignsubmission_file_/`. Gradescope:
`submission_123/` beside `submission_metadata.yml`. Otherwise each folder, archive, file or git checkout
is one student's.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import harness
from harness.subject.archive import SUFFIXES, is_archive
from harness.subject.forms import of_suffixes
from harness.subject.forms.executable import is_program

STORE: Final = "forkspec.db"  # a folder with one holds results, and nobody's work
_METADATA: Final = "submission_metadata.yml"
_CANVAS: Final = re.compile(
    r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_(?P<submission>\d+)_(?P<file>.+)"
)
_MOODLE: Final = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?")
_AGAIN: Final = re.compile(r"-\d+(?=\.[^.]*$|$)")  # Canvas counts who hands in once more
_IDS: Final = frozenset({"id", "sid", "email"})
_LITTER: Final = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini", _METADATA})


@dataclass(frozen=True, slots=True)
class StudentWork:
    """One student's work. `files` is by the names that were handed in; a folder has its own name only.

    `identity` holds the course system's columns for the student. `when` is in seconds since 1970, None
    where it is not known. `remarks` say what was decided: late, handed in twice. Students who handed in
    together have an identity each: those of the others are `partners`. A reference server is only named,
    by `reference`.
    """

    student: str
    files: Mapping[str, Path]
    identity: Mapping[str, str] = field(default_factory=dict)
    when: float | None = None
    remarks: tuple[str, ...] = ()
    partners: tuple[Mapping[str, str], ...] = ()
    reference: str = ""

    @property
    def first(self) -> Path:
        """The only file or folder that was handed in, or the first of several."""
        return next(iter(self.files.values()))

    @property
    def key(self) -> str:
        """What tells students apart: the course system's ids, or else the name, however it is spelt."""
        ids = [
            next((v for k, v in sorted(who.items()) if k in _IDS and v != "None"), "")
            for who in (self.identity, *self.partners)
        ]
        return " ".join(sorted(filter(None, ids))) or _plain(self.student)


def read(folder: Path) -> list[StudentWork]:
    """Everybody who handed in, by name; of several hand-ins of one student, the newest.

    Raises:
        HarnessError: there is no such folder, or nothing to judge in it; the user's.
    """
    try:
        entries = sorted(path for path in folder.iterdir() if not _is_litter(path))
    except OSError as error:
        raise harness.HarnessError(f"{folder}: {error.strerror}") from error
    found = list(_by_gradescope(folder)) if (folder / _METADATA).exists() else list(_by_name(entries))
    if not found:
        raise harness.HarnessError(
            f"{folder}: nothing handed in: there is no folder, archive or source file in it"
        )
    clean = [replace(each, student=_legible(each.student)) for each in found]
    return sorted(_told_apart(_newest(clean)), key=lambda each: each.student.casefold())


def of_target(target: str) -> StudentWork:
    """A hand-in that is judged under its own name, such as a reference server."""
    path = Path(target)
    if path.exists():
        return StudentWork(path.name, {path.name: path})
    return StudentWork(path.name, {}, reference=target)


def _is_litter(path: Path) -> bool:
    is_ours = path.is_dir() and (path / STORE).exists()
    return path.name.startswith(".") or path.name in _LITTER or is_ours


def _is_work(path: Path) -> bool:
    """Whether a file may be a student's work, and is not a list of students."""
    try:
        return path.is_dir() or is_archive(path) or path.suffix in of_suffixes() or is_program(path)
    except OSError:
        return False


def _by_name(entries: Sequence[Path]) -> Iterator[StudentWork]:
    together: dict[tuple[str, str], list[tuple[re.Match[str], Path]]] = {}
    for path in entries:
        if path.is_file() and (match := _CANVAS.fullmatch(path.name)):
            together.setdefault((match["name"], match["id"]), []).append((match, path))
        elif path.is_dir() and (match := _MOODLE.fullmatch(path.name)):
            yield StudentWork(
                match["name"], {path.name: path}, {"name": match["name"], "id": match["id"]}, _age(path)
            )
        elif _is_work(path):
            name = path.name if path.is_dir() else _without_suffix(path)
            yield StudentWork(name, {path.name: path}, when=_age(path))
    for (name, number), parts in together.items():
        yield _from_canvas(name, number, parts)


def _from_canvas(name: str, number: str, parts: Sequence[tuple[re.Match[str], Path]]) -> StudentWork:
    """All files of one student. Of a file that was handed in again, only the last."""
    last: dict[str, tuple[int, Path]] = {}
    given = {match["file"] for match, _ in parts}
    for match, path in parts:
        plain = _AGAIN.sub("", match["file"])
        plain = plain if plain in given else match["file"]
        if plain not in last or last[plain][0] < int(match["submission"]):
            last[plain] = int(match["submission"]), path
    remarks: tuple[str, ...] = ("late",) if any(match["late"] for match, _ in parts) else ()
    if len(last) < len(parts):
        remarks += ("handed in again: the newest counts",)
    files = {plain: path for plain, (_, path) in last.items()}
    when = max(map(_age, files.values()))
    return StudentWork(name, files, {"name": name, "id": number}, when, remarks)


def _by_gradescope(folder: Path) -> Iterator[StudentWork]:
    import yaml  # noqa: PLC0415  (only where it is needed)

    try:
        told: dict[str, dict[str, Any]] = yaml.safe_load(
            (folder / _METADATA).read_text(encoding="utf-8")
        )
        for name, entry in told.items():
            who = [
                {key.lstrip(":"): str(value) for key, value in each.items()}
                for each in entry[":submitters"]
            ]
            names = [each.get("name") or each.get("email", name) for each in who]
            identity, *partners = ({"submission": name, **each} for each in who)
            remarks = ("handed in together",) if len(who) > 1 else ()
            at = entry.get(":created_at")
            when = at.timestamp() if isinstance(at, dt.datetime) else _age(folder / name)
            if (folder / name).is_dir():
                files = {name: folder / name}
                yield StudentWork(
                    " and ".join(names), files, identity, when, remarks, partners=tuple(partners)
                )
    except (OSError, yaml.YAMLError, AttributeError, KeyError, IndexError, TypeError) as error:
        raise harness.HarnessError(
            f"{folder / _METADATA}: not as Gradescope writes it: {error}"
        ) from error


def _newest(found: Sequence[StudentWork]) -> list[StudentWork]:
    """One hand-in for each student: the newest."""
    by_key: dict[str, list[StudentWork]] = {}
    for each in found:
        by_key.setdefault(each.key, []).append(each)
    chosen = []
    for several in by_key.values():
        best = max(several, key=lambda each: each.when or 0.0)
        if len(several) > 1:
            others = ", ".join(each.first.name for each in several if each is not best)
            remark = f"handed in {len(several)} times: {best.first.name} is the newest, not {others}"
            best = replace(best, remarks=(*best.remarks, remark))
        chosen.append(best)
    return chosen


def _told_apart(found: Sequence[StudentWork]) -> Iterator[StudentWork]:
    """The same hand-ins; students with the same name get their ids behind it."""
    names = [each.student.casefold() for each in found]
    for each in found:
        if names.count(each.student.casefold()) > 1:
            yield replace(each, student=f"{each.student} ({each.key})")
        else:
            yield each


def _age(path: Path) -> float:
    """When the work was last changed: the last commit of a git checkout, or else the newest file.

    Git itself is not run: it obeys the settings in the checkout, which are the student's.
    """
    try:
        *_, last = (
            (path / ".git" / "logs" / "HEAD").read_text(encoding="utf-8", errors="replace").splitlines()
        )
        return float(last.partition("\t")[0].split()[-2])
    except (OSError, ValueError, IndexError):
        pass
    files = (each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    return max((_modified(each) for each in files), default=0.0)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _without_suffix(path: Path) -> str:
    """A student's name from a file name; dots may be part of the name."""
    name, suffixes = path.name, [*SUFFIXES, *of_suffixes()]
    known = [each for each in suffixes if name.lower().endswith(each)]
    return name[: -len(max(known, key=len))] if known else name


def _legible(name: str) -> str:
    """A name as one line of UTF-8, whatever bytes the file name is made of."""
    whole = name.encode("utf-8", "replace").decode()
    return " ".join("".join(c if c.isprintable() else " " for c in whole).split()) or "nameless"


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
