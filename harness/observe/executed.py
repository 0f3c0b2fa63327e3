"""What a process executes: its program, the words that it was started with, and the files they name.

Source: proc(5), /proc/PID/exe, cmdline, cwd, root, environ.
"""

import contextlib
import os
from typing import Final

import msgspec

from . import procfs

_MOST_WORDS: Final = 16
_MOST_LETTERS: Final = 200


class Executed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the process with this pid executes.

    `program` is the path of its file, "" where it cannot be told. For each of its `words` there is the
    file or the folder (with a "/" behind it) that it `names`, "" where it names none, and several with
    ":" between them (-cp); behind -m a word names a module. Words are cut at 200 letters.
    """

    pid: int
    program: str
    words: tuple[str, ...]
    names: tuple[str, ...]


def executed(pid: int) -> Executed:
    """The program that a process executes now. One executed before has left no trace."""
    try:
        program = os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")
    except OSError:
        program = ""
    line = procfs.read(f"/proc/{pid}/cmdline") or b""
    words = [os.fsdecode(word) for word in line.removesuffix(b"\0").split(b"\0")[:_MOST_WORDS]]
    places, of_modules = _places(pid)
    before = ["", *words]
    names = [
        _named(pid, word, [*places, *of_modules] if last == "-m" else places, last == "-m")
        for last, word in zip(before, words, strict=False)
    ]
    cut = (word[:_MOST_LETTERS].encode(errors="replace").decode() for word in words)
    return Executed(pid, program, tuple(cut), tuple(names))


def _places(pid: int) -> tuple[list[str], list[str]]:
    """Its own folder now and that of its start, where relative words lead; and those of PYTHONPATH."""
    found = []
    with contextlib.suppress(OSError):
        found.append(os.readlink(f"/proc/{pid}/cwd"))
    pairs = (each.partition(b"=") for each in procfs.read_all(f"/proc/{pid}/environ").split(b"\0"))
    variables = {name: os.fsdecode(value) for name, _, value in pairs}
    if (start := variables.get(b"PWD", "")).startswith("/"):
        found.append(start)
    places = list(dict.fromkeys(found))
    paths = filter(None, variables.get(b"PYTHONPATH", "").split(":"))
    return places, [os.path.join(place, each) for each in paths for place in places]


def _named(pid: int, word: str, places: list[str], is_module: bool) -> str:  # noqa: FBT001
    """The file or folder that a word names; those that its parts name (-cp a:b), where it names none."""
    if is_module:
        path = word.replace(".", "/")
        tries = [[f"{path}.py", f"{path}/__main__.py"]]
    else:
        tries = [[word], word.split(":")]
    for these in tries:
        if found := [path for each in these if each and (path := _found(pid, each, places))]:
            return ":".join(found).encode(errors="replace").decode()
    return ""


def _found(pid: int, name: str, places: list[str]) -> str:
    """The path of the file of this name, or of the folder, with a "/" behind it; "" if there is none."""
    for place in [""] if name.startswith("/") else places:
        path = os.path.normpath(f"{place}/{name}")
        here = f"/proc/{pid}/root{path}"
        if os.path.exists(here):
            return f"{path}/" if os.path.isdir(here) else path
    return ""
