"""Command lines of builds and of programs: from an assignment's words, for a machine, for a reader."""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.cell.message import HOME, USER

from . import forms
from .form import Words
from .submission import BuildOptions

_IN_BASE: Final = ("/bin/sh", "-c", 'cd -- "$0" && exec "$@"')


def run_words(how: BuildOptions) -> tuple[str, ...]:
    """The words of `run`, a program in the folder by its path there; raises NoTool without it."""
    words = [placed(word, how.port) for word in how.run]
    if words and words[0].startswith("/"):
        words[0] = forms.tool_named(Path(words[0]).name).find("run", words[0])
    elif words and "/" in words[0]:
        words[0] = f"{{folder}}/{words[0].removeprefix('./')}"
    elif words:
        words[0] = forms.tool_named(words[0]).find("run")
    return tuple(words)


def placed(text: str, port: int) -> str:
    """An assignment's text with its port; a cell fills in what it puts for {dir} and {user}."""
    return text.replace("{port}", str(port)).replace("{dir}", HOME).replace("{user}", USER)


def shown(word: str) -> str:
    """A word of a command as it is typed beside the program."""
    return word.replace(f"{HOME}/", "./").replace(HOME, ".").replace(USER, "$USER")


def at_base(base: Path, words: Words) -> Words:
    """The words of a command that runs in this folder of the work."""
    return words if base == Path() else (*_IN_BASE, str(base), *words)


def as_typed(commands: Sequence[Sequence[str]]) -> str:
    """Commands as somebody would type them beside the files, a line each."""
    return "\n".join(map(_as_typed, commands))


def _as_typed(words: Sequence[str]) -> str:
    if tuple(words[:3]) == _IN_BASE:
        return f"cd {shlex.quote(words[3])} && {_as_typed(words[4:])}"
    program = Path(words[0]).name if words[0].startswith("/") else words[0]
    return shlex.join([program, *words[1:]])


def identity(program: str) -> str:
    """A tool and its age: a new compiler builds anew."""
    return f"{program} {Path(program).stat().st_mtime_ns}"


def in_folder(words: Sequence[str], folder: Path) -> tuple[str, ...]:
    """The words of a command, "{folder}" filled in."""
    return tuple(word.replace("{folder}", str(folder)) for word in words)


def tools_of(program: str, folder: Path | None = None) -> tuple[Path, ...]:
    """Where a program's installation lies, when that is neither the system's nor the folder itself."""
    real = Path(os.path.realpath(program))
    seen = [Path("/usr"), Path("/bin"), Path("/sbin"), Path("/lib"), *([folder] if folder else [])]
    if any(real.is_relative_to(place) for place in seen):
        return ()
    return (real.parent.parent if real.parent.name == "bin" else real.parent,)
