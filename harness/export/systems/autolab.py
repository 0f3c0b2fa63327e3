"""Autolab: `autograde-Makefile` and `autograde.tar`, and an image of Tango's with forkspec in it.

Source: Autolab's docs/lab.md: both, and what was handed in under one name, lie in an empty folder; the
first is renamed Makefile, and what `make` prints is read.
"""

import io
import shutil
import tarfile
from pathlib import Path
from typing import Final

from harness.export.bundle import Bundle
from harness.export.image import IMAGE, SETUP, image, start
from harness.export.system import ASSIGNMENT, Parts, System

_LAB: Final = "/autolab/lab"
_HANDED_IN: Final = "/autolab/handin"
_MAKEFILE: Final = "autograde-Makefile"
_TAR: Final = "autograde.tar"


def _pack(parts: Parts) -> Bundle:
    own = {
        f"{IMAGE}/Dockerfile": parts.filled("autolab/Dockerfile"),
        _MAKEFILE: parts.filled(f"autolab/{_MAKEFILE}"),
        _TAR: _tar({ASSIGNMENT: parts.files[ASSIGNMENT]}),
    }
    return Bundle({**image(parts, "autolab"), **own})


def _tar(files: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return whole.getvalue()


def _arrange(root: Path) -> None:
    """Lay out the instance's folder: one file is handed in, a folder as an archive."""
    work = root / "autolab" / "work"
    work.mkdir()
    shutil.copy2(root / _LAB[1:] / _MAKEFILE, work / "Makefile")
    shutil.copy2(root / _LAB[1:] / _TAR, work)
    handed_in = root / _HANDED_IN[1:]
    only, *others = handed_in.iterdir()
    if others or only.is_dir():
        with tarfile.open(work / "handin.tar", "w") as archive:
            archive.add(handed_in, "handin")
    else:
        shutil.copy2(only, work)
    start(root, "/autolab", ["cd /autolab/work", "make > /autolab/part"])


SYSTEM: Final = System(
    name="autolab",
    says="Write a folder with autograde-Makefile, autograde.tar, and an image for Tango.",
    out="autolab",
    place=4,
    pack=_pack,
    source=_LAB,
    submission=_HANDED_IN,
    result="/autolab/result",
    setup=f"{_LAB}/{IMAGE}/{SETUP}",
    start="/autolab/start.sh",
    arrange=_arrange,
    cpus=1.0,
)
