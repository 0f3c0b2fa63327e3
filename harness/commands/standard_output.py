"""Standard input, output and errors as a command finds them: open, closed, full, or read by nobody."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import harness

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

READER_HAS_GONE: Final = 128 + 13  # as a shell tells the status of a command that SIGPIPE has ended


class OutputLost(harness.HarnessError):
    """Standard output takes nothing more: a full disk, say. The user's machine is at fault."""


class ReaderGone(OutputLost):
    """The reader of standard output has ended (`forkspec list | head -1`). Nobody is at fault."""


class _Told(io.FileIO):
    """Standard output that says in one sentence why it takes nothing more."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            _send_to_nowhere(self.fileno())
            raise ReaderGone("nobody reads on") from None
        except OSError as error:
            _send_to_nowhere(self.fileno())
            raise OutputLost(
                f"standard output cannot be written ({error.strerror}), so the rest is not shown"
            ) from None


class _SaidAside(io.TextIOBase):
    """Standard output of which the bytes are a file that was asked for; text goes to standard error."""

    def __init__(self, was: TextIO) -> None:
        self._was = was  # or it would close the bytes as it goes
        self.buffer = was.buffer

    @property
    def encoding(self) -> str:  # type: ignore[override]  # an attribute there
        return sys.stderr.encoding

    def isatty(self) -> bool:
        return sys.stderr.isatty()

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        self.buffer.flush()
        sys.stderr.flush()


def leave_to_file(*files: Path | None) -> None:
    """Where "-" is a file's name, say all else on standard error; raises HarnessError for two such."""
    from harness.report.output_file import STANDARD_OUTPUT  # noqa: PLC0415  (the command line loads no room)

    if (named := files.count(STANDARD_OUTPUT)) > 1:
        raise harness.HarnessError("-: named for several files, and there is one standard output")
    if named:
        sys.stdout = _SaidAside(sys.stdout)


def prepare() -> None:
    """Open what the caller has closed, for a file of ours would get its number; tell of what fails.

    What a terminal cannot show is replaced, since it is no reason to stop.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            _send_to_nowhere(number)
            opened = open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, opened)
            setattr(sys, f"__{name}__", opened)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    was = sys.stdout
    if isinstance(was, io.TextIOWrapper) and was is sys.__stdout__:
        was.flush()
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(_Told(was.fileno(), "w", closefd=False)),
            encoding=was.encoding,
            errors=was.errors,
            line_buffering=was.line_buffering,
        )


def _send_to_nowhere(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != number:
        os.dup2(nowhere, number)
        os.close(nowhere)
