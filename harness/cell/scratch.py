"""The scratch folder of a cell without bubblewrap: where its subject starts, and may write.

It bears its keeper's pid, so that the zygote can remove what a killed keeper has left.
"""

import glob
import os
import shutil
import tempfile
from typing import Final

_NAME: Final = "forkspec-cell-{}-"


def make(uid: int) -> str:
    """A folder for this keeper's subject; its path."""
    path = tempfile.mkdtemp(prefix=_NAME.format(os.getpid()))
    if os.getuid() == 0:
        os.chown(path, uid, uid)
    return path


def remove_of(keeper: int) -> None:
    """Remove what a keeper that has ended still has; it must not have been waited for yet."""
    pattern = os.path.join(tempfile.gettempdir(), _NAME.format(keeper) + "*")
    for path in glob.glob(pattern):
        shutil.rmtree(path, ignore_errors=True)
