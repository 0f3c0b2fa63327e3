"""The terminal face: the names of all commands, and what becomes of an error.

A command's file is imported when it is given: a user who asks for help waits for none of them, and
`check` waits for nothing that a class or a course system needs.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import sys
import traceback
import warnings
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

import harness

from .commands import standard_output
from .commands.plain_words import keep_plain

if TYPE_CHECKING:
    from typer import _click


_COMMANDS: Final = {
    "check_command": {
        "check": "Judge servers, and clients.",
        "judge": "Judge recordings again; runs no server.",
        "demo": "Judge the lecture's own servers, and ours.",
    },
    "compare_command": {
        "compare": "Compare two servers side by side, or two stored results of the same servers.",
    },
    "watch_command": {
        "watch": "Judge a server again each time that one of its files is saved, and show what has "
        "changed.",
    },
    "init_command": {
        "init": "Begin an exercise: an assignment to settle, and a folder to hand out.",
    },
    "catalogue_commands": {
        "list": "List the requirements, or the reference servers.",
        "explain": "Say what a requirement means, why, and how to see it by hand.",
        "doctor": "Say which cell this machine gives, why, and how to get a better one.",
    },
    "learn_command": {
        "learn": "Find out which contract a server keeps, and write it down as an assignment.",
    },
    "crowd_command": {
        "crowd": "Let thousands of clients come, silent at first, and measure how long they wait.",
    },
    "class_commands": {
        "grade": "Judge a class: everybody once, however often this is interrupted and given again.",
        "rejudge": "Judge the stored recordings again, by this version and this rubric; runs no server.",
        "purge": "Remove students with their recordings and reports.",
    },
    "preview_command": {
        "preview": "Score your solution, the lecture's servers and every fault, to see whether the "
        "rubric is fair.",
    },
    "student_commands": {
        "show": "Tell one student's result again.",
        "override": "Give or take points by hand; it survives 'rejudge', and settles what was pending "
        "there.",
        "marks": "Give a class the points of a CSV file: each cell sets a line of the rubric. All, or "
        "none.",
        "appeal": "Examine again exactly what was judged, and pack the evidence; changes no points.",
    },
    "completion_command": {
        "completion": "Print what a shell needs to complete forkspec's words: bash, zsh or fish.",
    },
    "export_commands": {
        "export": "Make what a course system needs to judge by itself.",
        "autograde": "Judge one student for a course system; what an export's start runs.",
    },
}
_HIDDEN: Final = frozenset({"autograde"})
_ASKED_BY_A_SHELL: Final = "_FORKSPEC_COMPLETE"
_INTERRUPTED: Final = 130


class _LateCommand(TyperCommand):
    """The name and the help of a command; the command itself is imported when it is given."""

    def __init__(self, name: str, says: str, module: str) -> None:
        super().__init__(name, help=says, hidden=name in _HIDDEN)
        self._module = module

    def make_context(
        self, info_name: str | None, args: list[str], parent: _click.Context | None = None, **extra: Any
    ) -> _click.Context:
        """Read the command line as the command itself reads it."""
        return self.imported().make_context(info_name, args, parent, **extra)

    def imported(self) -> _click.Command:
        """The command itself."""
        found = importlib.import_module(f"harness.commands.{self._module}").app
        gc.freeze()  # what is imported stays: it need not be looked through again and again
        gc.enable()
        command: _click.Command = typer.main.get_command(found)
        command = command.commands[str(self.name)] if isinstance(command, TyperGroup) else command
        keep_plain(command)
        return command


class _Commands(TyperGroup):
    """All commands by name."""

    def __init__(self, **given: Any) -> None:
        given["commands"] = {
            name: _LateCommand(name, says, module)
            for module, commands in _COMMANDS.items()
            for name, says in commands.items()
        }
        super().__init__(**given)
        keep_plain(self)


app = typer.Typer(
    name="forkspec",
    cls=_Commands,
    help="A judge of concurrent TCP servers.",
    no_args_is_help=True,
    add_completion=False,  # its options would cost every start what `forkspec completion` costs none
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"forkspec {harness.__version__}")
        raise typer.Exit


@app.callback()
def forkspec(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which this is.")
    ] = False,
) -> None:
    """A judge of concurrent TCP servers."""


def _prepare_for_a_shell() -> None:
    """Where a shell asks what may follow (see `forkspec completion`), let typer answer it."""
    if _ASKED_BY_A_SHELL in os.environ:
        importlib.import_module("typer.completion").completion_init()


def _told(error: Exception) -> str:
    """The sentence that says which resource this machine lacks; for other errors all that is known."""
    machine = importlib.import_module("harness.subject.machine")
    if (lack := machine.lack(error)) is not None:
        sys.unraisablehook = lambda _: None  # what was half made when it came cannot be closed
        warnings.simplefilter("ignore")
        return f"forkspec: {machine.fault(lack, lack.filename or 'this machine')}"
    return "".join(traceback.format_exception(error)).rstrip()


def main() -> None:
    """Run the command line. An error of ours is one sentence and exit status 3."""
    gc.disable()  # until all is imported
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    standard_output.prepare()
    words, command = sys.argv[1:], None
    if "--" in words:
        at = words.index("--")
        words, command = words[:at], words[at + 1 :]
    _prepare_for_a_shell()
    try:
        status = app(words, obj=command, standalone_mode=False, complete_var=_ASKED_BY_A_SHELL)
        sys.stdout.flush()
        if status == _INTERRUPTED:  # typer's for Ctrl-C
            print("forkspec: interrupted", file=sys.stderr)
    except standard_output.ReaderGone:
        status = standard_output.READER_HAS_GONE
    except harness.HarnessError as error:
        print(f"forkspec: {error}", file=sys.stderr)
        status = 3
    except typer.Abort:
        status = _INTERRUPTED
    except Exception as error:  # noqa: BLE001  the last boundary
        if hasattr(error, "format_message"):  # click's usage errors, whichever click typer brings
            said = error.format_message().rstrip(".")
            is_help = said.startswith("Usage:")  # no command was given
            print(said if is_help else f"forkspec: {said}; see forkspec --help", file=sys.stderr)
            status = 3
        else:  # never taken for a grade
            print(_told(error), file=sys.stderr)
            status = 3
    except KeyboardInterrupt:
        print("forkspec: interrupted", file=sys.stderr)
        status = _INTERRUPTED
    with contextlib.suppress(standard_output.OutputLost):
        sys.stdout.flush()
    sys.exit(status or 0)


if __name__ == "__main__":
    main()
