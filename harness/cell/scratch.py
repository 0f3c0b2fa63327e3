"""The scratch folder of a cell without bubblewrap: where its subject starts, and may write.

It bears its keeper's pid, so that the zygote can remove what a killed keeper has left.
"""

import contextlib
import glob
import os
import tempfile
from typing import Final

_NAME: Final = "forkspec-cell-{}-"
_MOVED: Final = ".forkspec-moved-{}"
_MAY_ADD: Final = os.W_OK | os.X_OK
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def place() -> str:
    """The machine's place for scratch, as tempfile(3) looks for it, but without writing there.

    tempfile.gettempdir() tries each place with a file, which stays where SIGKILL comes meanwhile.
    """
    asked = (os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    places = [*(os.path.abspath(each) for each in asked if each), "/tmp", "/var/tmp"]
    return next((each for each in places if os.path.isdir(each) and os.access(each, _MAY_ADD)), "/tmp")


def make(uid: int) -> str:
    """A folder for this keeper's subject; its path."""
    path = tempfile.mkdtemp(prefix=_NAME.format(os.getpid()), dir=place())
    if os.getuid() == 0:
        os.chown(path, uid, uid)
    return path


def remove_of(keeper: int) -> bool:
    """Remove what a keeper that has ended still has, and say whether it had; before it is waited for."""
    left = glob.glob(os.path.join(place(), _NAME.format(keeper) + "*"))
    for path in left:
        remove(path)
    return bool(left)


def remove(path: str) -> None:
    """Remove a folder that a stranger has filled: however deep it is, and even if closed to its owner.

    What cannot be removed stays. A folder's folders are moved to the top before it is emptied: to go
    down into them, as shutil.rmtree() does, meets the limit of recursion, or of a path's length.
    """
    with contextlib.suppress(OSError):
        top = os.open(path, _FOLDER)
        try:
            _empty(top)
        finally:
            os.close(top)
        os.rmdir(path)


def _empty(top: int) -> None:
    left, moved = os.listdir(top), 0
    while left:
        name = left.pop()
        if _is_unlinked(name, top):
            continue
        with contextlib.suppress(OSError):
            _open_up(name, top)
            folder = os.open(name, _FOLDER, dir_fd=top)
            try:
                for each in os.listdir(folder):
                    if _is_unlinked(each, folder):
                        continue
                    _open_up(each, folder)
                    moved += 1
                    os.rename(each, _MOVED.format(moved), src_dir_fd=folder, dst_dir_fd=top)
                    left.append(_MOVED.format(moved))
            finally:
                os.close(folder)
            os.rmdir(name, dir_fd=top)


def _is_unlinked(name: str, folder: int) -> bool:
    """Whether this was no folder, and is removed."""
    try:
        os.unlink(name, dir_fd=folder)
    except OSError:
        return False
    return True


def _open_up(name: str, folder: int) -> None:
    """Let its owner enter. Root may anyway, and would follow a link that a stranger puts there."""
    if os.getuid() != 0:
        os.chmod(name, 0o700, dir_fd=folder)
