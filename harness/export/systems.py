"""What each system gets: the files of its archive, and where they lie once it has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import harness

from .bundle import Bundle
from .wheels import Wheels

_TEMPLATES: Final = Path(__file__).parent / "templates"
WITHIN_S: Final = 110  # then what is known is written: all of it within 120 s
_TIMEOUT_S: Final = 180
_ASSIGNMENT: Final = "assignment.toml"
_LECTURE: Final = b"# The lecture's own contract and levels.\n"


@dataclass(frozen=True, slots=True)
class System:
    """A course system: what it takes (a zip or a folder), and its folders by their purpose.

    `setup` is run once when the image is made, `start` for each submission; both are paths there.
    `result` is the file that `start` writes, "" where a status says it all.
    """

    name: str
    is_zip: bool
    source: str
    submission: str
    result: str = ""
    setup: str = ""
    start: str = ""


SYSTEMS: Final[Mapping[str, System]] = {
    each.name: each
    for each in (
        System(
            "gradescope",
            is_zip=True,
            source="/autograder/source",
            submission="/autograder/submission",
            result="/autograder/results/results.json",
            setup="/autograder/source/setup.sh",
            start="/autograder/run_autograder",
        ),
        System(
            "prairielearn",
            is_zip=False,
            source="/forkspec",
            submission="/grade/student",
            result="/grade/results/results.json",
            setup="/forkspec/setup.sh",
            start="/forkspec/run.sh",
        ),
        System("github", is_zip=False, source="/github/workspace", submission="/github/workspace"),
    )
}


def bundle(system: System, assignment: Path | None, wheels: Wheels) -> Bundle:
    """The files for a system, with the assignment's settings, the lecture's without one.

    Raises:
        OSError: the assignment cannot be read.
    """
    settings = assignment.read_bytes() if assignment else _LECTURE
    image = re.sub(r"[^a-z0-9]+", "-", assignment.stem.lower()).strip("-") if assignment else ""
    packed = {f"wheels/{name}": data for name, data in wheels.files.items()}
    packed |= {"requirements.txt": wheels.requirements.encode(), _ASSIGNMENT: settings}
    words = {
        "VERSION": harness.__version__,
        "WITHIN": str(WITHIN_S),
        "TIMEOUT": str(_TIMEOUT_S),
        "IMAGE": f"forkspec-{image or 'lecture'}",
    }
    if system.name == "github":
        ours = {name: data for name, data in packed.items() if _is_ours(name)}
        files = {f".github/forkspec/{name}": data for name, data in ours.items()}
        return Bundle({".github/workflows/forkspec.yml": _filled("github/forkspec.yml", words), **files})
    packed["setup.sh"] = _filled("setup.sh", words)
    folder = _TEMPLATES / system.name
    packed |= {path.name: _filled(f"{system.name}/{path.name}", words) for path in folder.iterdir()}
    return Bundle(packed, frozenset({"setup.sh", "run_autograder", "run.sh"} & packed.keys()))


def _is_ours(name: str) -> bool:
    """Whether no package index has it: a student's repository need not hold the others."""
    return not name.startswith("wheels/") or name.startswith("wheels/forkspec-")


def _filled(name: str, words: Mapping[str, str]) -> bytes:
    text = (_TEMPLATES / name).read_text(encoding="utf-8")
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    return text.encode()
