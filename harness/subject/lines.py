"""Finds lines of a subject's source, from addresses (built with -g) or from Python's own report.

Source: addr2line(1); faulthandler.
"""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.cell.surroundings import HOME

from .subject import Subject

_GUARD_S: Final = 5.0
_INSTALLED: Final = "site-packages"
_LAMBDA: Final = re.compile(r"([\w:~]+)(?:\([^()]*\)(?: const)?)?::\{lambda\(")
_SYSTEMS: Final = ("/usr/", "/rustc/", "/opt/", "/build/", "/nix/", "/root/.cargo/")
_FRAME: Final = re.compile(r'^  File "([^"]+)", line (\d+) in (\S+)$', re.MULTILINE)


def frames(subject: Subject, told: str) -> list[str]:
    """The submission's own frames in a report of Python's faulthandler, innermost first."""
    if subject.folder is None:
        return []
    told = told.replace(f'File "{HOME}/', f'File "{subject.folder}/')
    found = [(Path(match[1]), match[2], match[3]) for match in _FRAME.finditer(told)]
    return [f"{name}(), {path.name}:{line}" for path, line, name in found if _is_own(subject, path)]


def lines(subject: Subject, addresses: Sequence[int]) -> dict[int, str]:
    """By address: "serve(), server.c:23". Unknown addresses are left out; there is never an error.

    Addresses in libraries are left out, too. Where the compiler inlined a library's function into one of
    the submission's, the submission's function is named.
    """
    tool = shutil.which("addr2line")
    is_own = subject.folder is not None and Path(subject.argv[0]).is_relative_to(subject.folder)
    if tool is None or not addresses or not is_own:
        return {}
    words = [tool, "-a", "-i", "-C", "-f", "-e", subject.argv[0], *map(hex, addresses)]
    try:
        told = subprocess.run(words, capture_output=True, timeout=_GUARD_S, check=True, text=True).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    found: dict[int, str] = {}
    for each in re.split(r"^(?=0x)", told, flags=re.MULTILINE):
        address, *pairs = each.splitlines() or [""]
        for function, place in zip(pairs[::2], pairs[1::2], strict=False):
            path = place.partition(" (discriminator ")[0]
            is_own = path.startswith("/") and not path.startswith(_SYSTEMS)
            if "?" not in function + path and is_own:
                named = f"{_named(function)}(), {Path(path).name}"
                found.setdefault(int(address, 16), named)
    return found


def _named(function: str) -> str:
    """A function's name without its arguments; of a lambda in C++ that of the function around it."""
    around = _LAMBDA.search(function)
    return around[1] if around else function.partition("(")[0]


def _is_own(subject: Subject, path: Path) -> bool:
    """Whether a Python file was handed in: it lies in the folder, and pip did not put it there."""
    folder = subject.folder
    return folder is not None and path.is_relative_to(folder) and _INSTALLED not in path.parts
