"""Writes recordings to a file, one JSON object a line, and reads them back."""

from collections.abc import Sequence
from pathlib import Path

import harness
from harness.record import recording_line
from harness.record.recording import Recording
from harness.results.result import Result


def read(path: Path) -> list[list[Recording]]:
    """The recordings in a file, a list for each examination; raises HarnessError, the user's."""
    together: dict[tuple[str, int], list[Recording]] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        for line in filter(None, lines):
            recording = recording_line.from_line(line)
            together.setdefault((recording.subject, recording.run), []).append(recording)
    except OSError as error:
        raise harness.HarnessError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise harness.HarnessError(f"{path}: {error}") from error
    if not together:
        raise harness.HarnessError(f"{path}: no recordings in this file")
    return list(together.values())


def written(results: Sequence[Result]) -> str:
    """All recordings of some results as text, one JSON object a line."""
    lines = [recording_line.to_line(r) for result in results for r in result.recordings.values()]
    return "\n".join(lines) + "\n"
