"""Canvas: `name_[LATE_]user_attachment_file.c`, `anon_aB3xY_attachment_file.c`, `name_user_text.html`.

A name keeps its underscores. From the second attempt on every file of it is renamed (`server-1.c`,
`Makefile-1`), and only that attempt is downloaded: the files get their names back, since they include
each other by them.

Source: Canvas LMS, lib/content_zipper.rb (get_filename, sanitize_user_name, add_upload_submission) and
Attachment.make_unique_filename.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from harness.cohort.student_work import StudentWork

from .naming import Layout, Taken, newest_file

_ANONYMOUS: Final = re.compile(
    r"(?P<late>LATE_)?anon_(?P<id>[A-Za-z0-9]+)_(?:(?P<number>\d+)_(?P<file>.+)|(?P<text>text|link)\.html)",
    re.DOTALL,
)
_TEXT: Final = re.compile(
    r"(?P<name>.+?)_(?P<late>LATE_)?(?P<id>\d+)_(?P<text>text|link)\.html", re.DOTALL
)
_NUMBERS: Final = re.compile(r"_(?P<late>LATE_)?(?P<id>\d+)_(?P<number>\d+)_(?=.)", re.DOTALL)
_SUFFIXES: Final = r"(?:\.[A-Za-z][A-Za-z0-9]*)*(?:\.[A-Za-z0-9]*)"
_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_RENAMED: Final = re.compile(rf"(?P<stem>.*)-(?:[1-7]|{_UUID})(?P<suffixes>{_SUFFIXES}|)", re.DOTALL)
_MOST_READ: Final = 1 << 20
_WORDS: Final = {"text": "text typed into Canvas", "link": "a link given to Canvas"}


@dataclass(frozen=True, slots=True)
class _Part:
    """One file of a student; `number` is the attachment's, 0 for text."""

    name: str
    id: str
    number: int
    file: str
    path: Path
    is_late: bool
    text: str = ""


def _read(_: Path, entries: Sequence[Path]) -> Taken:
    taken = Taken()
    files = [path for path in entries if path.is_file()]
    possible = {path: list(_parts(path)) for path in files}
    usual = _usual(
        [
            parts[0]
            for parts in possible.values()
            if len(parts) == 1 and parts[0].number and parts[0].id.isdigit()
        ]
    )
    whose: dict[tuple[str, str], list[_Part]] = {}
    for path, parts in possible.items():
        if parts:
            part = min(parts, key=lambda each: _oddness(each, usual))
            whose.setdefault((part.name, part.id), []).append(part)
            taken.entries.add(path)
    for own in whose.values():
        taken.students.append(_student(taken, own))
    return taken


def _parts(path: Path) -> Iterator[_Part]:
    """All that a name may mean: a student's may end in a number, a file may be called text.html."""
    name = path.name
    if match := _ANONYMOUS.fullmatch(name):
        who, late = f"anon_{match['id']}", bool(match["late"])
        text = match["text"] or ""
        yield _Part(who, match["id"], int(match["number"] or 0), match["file"] or name, path, late, text)
        return
    if match := _TEXT.fullmatch(name):
        yield _Part(match["name"], match["id"], 0, name, path, bool(match["late"]), match["text"])
    start = 1
    while found := _NUMBERS.search(name, start):
        yield _Part(
            name[: found.start()],
            found["id"],
            int(found["number"]),
            name[found.end() :],
            path,
            bool(found["late"]),
        )
        start = found.end("id")
        if found["late"] or not _NUMBERS.match(name, start):
            return


def _usual(parts: Sequence[_Part]) -> tuple[float, float] | None:
    """How large numbers of students and of attachments are in this class, as logarithms."""
    if not parts:
        return None
    ids = [math.log10(int(each.id) + 1) for each in parts]
    return median(ids), median(math.log10(each.number + 1) for each in parts)


def _oddness(part: _Part, usual: tuple[float, float] | None) -> float:
    """How far a reading is from the others of its class; alone, the larger attachment is likelier."""
    if not part.id.isdigit():
        return 0.0
    if usual is None:
        return -math.log10(part.number + 1)
    ids, numbers = usual
    of_number = abs(math.log10(part.number + 1) - numbers) if part.number else 0.0
    return abs(math.log10(int(part.id) + 1) - ids) + of_number


def _student(taken: Taken, parts: Sequence[_Part]) -> StudentWork:
    first = parts[0]
    name = first.name
    texts = [each for each in parts if each.text]
    uploads = [each for each in parts if not each.text]
    remarks: tuple[str, ...] = ("late",) if any(each.is_late for each in parts) else ()
    identity = {"name": name, "id": first.id}
    if not uploads:
        refused = f"{_WORDS[texts[0].text]}, and no file"
        files = {each.file: each.path for each in texts}
        when = newest_file(files.values())
        return StudentWork(name, files, identity, when, remarks, refused=refused, when_by="Canvas")
    for each in texts:
        taken.set_aside(each.path, f"{_WORDS[each.text]} by {name}, beside the files")
    last: dict[str, _Part] = {}
    given_back = _given_back(uploads)
    for each in sorted(uploads, key=lambda part: part.number):
        plain = given_back[each.path]
        if plain in last:
            taken.set_aside(last[plain].path, f"{name} handed in {plain} again")
        last[plain] = each
    if len(last) < len(uploads):
        remarks += ("handed in again: the newest counts",)
    files = {plain: part.path for plain, part in last.items()}
    when = newest_file(files.values())
    return StudentWork(name, files, identity, when, remarks, when_by="Canvas")


def _given_back(parts: Sequence[_Part]) -> dict[Path, str]:
    """The names before Canvas renamed them, by path; one that another file asks for is the student's."""
    given = {each.file for each in parts}
    plain = {each.path: _before(each.file) for each in parts}
    times = Counter(name for each in parts if (name := plain[each.path]) != each.file)
    asked = _asked_for(parts)
    return {
        each.path: plain[each.path]
        if plain[each.path] in given or (times[plain[each.path]] == 1 and each.file not in asked)
        else each.file
        for each in parts
    }


def _before(name: str) -> str:
    match = _RENAMED.fullmatch(name)
    return match["stem"] + match["suffixes"] if match and (match["stem"] or match["suffixes"]) else name


def _asked_for(parts: Sequence[_Part]) -> set[str]:
    """The names in the texts of the files, of those that may have been renamed."""
    renamed = {each.file for each in parts if _before(each.file) != each.file}
    asked: set[str] = set()
    if len(parts) > 1:
        for each in parts:
            try:
                with each.path.open("rb") as file:
                    text = file.read(_MOST_READ).decode(errors="replace")
            except OSError:
                continue
            asked |= {
                name
                for name in renamed - {each.file}
                if re.search(rf"(?<![\w-]){re.escape(name)}", text)
            }
    return asked


LAYOUT: Final = Layout(
    "Canvas",
    "`name_LATE_123_456_server.c`, `anon_aB3xY_456_server.c`, `name_123_text.html`",
    _read,
    lambda name: list(_parts(Path(name))),
    place=9,
)
