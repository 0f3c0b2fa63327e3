"""Blackboard: `Week 3_login_attempt_2026-11-02-10-00-00_server.c`, and a .txt of each attempt.

The title of the assignment and a login may hold underscores: the .txt names the login; where there is
none, what all names begin with is the title. Of several attempts the newest counts, whole.

Source: Blackboard Learn's "Assignment File Download" (help.blackboard.com, Instructor, Grade Center).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from harness.cohort.student_work import StudentWork

from .naming import Layout, Taken, at, beginning, newest_file

_NAME: Final = re.compile(
    r"(?P<head>.+)_attempt_(?P<at>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|(?P<report>\.txt))?", re.DOTALL
)
_WHO: Final = re.compile(r"^Name:\s*(?P<name>.*?)\s*\((?P<login>[^()]+)\)\s*$", re.MULTILINE)
_MOMENT: Final = "%Y-%m-%d-%H-%M-%S"


@dataclass(slots=True)
class _Attempt:
    files: dict[str, Path] = field(default_factory=dict)
    report: Path | None = None


def _read(_: Path, entries: Sequence[Path]) -> Taken:
    taken = Taken()
    heads: dict[str, dict[str, _Attempt]] = {}
    for path in entries:
        if match := _NAME.fullmatch(path.name):
            attempt = heads.setdefault(match["head"], {}).setdefault(match["at"], _Attempt())
            taken.entries.add(path)
            if match["report"]:
                attempt.report = path
            else:
                attempt.files[match["file"] or path.name] = path
    people = {head: _who(each.values()) for head, each in heads.items()}
    title = _title(heads, people)
    for head, attempts in heads.items():
        name, login = people[head] or ("", head.removeprefix(title) or head)
        taken.students.append(_newest(taken, name or login, login, attempts))
    return taken


def _newest(taken: Taken, name: str, login: str, attempts: Mapping[str, _Attempt]) -> StudentWork:
    *earlier, newest = sorted(attempts)
    for each in earlier:
        for path in attempts[each].files.values():
            taken.set_aside(path, f"an earlier attempt of {name}")
    for told, attempt in attempts.items():
        if attempt.report and (attempt.files or told != newest):
            taken.set_aside(attempt.report, f"what Blackboard says of an attempt of {name}")
    chosen = attempts[newest]
    files = chosen.files or {path.name: path for path in [chosen.report] if path}
    moment = at(newest, _MOMENT)
    when = moment or newest_file(files.values())
    remarks = (f"handed in {len(attempts)} times: that of {newest} counts",) if earlier else ()
    refused = "" if chosen.files else "text typed into Blackboard, and no file"
    return StudentWork(
        name,
        files,
        {"name": name, "username": login},
        when,
        remarks,
        refused=refused,
        when_by="Blackboard" if moment else "",
    )


def _who(attempts: Iterable[_Attempt]) -> tuple[str, str] | None:
    """The name and the login that a report tells."""
    for report in (each.report for each in attempts if each.report):
        try:
            text = report.read_text(encoding="utf-8-sig", errors="replace")
        except OSError:
            continue
        if match := _WHO.search(text):
            return match["name"], match["login"]
    return None


def _title(heads: Iterable[str], people: Mapping[str, tuple[str, str] | None]) -> str:
    """The beginning that all names share: the assignment's title, and an underscore."""
    for head, who in people.items():
        if who and head.endswith(f"_{who[1]}"):
            return head.removesuffix(who[1])
    shared = beginning(heads)
    return shared[: shared.rfind("_") + 1]


LAYOUT: Final = Layout(
    "Blackboard", "`Week 3_login_attempt_2026-11-02-10-00-00_server.c`", _read, _NAME.fullmatch, place=3
)
