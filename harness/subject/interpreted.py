"""Sources that an interpreter starts as they are: which of them is a program, and what starts it."""

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from .form import Shape, Start, Tools


def not_loaded(loads: re.Pattern[str]) -> Callable[[Mapping[Path, str]], Collection[Path]]:
    """The `programs` of a form: the sources that no other one loads.

    `loads` finds what a source loads, as the name of a file without its suffix.
    """

    def programs(texts: Mapping[Path, str]) -> Collection[Path]:
        loaded = {
            stem for name, text in texts.items() for stem in loads.findall(text) if stem != name.stem
        }
        return [name for name in texts if name.stem not in loaded]

    return programs


def started_by(interpreter: str) -> Callable[[Shape, Path, Tools], Start]:
    """The `start` of a form: its tool of this name, given the source."""

    def start(shape: Shape, folder: Path, tools: Tools) -> Start:
        return Start((tools[interpreter], f"{folder}/{shape.entry}"))

    return start
