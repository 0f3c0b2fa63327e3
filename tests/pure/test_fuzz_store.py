"""The file that keeps a class, in anybody's hands: rows, or a sentence."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import zlib
from pathlib import Path
from typing import Any, Final

from hypothesis import example, given
from hypothesis import strategies as st

from harness.cohort.store import Store
from harness.cohort.student_work import STORE, StudentWork
from tests.fuzzing import hard, refused_in_words

COLUMNS: Final = {
    "student": ["key", "name", "identity", "partners", "remarks", "digest", "refused", "seconds",
                "at", "earned", "total", "level", "handed_in"],
    "recorded": ["digest", "forkspec", "data", "parcel"],
    "override": ["student", "name", "points", "reason", "at", "sets"],
    "meta": ["key", "value"],
}  # fmt: skip
cells = st.sampled_from([(table, column) for table, columns in COLUMNS.items() for column in columns])
values = st.one_of(
    st.none(), st.integers(-5, 5), st.floats(), st.binary(max_size=20), st.text(max_size=8),
    st.sampled_from(["[]", "{}", "[[]]", "[1]", "nul", "null", '["x", "y", true]', "[" * 2000]),
    st.sampled_from([b"[]", b"[[]]", b'[["{}"]]', b"null", b"3", b"{}"]).map(zlib.compress),
)  # fmt: skip


def _kept(folder: Path) -> None:
    with Store(folder) as store:
        store.keep(StudentWork("anna", {}), "digest", [[]], refused="", seconds=1.0, parcel=b"")


def _reads(folder: Path) -> None:
    """All that a grading reads of a store."""
    with Store(folder, new=False) as store:
        for row in store.students():
            store.overrides(row.key)
            store.is_finished(row.key, row.digest)
        store.student("anna")
        store.recordings("digest")
        store.parcel("digest")
        store.was_tried_again("digest")
        store.before("2027-01-31")


@given(st.binary(max_size=200), st.integers(0, 5000), st.booleans())
@example(b"\x80", 3274, False)
@hard
def test_fuzz_a_damaged_file(data: bytes, at: int, whole: bool) -> None:  # noqa: FBT001
    with tempfile.TemporaryDirectory(prefix="forkspec-fuzz-") as scratch:
        folder = Path(scratch)
        _kept(folder)
        path = folder / STORE
        sound = path.read_bytes()
        path.write_bytes(data if whole else sound[:at] + data + sound[at + len(data) :])
        with refused_in_words():
            _reads(folder)


@given(cells, values)
@example(("student", "identity"), "nul")
@hard
def test_fuzz_a_cell_of_a_table(cell: tuple[str, str], value: Any) -> None:
    with tempfile.TemporaryDirectory(prefix="forkspec-fuzz-") as scratch:
        folder = Path(scratch)
        _kept(folder)
        table, column = cell
        with (
            contextlib.closing(sqlite3.connect(folder / STORE)) as db,
            contextlib.suppress(sqlite3.IntegrityError),
        ):
            db.execute(f'update "{table}" set {column} = ?', (value,))  # noqa: S608
            db.commit()
        with refused_in_words():
            _reads(folder)
