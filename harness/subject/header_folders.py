"""In which folders of a work the headers lie that its sources of C or C++ include by name.

An IDE knows src/ and include/ of its project; where no build file was handed in, only the work itself
says where its headers lie.
"""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from . import forms
from .folder import Work

_INCLUDE: Final = re.compile(r"""^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">]""", re.MULTILINE)


def header_folders(work: Work, sources: Iterable[Path]) -> tuple[Path, ...]:
    """The folders to name to a compiler, so that these sources and their headers find their headers.

    A header beside the file that includes it is found anyway, and so are the system's.
    """
    headers = {name for name in work.own if name.suffix in forms.headers()}
    left, seen = list(sources) if headers else [], set[Path]()
    folders: dict[Path, None] = {}
    while left:
        name = left.pop()
        seen.add(name)
        for asked in _INCLUDE.findall(work.text(name)):
            wanted = Path(asked)
            if (found := _found(headers, name.parent, wanted)) is None:
                continue
            header, told = found
            if told is not None:
                folders[told] = None
            if header not in seen:
                left.append(header)
    return tuple(sorted(folders))


def included_sources(work: Work, sources: Sequence[Path]) -> set[Path]:
    """Those of the sources that another one of them includes: they are a part of it."""
    all_of_them = set(sources)
    return {
        found[0]
        for name in sources
        for asked in _INCLUDE.findall(work.text(name))
        if (found := _found(all_of_them, name.parent, Path(asked))) is not None and found[0] != name
    }


def _found(headers: set[Path], beside: Path, wanted: Path) -> tuple[Path, Path | None] | None:
    """The header that is meant, and the folder from which it has that name: None for one beside."""
    parts = wanted.parts
    near = Path(os.path.normpath(beside / wanted))
    if near in headers:
        return near, None
    if not parts or ".." in parts:
        return None
    fitting = [each for each in headers if each.parts[-len(parts) :] == parts]
    if not fitting:
        return None
    header = min(fitting, key=lambda each: (len(each.parts), each))
    return header, Path(*header.parts[: -len(parts)])
