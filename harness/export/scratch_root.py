"""A root like a fresh container's: the system's own files, some folders of ours, no network.

Within it nothing of the machine can be written to; what it writes lies in the folders that it was given.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import harness
from harness.cell import bubblewrap

_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_TOOLS: Final = "/forkspec-try"
_AS_IN_DOCKER: Final = Path(__file__).parent / "as_in_docker.py"


class CannotTry(harness.HarnessError):
    """This machine cannot play the course system's container; the text says what is missing."""


def words(
    folders: Mapping[str, Path],
    command: list[str],
    *,
    environment: Mapping[str, str],
    folder: str,
    as_in_docker: bool,
) -> list[str]:
    """The command line that runs a command there, as root, in `folder`.

    `folders` are ours by their path there, to be written to. With `as_in_docker` the command has
    the rights that a default container gives, and no more.

    Raises:
        CannotTry: it needs root, and bubblewrap.
    """
    bwrap = bubblewrap.find()
    if os.getuid() != 0:
        raise CannotTry("--try needs root: the containers of course systems run as root; use sudo")
    if bwrap is None:
        raise CannotTry("--try needs bubblewrap (Debian, Ubuntu: apt-get install bubblewrap)")
    python, base = Path(sys.executable).resolve(), Path(sys.base_prefix).resolve()
    found = [
        bwrap, "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent",
        "--new-session", "--hostname", "container", "--clearenv",
        *bubblewrap.system(), "--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp",
    ]  # fmt: skip
    if not base.is_relative_to("/usr"):
        found += [*bubblewrap.parents(str(base)), "--ro-bind", str(base), str(base)]
    for place, ours in folders.items():
        found += [*bubblewrap.parents(place), "--bind", str(ours), place]
    tool = f"{_TOOLS}/{_AS_IN_DOCKER.name}"
    found += ["--perms", "0755", "--dir", _TOOLS, "--ro-bind", str(_AS_IN_DOCKER), tool]
    settings = {"PATH": f"{base}/bin:{_PATH}", "HOME": "/root", "LANG": "C.UTF-8", **environment}
    for name, value in settings.items():
        found += ["--setenv", name, value]
    found += ["--perms", "0700", "--dir", "/root", "--chdir", folder, "--"]
    return [*found, *([str(python), tool] if as_in_docker else []), *command]
