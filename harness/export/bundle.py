"""The files that a system wants, and how they are put down: as a zip archive, or in a new folder."""

import io
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import harness
from harness.report import output_file

LONG_AGO: Final = (2020, 1, 1, 0, 0, 0)  # the same content gives the same archive
_PROGRAM: Final = 0o755
_DATA: Final = 0o644
_REGULAR: Final = 0o100000


class CannotPack(harness.HarnessError):
    """The archive or folder cannot be written where the user wants it."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files by path, some of them programs."""

    files: Mapping[str, bytes]
    programs: frozenset[str] = frozenset()

    def mode(self, path: str) -> int:
        """The permissions of one file."""
        return _PROGRAM if path in self.programs else _DATA

    def as_zip(self) -> bytes:
        """A zip archive, executable bits kept."""
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, data in sorted(self.files.items()):
                entry = zipfile.ZipInfo(path, LONG_AGO)
                entry.create_system = 3  # Unix: so that the mode is one
                entry.external_attr = (_REGULAR | self.mode(path)) << 16
                archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
        return whole.getvalue()

    def lay_out(self, folder: Path) -> None:
        """Write all files below a folder; raises OSError."""
        for path, data in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            target.chmod(self.mode(path))


def refuse_what_cannot_be(out: Path, *, is_zip: bool) -> None:
    """Raise CannotPack at once for a place that is taken, or cannot be written to."""
    if is_zip and out.is_dir():
        raise CannotPack(f"{out}: a folder; name a file, such as {out / 'autograder.zip'}")
    if not is_zip:
        output_file.refuse_standard_output(out, "this system wants a folder; name a new one")
    if not is_zip and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CannotPack(f"{out}: there is something already; name a new folder")
    above = out.absolute().parent
    if not above.is_dir():
        raise CannotPack(f"{above}: no such folder")
    if not os.access(above, os.W_OK):
        raise CannotPack(f"{above}: not to be written to")


def write(bundle: Bundle, out: Path, *, is_zip: bool) -> None:
    """Put the bundle down, an archive in one step; raises UnwritableFile or CannotPack."""
    if is_zip:
        output_file.write(out, bundle.as_zip())
        return
    try:
        bundle.lay_out(out)
    except OSError as error:
        raise CannotPack(f"{error.filename or out}: {error.strerror}") from error
