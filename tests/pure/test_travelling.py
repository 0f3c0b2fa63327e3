"""What travels to a cluster's workers, and what does not."""

from __future__ import annotations

import importlib.util
import os
import pickle
from pathlib import Path
from typing import Any, Final

import pytest

import harness
from harness.cohort import cluster, scheduler
from harness.cohort import packed_work as parcel
from harness.cohort.examine import ExamSettings, Observation, PendingWork
from harness.cohort.student_work import StudentWork
from harness.engine.assignment_file import read as read_settings
from harness.subject.folder import UnusableTarget

ROOT: Final = Path(__file__).parents[2]

with_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="Dask is not installed: forkspec[cluster]"
)


def _told(version: str | None = "1", python: str = "3.11.7.final.0") -> dict[str, Any]:
    return {"host": {"python": python}, "packages": {"forkspec": version}}


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        (_told("2"), "the worker w has forkspec 2 under Python 3.11, and this is forkspec 1 under"),
        (_told(None), "the worker w has no forkspec under Python 3.11"),
        (_told(python="3.12.1.final.0"), "the worker w has forkspec 1 under Python 3.12"),
    ],
)
def test_a_worker_of_another_kind_is_refused(theirs: dict[str, Any], said: str) -> None:
    class Client:
        def get_versions(self, packages: list[str]) -> dict[str, Any]:
            assert packages == ["forkspec"]
            return {"client": _told(), "scheduler": _told(), "workers": {"v": _told(), "w": theirs}}

    with pytest.raises(harness.HarnessError) as refusal:
        scheduler.require_our_kind(Client(), "tcp://127.0.0.1:8786")
    assert said in str(refusal.value)


@with_dask
def test_who_only_waited_on_a_worker_that_ended_is_tried_again(tmp_path: Path) -> None:
    """Dask suspects all that a worker had before it; only who was begun may have ended it."""
    from distributed import KilledWorker  # noqa: PLC0415

    class Ended:
        def result(self) -> Observation:
            raise KilledWorker(task="", last_worker=None, allowed_failures=1)

    class Client:
        def get_events(self, _: str) -> list[tuple[float, str]]:
            return [(1.0, "mallory"), (2.0, "mallory"), (3.0, "fay")]

    def due(student: str) -> PendingWork:
        return PendingWork(StudentWork(student, {"x.py": tmp_path}), parcel.PackedWork(student))

    klass = cluster._Class(Client(), None, ExamSettings(), lambda *_: None)
    told = klass._shown(due("mallory"), Ended())
    assert told is not None
    assert told.refused == "set aside: it ended its grading worker twice"
    assert klass._shown(due("fay"), Ended()) is None
    again = klass._shown(due("fay"), Ended())
    assert again is not None, "but not for ever"


def test_a_hand_in_arrives_as_it_was(tmp_path: Path) -> None:
    work = tmp_path / "zoe"
    (work / "src").mkdir(parents=True)
    (work / "src" / "server.c").write_bytes(b"int main(void) { return 0; }\n\xff")
    (work / "build.sh").write_text("#!/bin/sh\n")
    (work / "build.sh").chmod(0o755)
    (work / ".git").mkdir()
    (work / ".git" / "config").write_text("not handed in")
    (work / "passwd").symlink_to("/etc/passwd")
    zoe = StudentWork("Zoë", {"zoe": work})
    there = Path(parcel.target_of(parcel.packed(zoe), tmp_path / "there"))
    assert there.name == "zoe"
    assert {str(p.relative_to(there)) for p in there.rglob("*") if p.is_file()} == {
        "src/server.c",
        "build.sh",
    }
    assert os.access(there / "build.sh", os.X_OK)


def test_files_of_one_student_keep_their_names(tmp_path: Path) -> None:
    (tmp_path / "doe_11_501_server.c").write_text("int main(void) { return 0; }\n")
    doe = StudentWork("doe", {"server.c": tmp_path / "doe_11_501_server.c"})
    there = Path(parcel.target_of(parcel.packed(doe), tmp_path / "there"))
    assert [path.name for path in there.iterdir()] == ["server.c"]


def test_what_is_too_large_does_not_travel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcel, "MOST_BYTES", 5)
    (tmp_path / "doe.zip").write_bytes(b"PK\x03\x04123")
    with pytest.raises(UnusableTarget, match="hand in the source alone"):
        parcel.packed(StudentWork("doe", {"doe.zip": tmp_path / "doe.zip"}))


@pytest.mark.parametrize("assignment", sorted(ROOT.glob("examples/*/assignment.toml")))
def test_settings_travel_by_value(assignment: Path) -> None:
    settings = read_settings(assignment)
    assert pickle.loads(pickle.dumps(ExamSettings(settings))) == ExamSettings(settings)  # noqa: S301  (ours)
