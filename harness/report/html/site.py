"""Pages from templates: everything shown is text, and what they share is written once beside them."""

import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

import harness
from harness.report import output_file
from harness.report.printable import printable

_HERE: Final = Path(__file__).parent
ASSETS: Final = "assets"


def render(template: str, root: str = "", **shown: Any) -> str:
    """One page, all of it escaped; `root` leads to assets/: "", "../". A missing name is an error."""
    return _environment().get_template(template).render(root=root, **shown)


def write_assets(folder: Path) -> None:
    """Put assets/, the script of a class page, into a folder; raises UnwritableFile."""
    for name, text in assets().items():
        write(folder / ASSETS / name, text)


def write(path: Path, text: str) -> None:
    """Put a page in its place in one step, unless it is there already; raises UnwritableFile."""
    if path == output_file.STANDARD_OUTPUT:
        output_file.write(path, text)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.read_text(encoding="utf-8", errors="replace") == text:
            return
    except OSError as error:
        raise output_file.UnwritableFile(f"{path}: {error.strerror}") from error
    output_file.write(path, text)


@functools.cache
def assets() -> dict[str, str]:
    """The shared files by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in (_HERE / "assets").glob("*.js")}


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_as_text,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {"typed": _typed, "linked": _linked}
    style = (_HERE / "assets" / "forkspec.css").read_text(encoding="utf-8")
    environment.globals |= {"style": Markup(style), "version": harness.__version__, "signs": SIGNS}  # noqa: S704  (ours)
    return environment


SIGNS: Final = {
    "PASS": "✓",
    "FAIL": "✗",
    "BEYOND": "△",
    "INCONCLUSIVE": "?",
    "BLOCKED": "⊘",
    "n/a": "\N{EN DASH}",
}
"""A sign for each word of `what_counts.word_for`: colour is never all that tells."""


def _typed(recipe: str) -> Markup:
    """A recipe with its commands set apart: the text between backticks, or all of it."""
    parts = str(escape(printable(recipe))).split("`")
    if len(parts) == 1:
        parts = ["", *parts, ""]
    told = (f"<code>{part}</code>" if n % 2 and part else part for n, part in enumerate(parts))
    return Markup("".join(told))  # noqa: S704  (escaped above)


def _linked(text: str, ids: Sequence[str], prefix: str) -> Markup:
    """A text in which the ids of requirements lead to where these are explained on the same page."""
    told = str(escape(printable(text)))
    for each in ids:
        link = f'<a class="id" href="#{prefix}{each}">{each}</a>'
        told = re.sub(rf"(?<![\w/-]){re.escape(each)}(?![\w-])", link, told)
    return Markup(told)  # noqa: S704  (escaped above; ids are ours)


def _as_text(shown: Any) -> Any:
    is_plain = isinstance(shown, str) and not isinstance(shown, Markup)
    return printable(shown) if is_plain else shown
