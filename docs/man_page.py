"""Write the man page from the commands' own help. Usage: python docs/man_page.py > forkspec.1.

It is not kept in the repository: how an option's value is named is typer's choice, by its version.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any, Final

import typer

import harness
from harness import cli

_END: Final = """\
.SH EXIT STATUS
.TP
.B 0
all that counts is met
.TP
.B 1
something that counts failed, or was blocked by such a failure
.TP
.B 2
nothing failed, but something could not be told
.TP
.B 3
a mistake in the command line, or forkspec or the machine is at fault
.SH ENVIRONMENT
.TP
.B FORKSPEC_CACHE
where builds are kept, instead of ~/.cache/forkspec (root: /var/cache/forkspec)
"""


def page() -> str:
    """The whole page: every command that its help names, with its options."""
    whole: Any = typer.main.get_command(cli.app)
    top = typer.Context(whole, info_name="forkspec")
    return "\n".join(_lines(whole, top)) + "\n" + _END


def _lines(whole: Any, top: typer.Context) -> Iterator[str]:
    yield f'.TH FORKSPEC 1 "" "forkspec {harness.__version__}"'
    yield from (".SH NAME", r"forkspec \- judge concurrent TCP servers")
    yield from (".SH SYNOPSIS", ".B forkspec", *map(_text, whole.collect_usage_pieces(top)))
    yield from (
        ".SH DESCRIPTION",
        _text(whole.help),
        ".SH OPTIONS",
        *_options(whole, top),
        ".SH COMMANDS",
    )
    for name, late in whole.commands.items():
        if not late.hidden:
            yield from _command(late.imported(), name, top)


def _command(command: Any, name: str, parent: typer.Context) -> Iterator[str]:
    context = typer.Context(command, info_name=name, parent=parent)
    path = context.command_path
    yield f".SS {_text(' '.join([path, *command.collect_usage_pieces(context)]))}"
    for number, paragraph in enumerate(re.split(r"\n\n+", command.help or "")):
        yield from ([".PP"] if number else []) + [_text(paragraph)]
    yield from _options(command, context)
    for below, each in getattr(command, "commands", {}).items():
        if not each.hidden:
            yield from _command(each, below, context)


def _options(command: Any, context: typer.Context) -> Iterator[str]:
    records = (each.get_help_record(context) for each in command.get_params(context))
    for name, says in filter(None, records):
        if says:
            yield from (".TP", f".B {_text(name)}", _text(says))


def _text(words: str) -> str:
    """Words on one line that roff takes as they are."""
    line = " ".join(words.split()).replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{line}" if line.startswith((".", "'")) else line


if __name__ == "__main__":
    sys.stdout.write(page())
