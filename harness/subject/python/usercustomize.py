"""Loaded by a subject's Python at its start (module site): on a signal it tells where it stands.

Written into memory that the keeper reads; the program itself hears nothing of it. Source: faulthandler.
"""

import contextlib
import faulthandler
import os

SIGNAL = 62
DESCRIPTOR = 900

with contextlib.suppress(OSError, AttributeError, ValueError):
    faulthandler.enable()
    _memory = os.memfd_create("faulthandler")
    os.dup2(_memory, DESCRIPTOR, inheritable=False)
    os.close(_memory)
    faulthandler.register(SIGNAL, file=DESCRIPTOR, all_threads=True)
