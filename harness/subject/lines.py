"""Lines of a subject's source: from addresses, where it was built with -g, or from what Python says.

Source: addr2line(1); faulthandler.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .build import Subject

_GUARD_S: Final = 5.0
_INSTALLED: Final = "site-packages"
_SYSTEMS: Final = ("/usr/", "/rustc/", "/opt/", "/build/", "/nix/", "/root/.cargo/")
_FRAME: Final = re.compile(r'^  File "([^"]+)", line (\d+) in (\S+)$', re.MULTILINE)


def frames(subject: Subject, told: str) -> list[str]:
    """The submission's own frames in what Python's faulthandler said, innermost first."""
    if subject.folder is None:
        return []
    found = [(Path(match[1]), match[2], match[3]) for match in _FRAME.finditer(told)]
    return [f"{name}(), {path.name}:{line}" for path, line, name in found if _is_own(subject, path)]


def lines(subject: Subject, addresses: Sequence[int]) -> dict[int, str]:
    """By address: "serve(), server.c:23". What is not known is left out; never an error.

    So is a library's: a header of the system's, a static library's function. Of one that the compiler
    has put into a function of the submission's own, that function is told.
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
            path = place.partition(" ")[0]
            if "?" not in function + path and _is_the_submissions(path):
                named = f"{function.partition('(')[0]}(), {Path(path).name}"
                found.setdefault(int(address, 16), named)
    return found


def _is_own(subject: Subject, path: Path) -> bool:
    """Whether a Python's file was handed in: in its folder, and not put there by pip."""
    folder = subject.folder
    return folder is not None and path.is_relative_to(folder) and _INSTALLED not in path.parts


def _is_the_submissions(path: str) -> bool:
    """Whether a source is not the system's, a compiler's, or one that a library was built from."""
    return path.startswith("/") and not path.startswith(_SYSTEMS)
