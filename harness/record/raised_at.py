"""Where in the files that were handed in an error was raised, by a run-time's report of it."""

import re
from collections.abc import Sequence
from typing import Final

from .last_words import report_of_error

_PYTHONS: Final = "Traceback ("
_LINE: Final = r'(?:", line |:| on line | line )(\d+)'  # as Python, most others, PHP and Perl write it


def raised_at(printed: str, files: Sequence[str]) -> str:
    """The file and its line, "server.py:20"; "" where the report names none of these files."""
    report = report_of_error(printed)
    if not report or not files:
        return ""
    by_name = {file.rpartition("/")[2]: file for file in files}
    names = "|".join(re.escape(name) for name in by_name)
    found = re.findall(rf"(?<![\w.-])({names}){_LINE}", "\n".join(report))
    if not found:
        return ""
    name, line = found[-1 if report[0].startswith(_PYTHONS) else 0]  # Python's last frame is the nearest
    return f"{by_name[name]}:{line}"
