"""Tells by names which of several programs is kept as an older copy: server_old.c beside server.c.

It knows names alone: what lies in the files, and which of them is a server, it does not ask.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_WORDS: Final = r"(?:old|older|orig|original|backup|bak|bkp|copy|kopie|copia|copie|prev|previous|saved?)"
_AFTER: Final = re.compile(rf"(?:[ _.-]+{_WORDS})+[ _.-]*\(?\d*\)?$", re.IGNORECASE)
_BEFORE: Final = re.compile(rf"^{_WORDS}(?:[ _.-]+(?:of|de|von))?[ _.-]+", re.IGNORECASE)
_FOLDER: Final = re.compile(rf"^{_WORDS}[ _.-]*\d*$", re.IGNORECASE)


def without_older_copies(programs: Sequence[Path]) -> list[Path]:
    """The programs without those that are named as a copy of another one of them, in their order.

    One in a folder of older copies is a copy of what has its name in any other folder.
    """
    meant = {each: _without_age(each) for each in programs}
    names = {each.name for each in programs if meant[each] == each}

    def is_older(each: Path) -> bool:
        is_aside = _lies_aside(each) and meant[each].name in names
        return meant[each] != each and (meant[each] in programs or is_aside)

    return [each for each in programs if not is_older(each)]


def _lies_aside(program: Path) -> bool:
    return any(map(_FOLDER.match, program.parts[:-1]))


def _without_age(program: Path) -> Path:
    """Its path without the words that call it, or a folder that it lies in, an older copy."""
    folders = [part for part in program.parts[:-1] if not _FOLDER.match(part)]
    stem = _BEFORE.sub("", _AFTER.sub("", program.stem))
    return Path(*folders, stem + program.suffix)
