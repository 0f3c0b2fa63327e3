"""Recordings in a file, one JSON object a line: written whole, and read back by examination."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import harness
from harness.record.recording import Recording
from harness.results.result import Result


def read(path: Path) -> list[list[Recording]]:
    """The recordings of a file, those of one examination together, in the file's order.

    Raises:
        HarnessError: no such file, or no recordings in it; the user's mistake.
    """
    together: dict[tuple[str, int], list[Recording]] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        for line in filter(None, lines):
            recording = Recording.from_json(line)
            together.setdefault((recording.subject, recording.run), []).append(recording)
    except OSError as error:
        raise harness.HarnessError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise harness.HarnessError(f"{path}: {error}") from error
    if not together:
        raise harness.HarnessError(f"{path}: no recordings in this file")
    return list(together.values())


def written(results: Sequence[Result]) -> str:
    """All recordings of some results, one JSON object a line."""
    lines = [r.to_json() for result in results for r in result.recordings.values()]
    return "\n".join(lines) + "\n"
