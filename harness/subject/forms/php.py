"""PHP, started as it is from the command line: the file that no other one includes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from harness.subject.form import Form, Shape, Start, Tools
from harness.subject.tools import Tool

_LOADED: Final = re.compile(
    r"""\b(?:require|include)(?:_once)?\b[^;]*?['"](?:[^'"]*/)?([^'"/]+)\.php['"]""", re.MULTILINE
)


def _programs(texts: Mapping[Path, str]) -> Collection[Path]:
    loaded = {
        stem for name, text in texts.items() for stem in _LOADED.findall(text) if stem != name.stem
    }
    return [name for name in texts if name.stem not in loaded]


def _start(shape: Shape, folder: Path, tools: Tools) -> Start:
    return Start((tools["php"], f"{folder}/{shape.entry}"))


FORM: Final = Form(
    name="php",
    language="PHP",
    suffixes=(".php",),
    programs=_programs,
    tools=(Tool("php", package="php-cli"),),
    needs_no_build=True,
    start=_start,
)
