"""Recordings, results and settings from a file: whatever it holds, a value or one sentence."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from hypothesis import example, given
from hypothesis import strategies as st

from harness.engine import assignment_file, catalogue, recordings_file, stored_results
from harness.judge.requirement import judge_all
from harness.record import recording_line
from tests.fuzzing import hard, refused_in_words
from tests.recordings import story

FOLDER: Final = Path(tempfile.mkdtemp(prefix="forkspec-fuzz-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
REQUIREMENTS: Final = catalogue.load().requirements
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
SOUND: Final = json.loads(
    recording_line.to_line(
        story("one after another")
        .starts()
        .connects("client 0")
        .asks("client 0")
        .answers("client 0")
        .quiet()
        .over()
    )
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [path, *(each for key, below in inner for each in _places(below, (*path, key)))]


def _changed(value: Any, path: tuple[Any, ...], to: Any) -> Any:
    if not path:
        return to
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _changed(value[path[0]], path[1:], to)
    return copy


changed_recordings = st.builds(
    lambda path, to: json.dumps(_changed(SOUND, path, to)), st.sampled_from(_places(SOUND)), json_values
)


@given(st.text() | json_values.map(json.dumps) | changed_recordings)
@example("[" * 2000)
@example(json.dumps({**SOUND, "subject": []}))
@example(json.dumps({**SOUND, "run": {}}))
@hard
def test_fuzz_a_line_is_a_recording_or_one_sentence(text: str) -> None:
    with refused_in_words(ValueError):
        seen = recording_line.from_line(text)
        judge_all(
            REQUIREMENTS,
            {each.scenario: seen for each in REQUIREMENTS if each.scenario == seen.scenario},
        )
        recording_line.to_line(seen)


@given(st.binary(max_size=80) | changed_recordings.map(str.encode))
@hard
def test_fuzz_a_file_of_recordings(data: bytes) -> None:
    path = FOLDER / "seen.jsonl"
    path.write_bytes(data)
    with refused_in_words():
        recordings_file.read(path)


RESULT: Final = {
    "subject": "a", "forkspec": "0", "cell": "plain", "level": 1, "diagnosis": "",
    "verdicts": [{"id": "service/reply", "verdict": "FAIL", "counts": True,
                  "evidence": {"says": "", "observed": "x", "cause": "", "facts": {"n": 1}}}],
}  # fmt: skip


@given(
    st.builds(
        lambda path, to: _changed(RESULT, path, to), st.sampled_from(_places(RESULT)), json_values
    ),
    st.binary(max_size=30),
)
@hard
def test_fuzz_a_file_of_results(result: Any, data: bytes) -> None:
    new, old = (FOLDER / name for name in ("new.json", "old.json"))
    old.write_text(json.dumps(RESULT))
    for content in (json.dumps(result).encode(), data):
        new.write_bytes(content)
        with refused_in_words():
            stored_results.compare(old, new)


keys = st.sampled_from(
    [
        "name",
        "tier",
        "late",
        "submission",
        "limits",
        "points",
        "most_points",
        "award",
        "feedback",
        "contract",
        "dialogue",
        "references",
        "hints",
        "deadline",
        "until",
        "entry",
        "port",
        "build",
        "run",
        "packages",
        "environment",
        "steps",
        "opening",
        "send",
        "expect",
        "regex",
        "hex",
        "partial",
        "between",
        "ready",
        "ready_in",
        "idle_timeout_s",
        "most_at_once",
        "unseen",
        "greeting",
        "transform",
        "hidden",
        "all",
        "memory_mb",
        "most_s",
        "missing_is_zero",
        "free_days",
        "percent_per_day",
    ]
) | st.text(max_size=4)
atoms = st.sampled_from(
    [
        "1",
        "-1",
        "1e400",
        "nan",
        "inf",
        "true",
        '""',
        '"{line}"',
        '"robust"',
        '"\'"',
        '"zz"',
        "2027-01-31",
        "2027-01-31T00:00:00Z",
        "9999-12-31",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "07:32:00",
        "[]",
        "{}",
        "[1, 2]",
        '"service/reply"',
        "99999999999999999999",
        '"\\u0000"',
        '["fork/*"]',
        '"{0}"',
    ]
)


def _key(word: str) -> str:
    return word if word.isidentifier() and word.isascii() else json.dumps(word)


def _inline(pairs: dict[str, str]) -> str:
    return "{" + ", ".join(f"{_key(key)} = {value}" for key, value in pairs.items()) + "}"


values = st.recursive(
    atoms,
    lambda inner: (
        st.dictionaries(keys, inner, max_size=3).map(_inline)
        | st.lists(inner, max_size=2).map(lambda each: f"[{', '.join(each)}]")
    ),
    max_leaves=5,
)
toml_lines = st.one_of(
    st.builds(lambda key, value: f"{_key(key)} = {value}", keys, values),
    keys.map(lambda key: f"[{_key(key)}]"),
    keys.map(lambda key: f"[[{_key(key)}]]"),
    st.text(max_size=8),
)


@given(st.lists(toml_lines, max_size=6).map("\n".join) | st.text())
@hard
def test_fuzz_an_assignment_is_settings_or_one_sentence(text: str) -> None:
    with refused_in_words():
        assignment_file.of_text(text, "exercise.toml")


@given(st.binary(max_size=40))
@hard
def test_fuzz_an_assignments_bytes(data: bytes) -> None:
    path = FOLDER / "exercise.toml"
    path.write_bytes(data)
    with refused_in_words():
        assignment_file.read(path)
