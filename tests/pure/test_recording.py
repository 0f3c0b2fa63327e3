"""A recording keeps all its events: through JSON and back, and when it breaks off too early."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, TypeVar, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from harness import HarnessError
from harness.engine import catalogue, recordings_file
from harness.judge.verdict import Outcome
from harness.record import recording_line
from harness.record.contract import Contract
from harness.record.events import KINDS, Frozen, Sent
from harness.record.journal import Journal
from harness.record.recording import Recording
from harness.record.recording_line import SCHEMA
from harness.record.snapshot import Process
from harness.record.spelling import spell
from harness.record.visits import Visit
from tests.recordings import story

REQUIREMENTS = catalogue.load().requirements
RECORDINGS: Final = Path(__file__).parent / "recordings"
STORED: Final = sorted(RECORDINGS.glob("*.jsonl"))

Of = TypeVar("Of", bound=Struct)
visits = st.builds(Visit, refusal=st.just(b""))


def any_of(kind: type[Of]) -> st.SearchStrategy[Of]:
    """Any struct of a kind."""
    fields = {name: st.from_type(hint) for name, hint in get_type_hints(kind).items()}
    if "visits" in fields:
        fields["visits"] = st.lists(visits, max_size=3).map(tuple)
    return st.builds(kind, **fields)


st.register_type_strategy(Process, any_of(Process))
events = st.one_of([any_of(kind) for kind in KINDS.values()])
contracts = st.builds(
    Contract,
    transform=st.text(),
    greeting=st.text(),
    closes=st.booleans(),
    port=st.text(),
    idle_timeout_s=st.just(()) | st.tuples(st.floats(0, 1), st.floats(1, 2)),
    most_at_once=st.integers(0, 9),
    unseen=st.text(),
)
any_recording = st.builds(
    Recording,
    scenario=st.text(),
    subject=st.text(),
    cell=st.text(),
    seed=st.integers(),
    events=st.lists(events, max_size=4).map(tuple),
    contract=contracts,
    forkspec=st.text(),
    refusals=st.lists(st.text()).map(tuple),
    target=st.text(),
    run=st.integers(),
)


@given(any_recording)
@settings(deadline=None, max_examples=60)
def test_what_is_written_is_read_back(recording: Recording) -> None:
    assert recording_line.from_line(recording_line.to_line(recording)) == recording


@given(any_recording)
@settings(deadline=None, max_examples=60)
def test_a_recording_is_one_line(recording: Recording) -> None:
    assert len(recording_line.to_line(recording).splitlines()) == 1


def test_bytes_that_are_no_text_survive() -> None:
    tale = story("silent client").starts().connects("quick").asks("quick", bytes(range(256))).over()
    assert recording_line.from_line(recording_line.to_line(tale)).client("quick").sent == bytes(
        range(256)
    )


@given(
    st.binary(min_size=1, max_size=3), st.integers(0, 3), st.sampled_from([4095, 4096, 4097, 100_000])
)
@settings(deadline=None, max_examples=30)
def test_long_data_survives_and_takes_little_room(unit: bytes, before: int, size: int) -> None:
    long = (b"x" * before + unit * size)[:size]
    text = recording_line.to_line(story("x").starts().connects("anna").asks("anna", long).over())
    assert recording_line.from_line(text).client("anna").sent == long
    assert len(text) < 8000


@given(st.binary(min_size=4000, max_size=5000))
@settings(deadline=None, max_examples=20)
def test_data_that_cannot_be_made_shorter_survives_too(long: bytes) -> None:
    tale = story("x").starts().connects("anna").asks("anna", long).over()
    assert recording_line.from_line(recording_line.to_line(tale)) == tale


def written(**changes: Any) -> str:
    """A sound recording as JSON, some of its fields changed."""
    return json.dumps(
        {**json.loads(recording_line.to_line(story("starting").starts().over())), **changes}
    )


def test_a_journal_counts_from_its_start() -> None:
    moments = iter((1_000, 1_250))
    journal = Journal(lambda: next(moments))
    journal.note(Sent, "anna", b"hello\n")
    journal.note_at(1_100, Frozen, "stage", pid=7, stopped=False)
    assert journal.events == [Sent(250, "anna", b"hello\n"), Frozen(100, "stage", 7, stopped=False)]


def test_another_schema_is_refused_in_a_sentence() -> None:
    later = SCHEMA + 1
    with pytest.raises(
        ValueError, match=rf"^a recording of schema {later}; this forkspec reads {SCHEMA}$"
    ):
        recording_line.from_line(written(schema=later))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '"recording"',
        written(events=None),
        written(events=[[0, "server"]]),
        written(events=[[0, "server", "exploded", "", {}]]),
        written(events=[[0, "server", "printed", "not base64", {}]]),
        written(events=[[0, "server", "printed", 5, {}]]),
        written(events=[[0, "server", "printed", "z:", {}]]),
        written(events=[[0, "server", "printed", "z:bm90IGRlZmxhdGVk", {}]]),
        written(refusals=5),
    ],
)
def test_what_is_no_recording_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        recording_line.from_line(text)


def test_a_snapshot_without_its_family_is_refused_and_so_decides_nothing() -> None:
    with pytest.raises(ValueError, match=r"missing required field"):
        recording_line.from_line(written(events=[[0, "keeper", "proved", "", {"proof": "quiet"}]]))


def test_a_field_that_no_event_of_its_kind_has_is_refused_in_a_sentence() -> None:
    row = [0, "stage", "finished", "", {"whatever": 1}]
    with pytest.raises(ValueError, match=r"^not a forkspec recording \(.*unknown field `whatever`"):
        recording_line.from_line(written(events=[row]))


def test_an_event_that_nobody_knows_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match=r"^not a forkspec recording \(no event is called 'exploded'\)"):
        recording_line.from_line(written(events=[[0, "server", "exploded", "", {}]]))


@pytest.mark.parametrize("file", STORED, ids=lambda path: path.stem)
def test_what_was_stored_before_events_were_typed_is_read_and_written_alike(file: Path) -> None:
    """Kept by the forkspec of 2026-11-28, whose events held a mapping of anything."""
    for line in file.read_text().splitlines():
        assert recording_line.to_line(recording_line.from_line(line)) == line


def test_a_stored_recording_is_judged_as_it_was() -> None:
    (together,) = recordings_file.read(RECORDINGS / "tcpserver3.jsonl")
    seen = {recording.scenario: recording for recording in together}
    outcomes = {
        each.id: each.decide(seen[each.scenario]).outcome
        for each in REQUIREMENTS
        if each.scenario in seen
    }
    assert {i: o for i, o in outcomes.items() if o is not Outcome.PASS} == {
        "abuse/every-error": Outcome.FAIL,
        "lifecycle/restart": Outcome.FAIL,
    }


def test_a_file_of_recordings_is_read_by_subject(tmp_path: Path) -> None:
    tales = [story("starting", name).starts().over() for name in ("a.c", "b.c", "a.c")]
    file = tmp_path / "class.jsonl"
    file.write_text("".join(f"{recording_line.to_line(tale)}\n\n" for tale in tales))
    found = recordings_file.read(file)
    assert [[each.subject for each in together] for together in found] == [["a.c", "a.c"], ["b.c"]]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\n", b"{}\n", written(schema=9).encode()])
def test_a_broken_file_is_named_in_a_sentence(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "week3.jsonl"
    file.write_bytes(content)
    with pytest.raises(HarnessError, match=r"week3\.jsonl"):
        recordings_file.read(file)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"ab'c", '"ab\'c"'),
        (b"a crab's life " * 9, '"a crab\'s life a "... (126 bytes)'),
        (b"b'" * 40, "\"b'b'b'b'b'b'b'b'\"... (80 bytes)"),
        (b"x" * 61, "'xxxxxxxxxxxxxxxx'... (61 bytes)"),
    ],
)
def test_bytes_are_spelt_with_all_their_letters(data: bytes, told: str) -> None:
    assert spell(data) == told
