"""Elements of SVG as text, and the frame that all charts share: names on the left, and what was seen.

What lies along time is placed in percent and what lies in lanes in pixels: a chart is as wide as its
page, and its texts and signs keep their size. It needs no script, and nothing from elsewhere.
"""

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from harness.report.printable import printable


def element(name: str, title: str = "", inside: str = "", **attributes: str | float) -> str:
    """An element with a `title` to hover; in names an underscore is a hyphen, none at the end."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_told(value)}"' for key, value in attributes.items()
    )
    inside = f"<title>{escape(printable(title))}</title>{inside}" if title else inside
    return f"<{name}{told}>{inside}</{name}>" if inside else f"<{name}{told}/>"


def _told(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else f"{value:g}"


def text(said: str, **attributes: str | float) -> str:
    """A text."""
    return element("text", "", str(escape(printable(said))), **attributes)


def ticks(places: Sequence[tuple[str, str]], bottom: float) -> Iterable[str]:
    """Lines over the whole height, their words below; every other word is for wide pages only."""
    for number, (x, words) in enumerate(places):
        yield element("line", x1=x, x2=x, y1=0, y2=bottom, class_="grid")
        yield text(words, x=x, y=bottom + 14, class_="tick fine" if number % 2 else "tick")


def chart(names: Iterable[str], longest: int, seen: Iterable[str], height: float) -> Markup:
    """A whole chart; the names are at most this number of letters wide."""
    left = element("svg", "", "".join(names), class_="names", height=height)
    right = element("svg", "", "".join(seen), class_="seen", width="100%", height=height)
    return Markup(  # noqa: S704  (ours: all that others wrote was escaped where it came in)
        f'<div class="chart" aria-hidden="true" style="--letters: {longest}">{left}{right}</div>'
    )
