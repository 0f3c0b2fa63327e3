"""Finds lines of a subject's source, from addresses (built with -g) or from Python's own report.

Source: addr2line(1); faulthandler.
"""

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from harness.cell.surroundings import HOME

from .imports import called_address
from .subject import Subject

_GUARD_S: Final = 5.0
_INSTALLED: Final = "site-packages"
_LAMBDA: Final = re.compile(r"([\w:~]+)(?:\([^()]*\)(?: const)?)?::\{lambda\(")
_SYSTEMS: Final = ("/usr/", "/rustc/", "/opt/", "/build/", "/nix/", "/root/.cargo/")
_THREAD: Final = re.compile(r"^(?:Current thread|Thread) 0x", re.MULTILINE)
_FRAME: Final = re.compile(r'^  File "([^"]+)", line (\d+) in (\S+)$', re.MULTILINE)


def frames(subject: Subject, told: str) -> list[str]:
    """The submission's own frames in a report of Python's faulthandler, innermost first."""
    if subject.folder is None:
        return []
    told = told.replace(f'File "{HOME}/', f'File "{subject.folder}/')
    for thread in _THREAD.split(told):
        found = [(Path(match[1]), match[2], match[3]) for match in _FRAME.finditer(thread)]
        if own := [
            f"{name}(), {path.name}:{line}" for path, line, name in found if _is_own(subject, path)
        ]:
            return own
    return []


def lines(subject: Subject, addresses: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """By address: ("serve(), server.c:23",), and after a function that was inlined the one around it.

    Unknown addresses are left out; there is never an error. Addresses in libraries are left out, too.
    Where the compiler inlined a library's function into one of the submission's, the submission's
    function is named.
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
    found: dict[int, tuple[str, ...]] = {}
    for each in re.split(r"^(?=0x)", told, flags=re.MULTILINE):
        address, *pairs = each.splitlines() or [""]
        for function, place in zip(pairs[::2], pairs[1::2], strict=False):
            path = place.partition(" (discriminator ")[0]
            is_own = path.startswith("/") and not path.startswith(_SYSTEMS)
            if "?" not in function + path and is_own:
                named = f"{_named(function)}(), {Path(path).name}"
                found[int(address, 16)] = (*found.get(int(address, 16), ()), named)
    return found


def callees(subject: Subject, addresses: Iterable[int]) -> dict[int, int]:
    """The function that was called at an address on a stack, by address, if the call names it."""
    found = {each: called_address(subject.argv[0], each + 1) for each in addresses}
    return {each: target for each, target in found.items() if target is not None}


def chain(
    addresses: Sequence[int], place: Mapping[int, tuple[str, ...]], called: Mapping[int, int]
) -> tuple[str, ...]:
    """The frames of a stack, innermost first; of the outer ones those that called the one within.

    What else lies on a stack may be left of a call that is over.
    """
    known = [each for each in addresses if each in place]
    found = list(place[known[0]]) if known else []
    for each in known[1:]:
        target = place.get(called.get(each, 0))
        if target and _function(target[-1]) == _function(found[-1]):
            found += place[each]
    return tuple(found)


def _function(frame: str) -> str:
    return frame.partition(", ")[0]


def _named(function: str) -> str:
    """A function's name without its arguments; of a lambda in C++ that of the function around it."""
    around = _LAMBDA.search(function)
    return around[1] if around else function.partition("(")[0]


def _is_own(subject: Subject, path: Path) -> bool:
    """Whether a Python file was handed in: it lies in the folder, and pip did not put it there."""
    folder = subject.folder
    return folder is not None and path.is_relative_to(folder) and _INSTALLED not in path.parts
