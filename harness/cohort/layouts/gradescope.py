"""Gradescope: a folder `submission_123/` for each submission, and `submission_metadata.yml` beside them.

Source: Gradescope's "Export Submissions", as its instructors' help describes it.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import harness
from harness.cohort.student_work import StudentWork

from .naming import Layout, Taken, newest_file

_METADATA: Final = "submission_metadata.yml"
_NAMES: Final = re.compile(rf"submission_\d+|{re.escape(_METADATA)}")


def _read(folder: Path, entries: Sequence[Path]) -> Taken:
    import yaml  # noqa: PLC0415  (only where it is needed)

    taken = Taken()
    metadata = folder / _METADATA
    if metadata not in entries:
        return taken
    taken.set_aside(metadata, "Gradescope's list of submitters")
    try:
        told: Mapping[str, Mapping[str, Any]] = yaml.safe_load(metadata.read_text(encoding="utf-8"))
        taken.students.extend(_submitted(folder, told))
    except (OSError, ValueError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise harness.HarnessError(f"{metadata}: not as Gradescope writes it: {error}") from error
    taken.entries |= {folder / name for name in told}
    for path in entries:
        if path not in taken.entries:
            taken.set_aside(path, f"{_METADATA} does not name it")
    return taken


def _submitted(folder: Path, told: Mapping[str, Mapping[str, Any]]) -> Iterator[StudentWork]:
    for name, entry in told.items():
        who = [
            {key.lstrip(":"): str(value) for key, value in each.items()}
            for each in entry[":submitters"] or [{}]
        ]
        names = [each.get("name") or each.get("email", name) for each in who]
        identity, *partners = ({"submission": name, **each} for each in who)
        path = folder / name
        at = entry.get(":created_at")
        yield StudentWork(
            " and ".join(names),
            {name: path} if path.is_dir() else {},
            identity,
            at.timestamp() if isinstance(at, dt.datetime) else newest_file([path]),
            ("handed in together",) if len(who) > 1 else (),
            tuple(partners),
            "" if path.is_dir() else f"Gradescope names {name}, and has exported no files of it",
            when_by="Gradescope" if isinstance(at, dt.datetime) else "",
        )


LAYOUT: Final = Layout(
    "Gradescope", "`submission_123/` beside `submission_metadata.yml`", _read, _NAMES.fullmatch, place=1
)
