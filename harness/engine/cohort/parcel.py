"""A hand-in as bytes: packed where it lies, and laid out again where it is examined."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.subject.folder import MOST_BYTES, too_large, work_in

from .roster import HandIn


@dataclass(frozen=True, slots=True)
class Parcel:
    """A hand-in that can travel: contents by path, in `folder` where a folder was handed in.

    `programs` are the paths of those that may be executed.
    """

    student: str
    folder: str
    contents: Mapping[str, bytes]
    programs: frozenset[str]


def packed(hand_in: HandIn) -> Parcel:
    """All that counts of it; of a folder neither litter nor what links lead out to.

    Raises:
        UnusableTarget: more than anybody hands in; the student's.
        OSError: it cannot be read.
    """
    only = hand_in.first
    if only.is_dir():
        work = work_in(only)
        paths = {str(name): work.folder / name for name in work.files}
    else:
        paths = dict(hand_in.files)
        if sum(path.stat().st_size for path in paths.values()) > MOST_BYTES:
            raise too_large(only.name)
    return Parcel(
        hand_in.student,
        only.name if only.is_dir() else "",
        {name: path.read_bytes() for name, path in paths.items()},
        frozenset(name for name, path in paths.items() if os.access(path, os.X_OK)),
    )


def laid_out(parcel: Parcel, place: Path) -> HandIn:
    """The same hand-in as files in the folder `place`, which is to be empty or not there."""
    root = place / parcel.folder
    root.mkdir(parents=True)
    paths = {name: root / name for name in parcel.contents}
    for name, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(parcel.contents[name])
        path.chmod(0o755 if name in parcel.programs else 0o644)
    return HandIn(parcel.student, {parcel.folder: root} if parcel.folder else paths)
