"""The lecture's four servers, examined once in a run of the tests, whichever worker needs them first."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import Any, Final

from harness.engine import recordings_file, targets
from harness.engine.session import Options, examine_all, judge_recordings
from harness.report.formats.json import as_json
from harness.results.result import Result

OPTIONS: Final = Options(seed=1)


class LectureSeen:
    """A folder with the recordings, and with the results of the run that made them."""

    def __init__(self, folder: Path) -> None:
        """Examine the servers, unless another worker has done it; or wait until it has."""
        self.recordings, self._said = folder / "lecture.jsonl", folder / "lecture.json"
        with (folder / "lecture.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._said.exists():
                results = examine_all([targets.prepare(name) for name in targets.LECTURE], OPTIONS)
                self.recordings.write_text(recordings_file.written(results), encoding="utf-8")
                self._said.write_text(as_json(results), encoding="utf-8")
        self.results = self.judged_again()

    def judged_again(self) -> list[Result]:
        """The results of judging the recordings in the file once more."""
        read = recordings_file.read(self.recordings)
        return [judge_recordings(recordings, OPTIONS) for recordings in read]

    def said(self) -> list[dict[str, Any]]:
        """The results as the run that made the recordings wrote them, before they were in a file."""
        written: list[dict[str, Any]] = json.loads(self._said.read_text(encoding="utf-8"))
        return written
