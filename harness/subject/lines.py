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
_FRAME: Final = re.compile(r'^  File "([^"]+)", line (\d+) in (\S+)$', re.MULTILINE)


def frames(subject: Subject, told: str) -> list[str]:
    """The subject's own frames in what Python's faulthandler said, innermost first."""
    if subject.folder is None:
        return []
    own = (match for match in _FRAME.finditer(told) if Path(match[1]).name == Path(subject.name).name)
    return [f"{match[3]}(), {Path(match[1]).name}:{match[2]}" for match in own]


def lines(subject: Subject, addresses: Sequence[int]) -> dict[int, str]:
    """By address: "serve(), server.c:23". What is not known is left out; never an error."""
    tool = shutil.which("addr2line")
    is_own = subject.folder is not None and Path(subject.argv[0]).is_relative_to(subject.folder)
    if tool is None or not addresses or not is_own:
        return {}
    words = [tool, "-C", "-f", "-s", "-e", subject.argv[0], *map(hex, addresses)]
    try:
        told = subprocess.run(words, capture_output=True, timeout=_GUARD_S, check=True, text=True).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    pairs = zip(addresses, told.splitlines()[::2], told.splitlines()[1::2], strict=False)
    return {
        address: f"{function.partition('(')[0]}(), {place.partition(' ')[0]}"
        for address, function, place in pairs
        if "?" not in function and "?" not in place
    }
