"""Built files that were handed in beside their source: they are not taken for what our build makes.

A student hands in the folder in which they worked, with the program and the objects of last week. make
takes an old object for done, and an old program of another name looks like one that was just made.
"""

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from . import forms
from .folder import Work
from .forms.executable import is_binary
from .submission import BuildOptions

HANDED_IN: Final = "forkspec-handed-in"
_PARTS: Final = frozenset({".o", ".obj", ".class", ".so", ".a"})
_OBJECTS: Final = frozenset({".o", ".obj", ".class"})


def without(work: Work, entry: Path, how: BuildOptions) -> Work:
    """The work without binaries and without objects whose source is there.

    All of it where nothing is built from source, or where it is said to be started as it is. The `entry`
    stays.
    """
    if not has_source(work) or (how.run and not how.build):
        return work
    bare = without_objects(work)
    kept = (each for each in bare.files if each == entry or not _is_program(work.folder / each))
    return _of(work, kept)


def without_objects(work: Work) -> Work:
    """The work without objects whose source is there: an object may be out of date, whatever its age."""
    stems = {each.stem for each in work.files if _is_built(each)}
    return _of(
        work, (each for each in work.files if not (each.suffix in _OBJECTS and each.stem in stems))
    )


def put_back(work: Work, given: Work, folder: Path) -> None:
    """Lay what was left out of a build beside its result, and list what the build has not made.

    The server may need a program at run time that came without its source.
    """
    unmade = [each for each in given.files if is_as_handed_in(each, folder, given)]
    for each in work.files:
        if each not in given.files and not (folder / each).exists() and _is_program(work.folder / each):
            (folder / each).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(work.folder / each, folder / each)
            unmade.append(each)
    (folder / HANDED_IN).write_text(
        "".join(f"{each}\0" for each in unmade), encoding="utf-8", errors="surrogateescape"
    )


def is_as_handed_in(name: Path, folder: Path, work: Work) -> bool:
    """Whether a file in a folder, during a build or after it, is the one that was handed in."""
    listed = folder / HANDED_IN
    if listed.exists():
        return str(name) in listed.read_text(encoding="utf-8", errors="surrogateescape").split("\0")
    if name not in work.files:
        return False
    here, there = (folder / name).stat(), (work.folder / name).stat()
    return here.st_size == there.st_size and here.st_mtime_ns <= there.st_mtime_ns


def has_source(work: Work) -> bool:
    """Whether there is source from which programs are built."""
    return any(map(_is_built, work.files))


def _is_program(path: Path) -> bool:
    return is_binary(path) and not (_PARTS & set(path.suffixes))


def _is_built(name: Path) -> bool:
    form = forms.of_suffixes().get(name.suffix)
    return form is not None and not form.needs_no_build


def _of(work: Work, files: Iterable[Path]) -> Work:
    return replace(work, files=tuple(files))
