"""The console and the options that all command files share. It knows no command."""

import io
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self, TextIO, cast

import typer
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from rich.status import Status

_PIPE_WIDTH: Final = 320
_TRAILING: Final = re.compile(r"[ \t]+(?=\n)")


OUT: Final = Path("results")
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where results lie.")]
AssignmentOption = Annotated[
    Path | None, typer.Option(help="Settings of an assignment (TOML); the lecture's without.")
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="In the plain cell, too, where there is no container.")
]
EntryOption = Annotated[str, typer.Option(help="Which server, where a folder holds several.")]
Strict = Annotated[bool, typer.Option("--strict", help="Count every requirement.")]
CellOption = Annotated[
    Literal["bubblewrap", "namespaces", "plain"] | None,
    typer.Option(help="Use this kind of cell, or a lesser one if refused."),
]


def new_app(says: str = "") -> typer.Typer:
    """A group of commands whose help is plain text, as the whole command line's is."""
    return typer.Typer(
        help=says,
        no_args_is_help=bool(says),
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
    )


def console() -> Console:
    """A console as wide as the terminal; in a pipe, lines that are never broken."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(
        file=cast("TextIO", _Trimmed()), highlight=False, width=_PIPE_WIDTH, color_system=None
    )


def say(line: str = "") -> None:
    """Print a line unchanged, however wide the terminal is."""
    console().print(Text(line), soft_wrap=True)


class Progress:
    """A line that is rewritten while work goes on; nothing in a pipe."""

    def __init__(self, out: Console) -> None:
        self._status: Status | None = out.status("preparing") if out.is_terminal else None

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def say(self, how_far: str) -> None:
        """Rewrite the line."""
        if self._status is not None:
            self._status.update(how_far)


class _Trimmed(io.TextIOBase):
    """Standard output without the blanks that pad the last column of a table."""

    @property
    def encoding(self) -> str:  # type: ignore[override]  # an attribute there
        """The encoding of standard output."""
        return sys.stdout.encoding

    def write(self, text: str) -> int:
        """Write the text without blanks before the ends of lines."""
        return sys.stdout.write(_TRAILING.sub("", text))

    def flush(self) -> None:
        """Flush standard output."""
        sys.stdout.flush()
