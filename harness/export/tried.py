"""The outcome of trying an export, and the watched command that both ways of trying share."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .scratch_root import CannotTry

_GUARD_S: Final = 400.0
_BETWEEN_LOOKS_S: Final = 0.02
_TOLD_LINES: Final = 12


@dataclass(frozen=True, slots=True)
class Written:
    """The content of the result file from a moment on, in seconds after the start."""

    after_s: float
    text: str


@dataclass(slots=True)
class Tried:
    """How it went: `lines` for a person, the result file's contents in order, whether all is well."""

    lines: list[str] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    took_s: float = 0.0
    is_sound: bool = True

    def say(self, what: str, text: str, *, sound: bool = True) -> None:
        """One line more; what is not sound spoils the whole."""
        self.lines.append(f"{what:<10}{text}")
        self.is_sound &= sound


def hand_in(solution: Path, place: Path) -> None:
    """Put a solution, a file or a folder, where the system puts what was handed in."""
    if solution.is_dir():
        shutil.copytree(solution, place, symlinks=True)
    else:
        place.mkdir(parents=True)
        shutil.copy2(solution, place)


def run(words: Sequence[str], log: Path, look: Callable[[float], None]) -> tuple[float, int]:
    """Seconds and status of a command; `look` is called all the while with the seconds so far."""
    start_s = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
        )
        try:
            while process.poll() is None:
                look(time.monotonic() - start_s)
                if time.monotonic() - start_s > _GUARD_S:
                    raise CannotTry(f"{words[-1]} did not end within {_GUARD_S:g} s")
                time.sleep(_BETWEEN_LOOKS_S)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    look(time.monotonic() - start_s)
    return time.monotonic() - start_s, process.returncode


def end_of(log: Path) -> str:
    """The last lines of what was printed, joined to one line."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return " | ".join(lines[-_TOLD_LINES:])
