"""A folder in which the work lies packed: its archives are opened, as deep as people pack them.

Where a platform takes no source, people hand in `server.c.txt`: it is read as what it is.
"""

import shutil
from pathlib import Path
from typing import Final

from . import content_store as store
from . import forms
from .archive import SUFFIXES, is_archive, unpacked
from .folder import Work, work_in
from .forms.executable import is_program

_DEEPEST: Final = 5
_BEHIND: Final = ".txt"
_SETTINGS: Final = frozenset({".toml"})


def opened(folder: Path) -> Path:
    """The folder with the work: this one, or that of its archive if nothing else in it can be run.

    A report may lie beside an archive; a forkspec.toml beside it goes with it. Raises as `unpacked`.
    """
    for _ in range(_DEEPEST):
        work = work_in(folder)
        packed = [each for each in work.files if is_archive(work.folder / each)]
        if not packed or any(_is_work(work, each) for each in work.files if each not in packed):
            break
        folder = _content(work, packed)
    return _plainly_named(folder)


def _is_work(work: Work, name: Path) -> bool:
    known = name.suffix in forms.of_suffixes() or name.name in forms.of_build_files()
    return known or is_program(work.folder / name)


def source_name(name: str) -> str:
    """The name of a source, header or build file behind which a platform wants .txt; "" for no such."""
    plain = name[: -len(_BEHIND)] if name.lower().endswith(_BEHIND) else ""
    known = Path(plain).suffix in {*forms.of_suffixes(), *forms.headers()}
    return plain if known or plain in forms.of_build_files() else ""


def _plainly_named(folder: Path) -> Path:
    """The folder, or a copy in which sources have their names, where nothing else in it can be run."""
    work = work_in(folder)
    plain = {name: name.with_name(given) for name in work.files if (given := source_name(name.name))}
    if not plain or any(_is_work(work, name) for name in work.files):
        return folder
    copy = store.cache() / "unpacked" / store.digest("plainly named", work.digest)
    if not copy.exists():
        with store.becoming(copy) as new:
            work.copy_to(new)
            for name, called in plain.items():
                if not (new / called).exists():
                    (new / name).rename(new / called)
            new.chmod(0o755)
    return copy


def _content(work: Work, packed: list[Path]) -> Path:
    """The content of archives; of several each in a folder of its name, for names may be alike."""
    cache = store.cache()
    content = {each: unpacked(work.folder / each, cache) for each in packed}
    settings = [each for each in work.files if each.suffix in _SETTINGS]
    if len(packed) == 1 and not settings:
        return content[packed[0]]
    words = [f"{name}\0{place.name}" for name, place in content.items()]
    words += [f"{name}\0{(work.folder / name).read_bytes().hex()}" for name in settings]
    folder = cache / "unpacked" / store.digest("together", *words)
    if not folder.exists():
        with store.becoming(folder) as new:
            for name, place in content.items():
                inside = work_in(place)
                inside.copy_to(new if len(packed) == 1 else new / _without_suffix(name))
            for name in settings:
                shutil.copyfile(work.folder / name, new / name.name)
            new.chmod(0o755)
    return folder


def _without_suffix(name: Path) -> Path:
    known = [each for each in SUFFIXES if name.name.lower().endswith(each)]
    stem = name.name[: -len(max(known, key=len))] if known else ""
    return name.with_name(stem) if stem else Path(f"{name}.d")
