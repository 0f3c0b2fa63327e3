"""Submitty: a folder for each user or team; in it versions `1/`, `2/`, and a file: which one counts.

Source: Submitty's developer documentation, "Directory Structure" (submissions/), and
user_assignment_settings.json as its site writes it.
"""

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.cohort.student_work import StudentWork

from .naming import Layout, Taken, newest_file

_SETTINGS: Final = "user_assignment_settings.json"
_TIME: Final = ".submit.timestamp"


def _read(_: Path, entries: Sequence[Path]) -> Taken:
    taken = Taken()
    for path in entries:
        if path.is_dir() and (path / _SETTINGS).is_file():
            taken.students.append(_student(path))
            taken.entries.add(path)
    return taken


def _student(folder: Path) -> StudentWork:
    name = folder.name
    identity = {"username": name}
    versions = [each.name for each in folder.iterdir() if each.is_dir() and each.name.isdecimal()]
    active = _active(folder / _SETTINGS)
    if active is None:
        return StudentWork(name, {}, identity, refused=f"{_SETTINGS} is not as Submitty writes it")
    if active == "0" or active not in versions:
        why = "taken back: no version is active" if active == "0" else f"there is no version {active}"
        return StudentWork(name, {}, identity, refused=f"{why} in Submitty")
    work = folder / active
    moment = _moment(work / _TIME)
    remarks = (f"handed in {len(versions)} times: version {active} is the active one",)
    return StudentWork(
        name,
        {name: work},
        identity,
        moment or newest_file([work]),
        remarks if len(versions) > 1 else (),
        when_by="Submitty" if moment else "",
    )


def _active(settings: Path) -> str | None:
    """The number of the version that counts, "0" for none; None where the file does not say it."""
    try:
        told = json.loads(settings.read_text(encoding="utf-8"))
        return str(int(told["active_version"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _moment(told: Path) -> float | None:
    try:
        return dt.datetime.fromisoformat(told.read_text(encoding="utf-8").strip()).timestamp()
    except (OSError, ValueError):
        return None


LAYOUT: Final = Layout(
    "Submitty", "`login/2/` beside `login/user_assignment_settings.json`", _read, place=6
)
