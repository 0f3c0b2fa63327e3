"""Write docs/requirements/ from the registry. Run by `make docs`; a test holds the pages to it."""

from __future__ import annotations

from pathlib import Path

from harness.engine import catalogue
from harness.engine.references import killers_of
from harness.report import pages

HERE = Path(__file__).parent / "requirements"


def generated() -> dict[Path, str]:
    """Every page of docs/requirements/ with its text."""
    requirements = catalogue.every_requirement()
    texts = {HERE / "README.md": pages.index(requirements)}
    for requirement in requirements:
        texts[HERE / f"{requirement.id}.md"] = pages.page(requirement, killers_of(requirement.id))
    return texts


def main() -> None:
    """Write them all; a page whose requirement has gone is removed."""
    texts = generated()
    for path in HERE.rglob("*.md"):
        if path not in texts:
            path.unlink()
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
