"""Gradescope: a zip with `setup.sh` and `run_autograder`; a container for each submission.

Source: gradescope-autograders.readthedocs.io, Autograder specifications.
"""

import json
import shutil
from pathlib import Path
from typing import Any, Final

from harness.export.bundle import Bundle
from harness.export.system import Parts, System

_METADATA: Final = {
    "id": 1,
    "users": [{"id": 1, "email": "ada@example.org", "name": "Ada Lovelace"}],
    "assignment": {"title": "tried", "due_date": "2999-01-01T00:00:00.000000Z"},
}


def names_in(metadata: Path) -> str:
    """The students' names in a submission_metadata.json; "" where there are none."""
    try:
        told: Any = json.loads(metadata.read_text(encoding="utf-8"))
        return " and ".join(str(each["name"]) for each in told.get("users", []))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""


def _pack(parts: Parts) -> Bundle:
    scripts = {
        "setup.sh": parts.filled("setup.sh"),
        "run_autograder": parts.filled("gradescope/run_autograder"),
    }
    return Bundle({**parts.files, **scripts}, frozenset(scripts))


def _arrange(root: Path) -> None:
    """Gradescope copies what is started, and tells who has handed in."""
    folder = root / "autograder"
    shutil.copy2(folder / "source" / "run_autograder", folder / "run_autograder")
    (folder / "submission_metadata.json").write_text(json.dumps(_METADATA))


SYSTEM: Final = System(
    name="gradescope",
    says="Write autograder.zip, to be uploaded as the assignment's autograder.",
    out="autograder.zip",
    place=1,
    pack=_pack,
    source="/autograder/source",
    submission="/autograder/submission",
    result="/autograder/results/results.json",
    setup="/autograder/source/setup.sh",
    start="/autograder/run_autograder",
    arrange=_arrange,
    cpus=0.5,
    memory_bytes=768 << 20,
)
