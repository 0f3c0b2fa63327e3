"""How sources are encoded.

Editors on Windows write UTF-16, which no compiler reads, and put a mark before UTF-8.
"""

import codecs
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from .forms import headers, of_suffixes

_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def told(folder: Path, names: Iterable[Path]) -> str:
    """A line for each source in UTF-16; "" where there is none."""
    lines = [
        f"{name}: this file is UTF-16, and compilers and interpreters read UTF-8: save it as UTF-8\n"
        for name in names
        if name.suffix in {*of_suffixes(), *headers()} and _begins(folder / name)
    ]
    return "".join(lines)


def without_marks(folder: Path, names: Iterable[Path]) -> None:
    """Take the mark of UTF-8 from copies of sources whose compiler refuses it, as an IDE does."""
    for name in names:
        form = of_suffixes().get(name.suffix)
        if form is not None and form.takes_no_mark:
            data = (folder / name).read_bytes()
            if data.startswith(codecs.BOM_UTF8):
                (folder / name).write_bytes(data.removeprefix(codecs.BOM_UTF8))


def _begins(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) in _UTF_16
    except OSError:
        return False
