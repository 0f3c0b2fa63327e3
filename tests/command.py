"""The command: run as its user runs it, or in this process where it starts nothing."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final
from unittest import mock

from harness import cli

FORKSPEC: Final = [sys.executable, "-m", "harness.cli"]
GUARD_S: Final = 600.0  # of a hang: a machine may be slow


def run(*words: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """What it printed, and its exit status; the environment is ours and what is named."""
    return subprocess.run(
        [*FORKSPEC, *map(str, words)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=GUARD_S,
        check=False,
    )


def run_here(
    *words: object, cwd: Path | None = None, encoding: str = "utf-8"
) -> subprocess.CompletedProcess[str]:
    """What `run` gives, without a new interpreter; its output is a pipe of this encoding."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding, write_through=True) for _ in range(2))
    called = ["forkspec", *map(str, words)]
    before = signal.getsignal(signal.SIGTERM)
    status: object = None
    with contextlib.ExitStack() as here:
        here.callback(signal.signal, signal.SIGTERM, before)
        here.callback(gc.unfreeze)
        here.callback(gc.enable)
        here.enter_context(contextlib.chdir(cwd or Path.cwd()))
        here.enter_context(mock.patch.object(sys, "argv", called))
        here.enter_context(contextlib.redirect_stdout(out))
        here.enter_context(contextlib.redirect_stderr(err))
        try:
            cli.main()
        except SystemExit as ended:
            status = ended.code
    told = (each.buffer.getvalue().decode(encoding) for each in (out, err))
    return subprocess.CompletedProcess(called, int(str(status or 0)), *told)
