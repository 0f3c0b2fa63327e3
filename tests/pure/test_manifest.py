"""What the manifest promises: patterns, exceptions from them, and what a cell cannot show."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec import convert

from harness.engine import catalogue, references
from harness.judge.diagnosis import Diagnosis
from harness.results.result import Result, decide
from harness.results.rubric import Rubric
from harness.subject import manifest
from harness.subject.manifest import Reference, cell_differences
from tests import promises
from tests.recordings import story

ROOT: Final = Path(__file__).parents[2]
LISTS: Final = ("fails", "blocked", "not_applicable", "passes")
ONE_CHILD: Final = "fork/one-child"


def told(entry: dict[str, Any]) -> Reference:
    """An entry of the manifest."""
    return convert({"path": "faults/some.c", "role": "fault", **entry}, Reference)


@pytest.mark.parametrize(
    ("entry", "promised"),
    [
        ({}, "PASS"),
        ({"fails": [ONE_CHILD]}, "FAIL"),
        ({"fails": ["fork/child-exits"]}, "PASS"),
        ({"fails": ["fork/*"]}, "FAIL"),
        ({"fails": ["*"]}, "FAIL"),
        ({"blocked": ["*"]}, "BLOCKED"),
        ({"not_applicable": ["fork/*", "reaping/*"]}, "NOT_APPLICABLE"),
        ({"not_applicable": ["reaping/*"]}, "PASS"),
        ({"not_applicable": ["fork/*"], "fails": [ONE_CHILD]}, "FAIL"),
        ({"fails": ["fork/*"], "passes": [ONE_CHILD]}, "PASS"),
        ({"fails": ["*"], "not_applicable": [ONE_CHILD]}, "NOT_APPLICABLE"),
        ({"blocked": ["fork/*"], "fails": ["*/one-child"]}, "FAIL"),
        ({"blocked": ["*"], "not_applicable": ["fork/*"]}, "BLOCKED"),
    ],
    ids=str,
)
def test_an_id_goes_before_a_pattern_and_a_failure_before_the_rest(
    entry: dict[str, Any], promised: str
) -> None:
    assert references.expected(told(entry), ONE_CHILD).value == promised


DIFFERENCES: Final = [
    (cell, identifier) for cell, those in cell_differences().items() for identifier in those
]


@pytest.mark.parametrize(("cell", "identifier"), DIFFERENCES)
def test_what_a_cell_cannot_show_is_not_applicable_there(cell: str, identifier: str) -> None:
    for entry in ({}, {"fails": [identifier]}, {"passes": ["*"]}):
        assert references.expected(told(entry), identifier, cell).value == "NOT_APPLICABLE"
    assert references.expected(told({}), identifier, "bubblewrap").value == "PASS"
    assert references.expected(told({"fails": [identifier]}), identifier).value == "FAIL"


def test_what_hardly_any_server_promises_is_not_applicable_unless_listed() -> None:
    identifier = "lifecycle/reload"
    assert references.expected(told({}), identifier).value == "NOT_APPLICABLE"
    for key, promised in (("passes", "PASS"), ("fails", "FAIL"), ("blocked", "BLOCKED")):
        assert references.expected(told({key: [identifier]}), identifier).value == promised


def test_a_server_may_differ_in_a_kind_of_cell() -> None:
    entry = told({"fails": [ONE_CHILD], "differs": {"plain": {ONE_CHILD: "PASS"}}})
    assert references.expected(entry, ONE_CHILD, "plain").value == "PASS"
    assert references.expected(entry, ONE_CHILD, "bubblewrap").value == "FAIL"


def test_a_fault_that_its_cell_cannot_show_has_no_diagnosis_there() -> None:
    result = diagnosed_as(REAPS_NONE)
    entry = {"kills": ONE_CHILD, "fails": [ONE_CHILD], "diagnosis": {"cause": "another"}}
    there = {**entry, "differs": {result.cell: {ONE_CHILD: "PASS"}}}
    assert promises.misdiagnosed(told(entry), result)
    assert not promises.misdiagnosed(told(there), result)


@pytest.mark.parametrize(("cell", "identifier"), DIFFERENCES)
def test_where_the_baseline_fails_no_cell_is_asked(cell: str, identifier: str) -> None:
    assert references.expected(told({"blocked": ["*"]}), identifier, cell).value == "BLOCKED"


def test_every_cell_with_a_difference_is_a_kind_of_cell_and_every_id_is_known() -> None:
    known = {requirement.id for requirement in catalogue.load().requirements}
    assert {cell for cell, _ in DIFFERENCES} <= {"namespaces", "plain"}
    assert {identifier for _, identifier in DIFFERENCES} <= known


# The diagnosis


def diagnosed_as(diagnosis: Diagnosis) -> Result:
    recording = story("starting").starts().over()
    found = decide(catalogue.load().requirements, {"starting": recording}, Rubric())
    return replace(found, diagnosis=diagnosis)


REAPS_NONE: Final = Diagnosis(
    "fork", "none", "You fork and reap none.", ("never-reaps", "other", "third")
)


def test_design_reaping_and_the_first_cause_are_the_diagnosis() -> None:
    assert promises.diagnosed(diagnosed_as(REAPS_NONE)) == {
        "design": "fork",
        "reaping": "none",
        "cause": "never-reaps",
    }
    assert promises.diagnosed(diagnosed_as(Diagnosis("threads", "", "You have threads.")))["cause"] == ""


@pytest.mark.parametrize(
    ("promised", "said"),
    [
        ({}, []),
        ({"design": "fork", "reaping": "none", "cause": "never-reaps"}, []),
        ({"design": "fork"}, []),
        ({"cause": "other"}, []),  # two are told: where evidence fits both
        ({"cause": "third"}, ["the diagnosis says cause 'never-reaps', not 'third'"]),
        (
            {"design": "threads", "reaping": "complete"},
            [
                "the diagnosis says design 'fork', not 'threads'",
                "the diagnosis says reaping 'none', not 'complete'",
            ],
        ),
    ],
    ids=str,
)
def test_what_the_diagnosis_says_otherwise_is_told(promised: dict[str, str], said: list[str]) -> None:
    assert promises.misdiagnosed(told({"diagnosis": promised}), diagnosed_as(REAPS_NONE)) == said


def test_an_entry_that_promises_no_diagnosis_is_content_with_any() -> None:
    assert promises.misdiagnosed(told({}), diagnosed_as(REAPS_NONE)) == []


@pytest.mark.parametrize("path", ["servers/manifest.toml", "clients/manifest.toml"])
def test_no_id_stands_in_two_lists_of_an_entry(path: str) -> None:
    twice = []
    entries = tomllib.loads((ROOT / path).read_text())[path.partition("s/")[0]]
    for name, entry in entries.items():
        listed = [each for kind in LISTS for each in entry.get(kind, ())]
        twice += [f"{name}: {each}" for each, times in Counter(listed).items() if times > 1]
    assert not twice


def test_one_entry_is_read_as_it_is_among_all() -> None:
    every = manifest.references()
    assert {name: manifest.reference(name) for name in every} == every
    first = {entry.path: name for name, entry in reversed(every.items())}
    assert {place: manifest.reference_at(place) for place in first} == first
    assert manifest.reference("tcpserver") is None
    assert manifest.reference_at("lecture") is None
