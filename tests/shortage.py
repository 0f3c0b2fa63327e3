"""Checks in which one call of the zygote, of a keeper or of an init fails.

They are Python like forkspec's own process, and forked from one that is told here to raise OSError at
the n-th call of a function, in one of these roles: strace would trace the server with them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

SOUND: Final = Path(__file__).parent.parent / "servers" / "lecture" / "tcpserver4.cpp"
ASKED: Final = ("contract/listens", "service/reply", "reaping/burst", "concurrency/silent-client")
GUARD_S: Final = 180
ROLES: Final = ("zygote", "keeper", "init", "start")  # who starts is to become the server
ERRORS: Final = {
    "os.fork": ("EAGAIN", "ENOMEM"),
    "os.open": ("EMFILE", "ENOMEM"),
    "os.openpty": ("EMFILE", "ENOSPC"),
    "os.pipe": ("EMFILE",),
    "os.pipe2": ("EMFILE",),
    "os.pidfd_open": ("EMFILE", "ENOMEM"),
    "os.memfd_create": ("EMFILE", "ENOMEM"),
    "os.mkdir": ("ENOSPC",),
    "os.listdir": ("EMFILE", "ENOMEM"),
    "os.posix_spawn": ("EAGAIN", "ENOMEM"),
    "os.read": ("EIO",),
    "os.pread": ("EIO",),
    "os.write": ("ENOSPC",),
    "os.dup2": ("EMFILE",),
    "resource.prlimit": ("ENOMEM",),
    "os.execvpe": ("ENOMEM", "EAGAIN"),
    "builtins.open": ("EMFILE", "ENOMEM"),
    "socket.socket": ("EMFILE", "ENOBUFS"),
    "socket.socketpair": ("EMFILE",),
    "select.select": ("ENOMEM",),
    "harness.cell.wire.send": ("ENOBUFS", "ENOMEM"),
    "harness.observe.linux.unshare": ("ENOSPC", "ENOMEM"),
    "harness.observe.linux.mount": ("ENOMEM", "ENOSPC"),
    "harness.observe.linux.pidfd_getfd": ("EMFILE",),
}
# What is executed in the zygote before anything else; role, call, number, error and told stand before.
_FAILS: Final = """
import builtins, errno, importlib, os
from harness.cell import init, keeper, program_start
state = {"role": "zygote", "calls": {}}
tell, note = os.open(told, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666), os.write
def counted(name, real):
    def made(*words, **more):
        count = state["calls"][name] = state["calls"].get(name, 0) + 1
        if not call:
            note(tell, f"{state['role']} {name} {count}\\n".encode())
        elif (state["role"], name, count) == (role, call, number):
            note(tell, b"failed\\n")
            raise OSError(getattr(errno, error), os.strerror(getattr(errno, error)))
        return real(*words, **more)
    return made
for name in names:
    module, _, function = name.rpartition(".")
    module = importlib.import_module(module)
    if hasattr(module, function):
        setattr(module, function, counted(name, getattr(module, function)))
def begins(who, real):
    def begun(*words, **more):
        state.update(role=who, calls={})
        return real(*words, **more)
    return begun
keeper.main, init.main = begins("keeper", keeper.main), begins("init", init.main)
program_start.Starter._become = begins("start", program_start.Starter._become)
"""
_RUNS: Final = """
import sys
from harness.cell import cells
begin = "from harness.cell.zygote import main"
cells._START = cells._START.replace(begin, {fails!r} + begin)
from harness.cli import main
main()
"""


def check(told: Path, scratch: Path, cell: str, **what: object) -> subprocess.CompletedProcess[str]:
    """A check of a sound server in which `error` comes of the `number`-th such `call` in the `role`.

    Without a call all of them are counted; into `told` goes that, or that one has failed.
    """
    told.unlink(missing_ok=True)
    asked = {"role": "", "call": "", "number": 0, "error": "EIO", **what}
    known = {**asked, "told": str(told), "names": list(ERRORS)}
    fails = "".join(f"{key} = {value!r}\n" for key, value in known.items()) + _FAILS
    only = [word for each in ASKED for word in ("--only", each)]
    return subprocess.run(
        [sys.executable, "-c", _RUNS.format(fails=fails), "check", str(SOUND), "--cell", cell, *only],
        env={**os.environ, "TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        check=False,
    )
