"""Unpacks .7z and .rar by a tool of this machine, in the build sandbox: such tools read hostile bytes.

Source: 7z(1), bsdtar(1), unrar(1), as Debian packages them.
"""

import os
import shutil
from pathlib import Path
from typing import Final

from .build_sandbox import open_to, workshop
from .folder import UnusableTarget, work_in
from .tools import NoTool, is_reachable

_TOOLS: Final = (
    ("7zz", ("x", "-y", "-p-", "-bd")),
    ("7z", ("x", "-y", "-p-", "-bd")),
    ("7za", ("x", "-y", "-p-", "-bd")),
    ("bsdtar", ("-xf",)),
    ("unrar", ("x", "-y", "-p-")),
)
_ENVIRONMENT: Final = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


def unpack_by_tool(path: Path, into: Path) -> None:
    """Unpack an archive by the first tool that can.

    Raises:
        NoTool: there is none here.
        UnusableTarget: none can, or it holds too much; the user's.
        HarnessError: no room for it; the machine's.
    """
    found = [(place, words) for name, words in _TOOLS if (place := _place_of(name))]
    if not found:
        with path.open("rb") as file:
            kind = ".rar" if file.read(4) == b"Rar!" else ".7z"
        raise NoTool(
            f"{path.name}: nothing on this machine unpacks {kind}; install 7zip or "
            "libarchive-tools (Debian, Ubuntu: apt-get install 7zip), or have it handed in as .zip"
        )
    for place, words in found:
        home = Path(os.path.realpath(place)).parent
        with workshop() if home.is_relative_to("/usr") else workshop([home]) as shop:
            archive = shop.folder / f"forkspec-archive{path.suffix}"
            shutil.copyfile(path, archive)
            open_to(shop.folder, shop.uid)
            built = shop.run([place, *words, archive.name], dict(_ENVIRONMENT))
            archive.unlink(missing_ok=True)
            if not built.succeeded:
                continue
            work = work_in(shop.folder)
            if work.files:
                work.copy_to(into)
                return
    raise UnusableTarget(
        f"{path.name}: cannot be unpacked (broken, empty, or locked); pack it again as .zip"
    )


def _place_of(name: str) -> str | None:
    place = shutil.which(name)
    return place if place and is_reachable(os.path.realpath(place)) else None
