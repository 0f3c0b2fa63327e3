"""For systems whose autograder is an image, or a machine, in which forkspec is installed once.

Beside it lies what the system itself asks for. What was handed in is judged under the same user as
forkspec there: it can read the assignment.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from .system import Parts

IMAGE: Final = "image"
SETUP: Final = "install.sh"


def image(parts: Parts, system: str) -> dict[str, bytes]:
    """The files below image/: wheels, the assignment, and the scripts that install and judge."""
    told = replace(parts, words={**parts.words, "SYSTEM": system})
    scripts = {name: told.filled(name) for name in ("setup.sh", SETUP, "judge.sh")}
    return {f"{IMAGE}/{name}": data for name, data in {**parts.files, **scripts}.items()}


def start(root: Path, place: str, lines: list[str]) -> None:
    """Write the script that starts a try as the system does. Its output is the result."""
    folder = root / place.lstrip("/")
    text = "\n".join(["#!/bin/bash", *lines, f"mv {place}/part {place}/result", ""])
    (folder / "start.sh").write_text(text, encoding="utf-8")
