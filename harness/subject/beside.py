"""The files that a program may read where it starts: data that was handed in beside it.

A person starts a program in its own folder; there it finds config.ini and port.txt.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from . import forms
from .folder import Work
from .form import Form
from .forms.executable import is_program

FOLDER: Final = ".forkspec-beside"
_Texts = Mapping[Path, str]
_MOST_BYTES, _MOST_FILES = 4 << 20, 200
_BY_STEM: Final = frozenset({".pm"})  # a lone file names them without their suffix
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
    """The files in the folder of a lone file that its text names, or that it loads as modules."""
    words = source.read_bytes()
    modules = {name: source.parent / name for name in _modules(source)}
    near = [
        Path(path.name)
        for path in sorted(source.parent.iterdir())
        if (path.stem if path.suffix in _BY_STEM else path.name).encode(errors="surrogateescape")
        in words
        and path.is_file()
        and not path.is_symlink()
    ]
    return {**beside(Work(source.parent, tuple(near)), Path(source.name)), **modules}


def parts_beside(source: Path, form: Form) -> list[Path]:
    """The names of the sources beside a lone one that it needs to be built, and that are no programs."""
    return _reached(source, lambda _, other: not form.programs(other))


def _modules(source: Path) -> list[Path]:
    """The names of the sources beside a lone one, and in folders there, that it loads."""
    form = forms.of_suffixes().get(source.suffix)
    if form is None or not form.needs_no_build:
        return []

    def loads(loader: _Texts, other: _Texts) -> bool:
        ((name, text),) = other.items()
        names = {name, Path(name.parts[0]).with_suffix(source.suffix)}  # a package's, too
        pairs = ({**loader, each: text} for each in names)
        return any(len(form.programs(pair)) < len(pair) for pair in pairs)

    return _reached(source, loads)


def _reached(source: Path, needs: Callable[[_Texts, _Texts], bool]) -> list[Path]:
    """The names of the sources beside a lone one that it names and `needs`, or that one of these does.

    `needs` is given the text of the one by its name, and the text of the other.
    """
    top, found, todo = source.parent, list[Path](), [Path(source.name)]
    while todo and len(found) < _MOST_FILES:
        loader = todo.pop()
        text = _text(top / loader)
        for path in _named_in(text, top, source.suffix):
            name = path.relative_to(top)
            is_new = path != source and name not in found
            if is_new and needs({loader: text}, {name: _text(path)}):
                found.append(name)
                todo.append(name)
    return found


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")


def _named_in(text: str, folder: Path, suffix: str) -> Iterator[Path]:
    """The sources beside it whose names, without suffix, or whose folders' names stand in the text."""
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.stem not in text:
            continue
        if path.suffix == suffix and path.is_file():
            yield path
        elif path.is_dir():
            inner = (each for each in path.rglob(f"*{suffix}") if each.is_file())
            yield from sorted(islice(inner, _MOST_FILES))


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
