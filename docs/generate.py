"""Write what of docs/ follows from the code. Run by `make docs`; tests hold the files to it.

These are docs/requirements/, from the registry; docs/rooms.svg, from the imports; and in
docs/kill-matrix.md the line that names who is not in the matrix yet.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import rooms

from harness.engine import catalogue
from harness.engine.references import killers_of, manifest
from harness.report import pages

HERE = Path(__file__).parent / "requirements"
MATRIX: Final = Path(__file__).parent / "kill-matrix.md"
_NOT_YET: Final = re.compile(r"^Not in it yet: .*\n\n", re.MULTILINE)
_FIRST_TABLE: Final = "```\n"


def generated() -> dict[Path, str]:
    """Every page of docs/requirements/ with its text."""
    requirements = catalogue.every_requirement()
    texts = {HERE / "README.md": pages.index(requirements)}
    for requirement in requirements:
        texts[HERE / f"{requirement.id}.md"] = pages.page(requirement, killers_of(requirement.id))
    return texts


def with_missing_named(matrix: str) -> str:
    """The kill matrix, with a line above it that names the manifest's entries that it lacks."""
    text = _NOT_YET.sub("", matrix)
    tried = {line.split()[0] for line in text.splitlines() if line and not line.startswith("|")}
    missing = [name for role in ("server", "client") for name in manifest(role) if name not in tried]
    if not missing:
        return text
    told = f"Not in it yet: {', '.join(f'`{name}`' for name in missing)}.\n\n"
    return text.replace(_FIRST_TABLE, told + _FIRST_TABLE, 1)


def main() -> None:
    """Write them all; a page whose requirement has gone is removed."""
    texts = generated()
    for path in HERE.rglob("*.md"):
        if path not in texts:
            path.unlink()
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    rooms.main()
    MATRIX.write_text(with_missing_named(MATRIX.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
