"""Write what of docs/ follows from the code. Run by `make docs`; tests hold the files to it.

These are docs/requirements/ and docs/formats.md, from the registries; docs/rooms.svg, from the
imports; the lists of docs/recording.md, from the structs; and in docs/kill-matrix.md the line that
names who is not in the matrix yet.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import recording_page
import rooms

from harness.engine import catalogue
from harness.engine.references import killers_of
from harness.record.role import Role
from harness.report import requirement_markdown
from harness.report.formats.format import Format
from harness.report.formats.registry import shipped
from harness.subject.manifest import references

HERE = Path(__file__).parent / "requirements"
FORMATS: Final = Path(__file__).parent / "formats.md"
MATRIX: Final = Path(__file__).parent / "kill-matrix.md"
_NOT_YET: Final = re.compile(r"^Not in it yet: .*\n\n", re.MULTILINE)
_FIRST_TABLE: Final = "```\n"


def generated() -> dict[Path, str]:
    """Every page of docs/requirements/ with its text."""
    requirements = catalogue.every_requirement()
    texts = {HERE / "README.md": requirement_markdown.index(requirements)}
    for requirement in requirements:
        texts[HERE / f"{requirement.id}.md"] = requirement_markdown.page(
            requirement, killers_of(requirement.id)
        )
    return texts


def with_missing_named(matrix: str) -> str:
    """The kill matrix, with a line above it that names the manifest's entries that it lacks."""
    text = _NOT_YET.sub("", matrix)
    tried = {line.split()[0] for line in text.splitlines() if line and not line.startswith("|")}
    missing = [
        name for role in (Role.SERVER, Role.CLIENT) for name in references(role) if name not in tried
    ]
    if not missing:
        return text
    told = f"Not in it yet: {', '.join(f'`{name}`' for name in missing)}.\n\n"
    return text.replace(_FIRST_TABLE, told + _FIRST_TABLE, 1)


def table_of_formats() -> str:
    """The page that says which formats there are, and where each is written."""
    rows = "".join(map(_row, shipped()))
    return f"""# Formats

Generated from the registry by `make docs`; a test holds this page to it.
[How to write one](writing-a-format.md).

| format | | `check`, `judge` | `compare` | for a class | for each student, in `students/` |
|---|---|---|---|---|---|
{rows}
Those with *always* are written unasked, and so are those of the course system that the hand-ins
come from. The others of a class want `--format NAME`, and are written
again whenever they are there. The text of a terminal and of `students/NAME.txt`, and the pages of a
class and of its students, belong to no format.
"""


def _row(each: Format) -> str:
    always = ", *always*" if each.is_always_written else ""
    flag = f"`{each.option.flag}`" if each.option else ""
    option, compares = flag if each.is_of_results else "", flag if each.of_comparison else ""
    of_class = f"`{each.class_file}.{each.extension}`{always}" if each.of_class else ""
    if each.goes_back:
        of_class = f"`{each.name}.{each.extension}`, *for hand-ins of {each.goes_back.layout}*"
    of_student = f"`NAME.{each.extension}`{always}" if each.of_student else ""
    return f"| {each.name} | {each.says} | {option} | {compares} | {of_class} | {of_student} |\n"


def main() -> None:
    """Write them all; a page whose requirement has gone is removed."""
    texts = generated()
    for path in HERE.rglob("*.md"):
        if path not in texts:
            path.unlink()
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    FORMATS.write_text(table_of_formats(), encoding="utf-8")
    rooms.main()
    page = recording_page.FILE
    page.write_text(recording_page.page(page.read_text(encoding="utf-8")), encoding="utf-8")
    MATRIX.write_text(with_missing_named(MATRIX.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
