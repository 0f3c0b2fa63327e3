"""What the machine lacks is told from a defect of ours, whatever Python makes of it."""

from __future__ import annotations

import errno
import os

import pytest

from harness.subject import machine

NO_THREAD = RuntimeError("can't start new thread")
LACKS = {
    "open files": (OSError(errno.EMFILE, "Too many open files"), "ulimit -n"),
    "buffers": (OSError(errno.ENOBUFS, "No buffer space available"), "end what else runs here"),
    "locks": (OSError(errno.ENOLCK, "No locks available"), "use a disk of this machine"),
    "threads": (NO_THREAD, "ulimit -u"),
    "memory": (MemoryError(), "end what else runs here"),
    "room for a library": (
        ImportError("x.so: failed to map segment from shared object"),
        "end what else runs here",
    ),
    "the first of several": (ExceptionGroup("two", [NO_THREAD, ValueError("mine")]), "ulimit -u"),
}


@pytest.mark.parametrize("what", LACKS)
def test_what_it_lacks_has_a_remedy(what: str) -> None:
    error, remedy = LACKS[what]
    lack = machine.lack(error)
    assert lack is not None
    assert remedy in str(machine.fault(lack, "this machine"))


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("dictionary changed size during iteration"),
        ImportError("No module named 'harness'"),
        OSError(errno.EINVAL, os.strerror(errno.EINVAL)),
        ExceptionGroup("two", [ValueError("mine"), NO_THREAD]),
    ],
    ids=repr,
)
def test_a_defect_is_not_the_machines(error: Exception) -> None:
    assert machine.lack(error) is None
