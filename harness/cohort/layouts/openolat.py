"""OpenOlat: a folder `Last_First_login/` for each student; in it `1_task/`, `2_submissions/`, and so on.

Source: OpenOlat, course/nodes/GTACourseNode (archive of a task), and its user manual, "Task".
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from harness.cohort.student_work import StudentWork

from .naming import Layout, Taken, newest_file

_STEP: Final = re.compile(
    r"(?P<number>\d+)_(?P<step>tasks?|submissions?|corrections?|revisions?|solutions?)(?:_?(?P<again>\d+))?"
)
_THEIRS: Final = ("submission", "revision")


def _read(_: Path, entries: Sequence[Path]) -> Taken:
    taken = Taken()
    for path in entries:
        if path.is_dir() and (steps := _steps(path)) and _is_task(path):
            taken.students.append(_student(path, steps))
            taken.entries.add(path)
    return taken


def _is_task(folder: Path) -> bool:
    """Whether nothing lies there but the steps of a task."""
    return all(_STEP.fullmatch(each.name) for each in folder.iterdir() if each.is_dir())


def _steps(folder: Path) -> list[Path]:
    """The folders of its steps, in their order."""
    found = [(match, each) for each in folder.iterdir() if (match := _STEP.fullmatch(each.name))]
    return [each for match, each in sorted(found, key=lambda one: _place(one[0])) if each.is_dir()]


def _place(match: re.Match[str]) -> tuple[int, int]:
    return int(match["number"]), int(match["again"] or 0)


def _student(folder: Path, steps: Sequence[Path]) -> StudentWork:
    parts = folder.name.split("_")
    known = len(parts) == 3  # noqa: PLR2004  (a name with underscores says not which part is the login)
    name = f"{parts[1]} {parts[0]}" if known else folder.name
    identity = {"name": name, **({"username": parts[2]} if known else {})}
    given = [each for step in steps for each in _given(step)]
    if not given:
        return StudentWork(name, {}, identity, refused="OpenOlat has exported no files of it")
    newest = given[-1]
    told = newest.relative_to(folder)
    remarks = (f"handed in {len(given)} times: {told} counts",) if len(given) > 1 else ()
    return StudentWork(name, {folder.name: newest}, identity, newest_file([newest]), remarks)


def _given(step: Path) -> Iterator[Path]:
    """What a student gave at one step: the folder, or those of several rounds in it; none if empty."""
    match = _STEP.fullmatch(step.name)
    if match is None or not match["step"].startswith(_THEIRS):
        return
    inside = list(step.iterdir())
    rounds = [each for each in inside if each.is_dir() and each.name.isdecimal()]
    if rounds and len(rounds) == len(inside):
        yield from (
            each for each in sorted(rounds, key=lambda one: int(one.name)) if any(each.iterdir())
        )
    elif inside:
        yield step


LAYOUT: Final = Layout("OpenOlat", "`Last_First_login/2_submissions/`", _read, place=7)
