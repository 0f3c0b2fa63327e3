"""Brightspace (D2L): `123-456 - First Last - Nov 2, 2026 1000 AM/`, and `index.html`.

One of the two numbers is the student's, the other that of the assignment: the one that differs between
names tells students apart. A single file may be called so instead of a folder.

Source: Brightspace's "Download" of assignment submissions (community.d2l.com, Instructors' guides).
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.cohort.student_work import StudentWork

from .naming import Layout, Taken, at, newest_file

_NAME: Final = re.compile(
    r"(?P<first>\d+)-(?P<second>\d+) - (?P<name>.+?) ?- "
    r"(?P<at>[^-]*\b\d{4}\b[^-]*?)(?: - (?P<file>.+))?",
    re.DOTALL,
)
_MOMENTS: Final = ("%b %d, %Y %I%M %p", "%B %d, %Y %I%M %p", "%d %B, %Y %H%M", "%d %b, %Y %H%M",
                   "%b %d, %Y %H%M", "%B %d, %Y %H%M", "%d %B %Y %H%M", "%Y-%m-%d %H%M")  # fmt: skip
_INDEX: Final = "index.html"
_NAMES: Final = re.compile(rf"{_NAME.pattern}|{re.escape(_INDEX)}", re.DOTALL)


def _read(_: Path, entries: Sequence[Path]) -> Taken:
    taken = Taken()
    found = [(match, path) for path in entries if (match := _NAME.fullmatch(path.name))]
    own = _own_number(found)
    whose: dict[tuple[str, str], dict[str, list[tuple[re.Match[str], Path]]]] = {}
    for match, path in found:
        who = match["name"], match[own] if own else ""
        whose.setdefault(who, {}).setdefault(match["at"], []).append((match, path))
        taken.entries.add(path)
    for (name, number), attempts in whose.items():
        taken.students.append(_newest(taken, name, number, attempts))
    for path in entries if found else ():
        if path.name == _INDEX:
            taken.set_aside(path, "Brightspace's list of what was handed in")
    return taken


def _own_number(found: Sequence[tuple[re.Match[str], Path]]) -> str:
    """Which number is the student's: the one that goes with one name; the other is the same for all."""
    parts = ("first", "second")
    names = {part: {(match[part], match["name"]) for match, _ in found} for part in parts}
    numbers = {part: {number for number, _ in names[part]} for part in parts}
    people = {match["name"] for match, _ in found}
    able = [part for part in parts if len(names[part]) == len(numbers[part])]
    exact = [part for part in able if len(numbers[part]) == len(people)]
    other = [part for part in able if any(len(numbers[each]) == 1 for each in parts if each != part)]
    return next(iter([*other, *exact]), "")


def _newest(
    taken: Taken, name: str, number: str, attempts: dict[str, list[tuple[re.Match[str], Path]]]
) -> StudentWork:
    dated = {
        told: at(told, *_MOMENTS) or newest_file(path for _, path in parts)
        for told, parts in attempts.items()
    }
    newest = max(dated, key=lambda told: dated[told])
    for told, parts in attempts.items():
        for _, path in parts if told != newest else ():
            taken.set_aside(path, f"an earlier attempt of {name}")
    files = {match["file"] or path.name: path for match, path in attempts[newest]}
    remarks = (f"handed in {len(attempts)} times: that of {newest} counts",) if len(attempts) > 1 else ()
    identity = {"name": name, **({"id": number} if number else {})}
    by = "Brightspace" if at(newest, *_MOMENTS) else ""
    return StudentWork(name, files, identity, dated[newest], remarks, when_by=by)


LAYOUT: Final = Layout(
    "Brightspace", "`123-456 - First Last - Nov 2, 2026 1000 AM/`", _read, _NAMES.fullmatch, place=4
)
