"""The files that a program may read where it starts: data that was handed in beside it.

A person starts a program in its own folder; there it finds config.ini and port.txt.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from . import forms
from .folder import Work
from .forms.executable import is_program

FOLDER: Final = ".forkspec-beside"
_MOST_BYTES, _MOST_FILES = 4 << 20, 200
_NO_DATA: Final = frozenset({
    ".md", ".pdf", ".docx", ".doc", ".odt", ".rtf", ".png", ".jpg", ".jpeg", ".gif", ".o", ".obj", ".a",
    ".so", ".class", ".pyc", ".zip", ".gz",
})  # fmt: skip


def beside(work: Work, entry: Path) -> dict[Path, Path]:
    """The files beside an entry, by the paths at which it finds them; of a large work only some.

    Seen from the folder of the entry first, and then from the top: a program is started from either.
    """
    found: dict[Path, Path] = {}
    left = _MOST_BYTES
    for place, name in _places(work, entry):
        path = work.folder / name
        size = path.stat().st_size
        if place not in found and size <= left and len(found) < _MOST_FILES and not is_program(path):
            found[place] = path
            left -= size
    return found


def named_beside(source: Path) -> dict[Path, Path]:
    """The files in the folder of a lone file that its text names."""
    words = source.read_bytes()
    near = [
        Path(path.name)
        for path in sorted(source.parent.iterdir())
        if path.name.encode(errors="surrogateescape") in words
        and path.is_file()
        and not path.is_symlink()
    ]
    return beside(Work(source.parent, tuple(near)), Path(source.name))


def lay(files: dict[Path, Path], folder: Path) -> None:
    """Copy such files into a folder."""
    for place, path in files.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def _places(work: Work, entry: Path) -> Iterator[tuple[Path, Path]]:
    data = [name for name in work.own if _is_data(name)]
    for name in data:
        if name.is_relative_to(entry.parent):
            yield name.relative_to(entry.parent), name
    for name in data:
        yield name, name


def _is_data(name: Path) -> bool:
    suffix = name.suffix.lower()
    is_source = name.suffix in forms.of_suffixes() or name.name in forms.of_build_files()
    is_other = is_source or suffix in forms.headers() or suffix in _NO_DATA
    return not is_other and not name.name.startswith("forkspec")
