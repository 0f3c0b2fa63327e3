"""SARIF: what the standard requires, where a failure is placed; no folder of a machine is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.judge.standing import line_in
from harness.judge.verdict import Verdict, failed, inconclusive
from harness.record.events import Submitted
from harness.report.formats.sarif import as_sarif
from harness.results.result import Result
from harness.results.rubric import Rubric
from tests.pure.test_formats import ALL_KINDS, BURST, REAPS_NONE, REQUIREMENTS, a_result

SERVICE = "service/reply"


def run_of(*results: Result) -> Any:
    log = json.loads(as_sarif(results))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    return run


def at(where: str) -> Verdict:
    verdict = failed("no reply came", expected="the reply")
    return replace(verdict, evidence=replace(verdict.evidence, where=where))


def handed_in(target: object, where: str = "") -> Result:
    """It fails service/reply there, and is the target that a user typed."""
    name = Path(
        str(target).removeprefix("-- ").split(" ")[0] if "{" in str(target) else str(target)
    ).name
    result = a_result({SERVICE: at(where)}, subject=name)
    seen = {name: replace(each, target=str(target)) for name, each in result.recordings.items()}
    return replace(result, recordings=seen)


def location_of(result: Result) -> Any:
    (found,) = run_of(result)["results"]
    (location,) = found["locations"]
    return location["physicalLocation"]


def test_it_has_what_the_standard_requires() -> None:
    run = run_of(a_result(ALL_KINDS), a_result(ALL_KINDS, subject="b.c"))
    driver = run["tool"]["driver"]
    assert driver["name"] == "forkspec"
    assert [each["id"] for each in driver["rules"]] == [each.id for each in REQUIREMENTS]
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert "By hand: " in rule["help"]["text"]
    assert len(run["results"]) == 4
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"none", "note", "warning", "error"}
        assert result["message"]["text"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    for invocation in run["invocations"]:
        assert isinstance(invocation["executionSuccessful"], bool)
        assert all(each["message"]["text"] for each in invocation["toolExecutionNotifications"])


@pytest.mark.parametrize(
    ("rubric", "levels"),
    [(Rubric(), ["error", "warning", "note"]), (Rubric(strict=True), ["error", "error", "error"])],
)
def test_what_counts_is_an_error(rubric: Rubric, levels: list[str]) -> None:
    advice = failed("no line names the port", expected="the line")
    fails = {"reaping/sequential": REAPS_NONE, "reaping/burst": BURST, "contract/announces": advice}
    found = {each["ruleId"]: each["level"] for each in run_of(a_result(fails, rubric=rubric))["results"]}
    assert [found[each] for each in fails] == levels


def test_what_could_not_be_told_is_no_finding_and_no_success() -> None:
    run = run_of(a_result({"service/closes": inconclusive("the guard ran out")}))
    assert run["results"] == []
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    (told,) = invocation["toolExecutionNotifications"]
    assert told["associatedRule"] == {"id": "service/closes"}
    assert "the guard ran out" in told["message"]["text"]


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("process 12 was then running in main() at a.c:9", ("a.c", 9)),
        (
            "process 12 was then in read(), called in the main program at my server.py:31",
            ("my server.py", 31),
        ),
        ("process 7 was then in read(), called in f() at net.h:5 (included by a.cpp)", ("net.h", 5)),
        (
            "a second run, with AddressSanitizer, crashed in f() at a.c:12 (heap-use-after-free)",
            ("a.c", 12),
        ),
        ("process 12 was then in read(), called in main() at a", None),
        ("", None),
    ],
)
def test_a_line_is_read_where_it_is_told(where: str, line: tuple[str, int] | None) -> None:
    assert line_in(where) == line


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            "server.c: In function 'main':\nserver.c:7:5: error: expected ';' before 'for'",
            ("server.c", 7),
        ),
        ("In file included from server.c:3:\n./talk.h:9:1: error: unknown type name", ("talk.h", 9)),
        ("src/Server.java:12: error: illegal start of expression", ("Server.java", 12)),
        ("error: expected expression, found `;`\n --> server.rs:2:10\n  |", ("server.rs", 2)),
        ("./server.go:4:1: syntax error: unexpected }", ("server.go", 4)),
        ("make: *** No rule to make target 'server'.  Stop.", None),
    ],
)
def test_what_does_not_compile_is_found_at_the_compilers_first_error(
    said: str, line: tuple[str, int] | None
) -> None:
    wrong = failed(f"it does not compile:\n{said}", expected="", cause="does-not-compile")
    (found,) = run_of(a_result({"contract/starts": wrong}))["results"]
    place = found["locations"][0]["physicalLocation"]
    region = {"region": {"startLine": line[1]}} if line else {}
    assert place == {"artifactLocation": {"uri": line[0] if line else "server.c"}, **region}


def with_calls(result: Result, **calls: tuple[str, ...]) -> Result:
    told = Submitted(0, "server", ("server.c",), 1, calls=calls)
    recordings = {
        name: replace(each, events=(told, *each.events)) for name, each in result.recordings.items()
    }
    return replace(result, recordings=recordings)


def test_who_stood_nowhere_is_found_at_the_call_that_the_cause_speaks_of() -> None:
    """Of the lecture's tcpserver2 no finding had a line, though the report named each."""
    result = a_result({"reaping/sequential": REAPS_NONE})
    (found,) = run_of(with_calls(result, fork=("fork() at server.c:38 in main()",)))["results"]
    (location,) = found["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": 38}
    assert "relatedLocations" not in found
    sites = ("fork() at server.c:38 in main()", "fork() at the crew.c:7")
    (found,) = run_of(with_calls(result, fork=sites))["results"]
    (beside,) = found["relatedLocations"]
    assert beside["message"]["text"] == "fork()"
    assert beside["physicalLocation"]["artifactLocation"]["uri"] == "the%20crew.c"
    assert beside["physicalLocation"]["region"] == {"startLine": 7}


def test_where_it_stood_goes_before_a_call() -> None:
    stood = replace(REAPS_NONE, evidence=replace(REAPS_NONE.evidence, where=STOOD))
    told = with_calls(a_result({"reaping/sequential": stood}), fork=("fork() at s.c:38 in main()",))
    (found,) = run_of(told)["results"]
    assert found["locations"][0]["physicalLocation"]["region"] == {"startLine": 9}
    assert [each["physicalLocation"]["region"] for each in found["relatedLocations"]] == [
        {"startLine": 38}
    ]


STOOD = "process 12 was then running in main() at s.c:9"


@pytest.mark.parametrize(
    ("target", "where", "uri"),
    [
        ("project", STOOD, "project/src/s.c"),
        ("project/src/s.c", STOOD, "project/src/s.c"),
        ("project/src/s.c", "", "project/src/s.c"),
        ("project/src", "", "project/src"),
        ("twice", STOOD, "s.c"),
        ("my project/s.c", STOOD, "my%20project/s.c"),
        ("gone.c", STOOD, "s.c"),
        ("gone.c", "", "gone.c"),
        ("-- ./s {port}", STOOD, "s.c"),
        ("-- ./s {port}", STOOD.replace("s.c", "main.c"), "project/src/main.c"),
        ("-- ./s {port}", "", "s"),
        ("build/s", STOOD.replace("s.c", "main.c"), "project/src/main.c"),
    ],
)
def test_a_failure_is_placed_from_the_folder_of_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, where: str, uri: str
) -> None:
    monkeypatch.chdir(tmp_path)
    files = ("project/src/s.c", "project/src/main.c", "my project/s.c", "build/s")
    for file in (*files, "twice/a/s.c", "twice/b/s.c"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    place = location_of(handed_in(target, where))
    assert place["artifactLocation"] == {"uri": uri}
    assert place.get("region") == ({"startLine": 9} if where else None)


@pytest.mark.parametrize("where", [STOOD, ""])
def test_no_folder_of_the_machine_is_told(tmp_path: Path, where: str) -> None:
    file = tmp_path / "s.c"
    file.touch()
    result = handed_in(file, where)
    assert location_of(result)["artifactLocation"] == {"uri": "s.c"}
    assert str(tmp_path) not in as_sarif([result])


def test_elsewhere_a_file_is_named_from_the_submission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project" / "src").mkdir(parents=True)
    (tmp_path / "project" / "src" / "s.c").touch()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for target in (tmp_path / "project", "../project"):
        place = location_of(handed_in(target, STOOD))
        assert place["artifactLocation"] == {"uri": "src/s.c"}
    assert location_of(handed_in(tmp_path / "project"))["artifactLocation"] == {"uri": "project"}


def test_a_name_that_is_no_text_is_quoted() -> None:
    assert location_of(handed_in("my\udcff.c"))["artifactLocation"] == {"uri": "my%FF.c"}


def test_control_characters_are_escapes() -> None:
    text = as_sarif([a_result({SERVICE: failed("\x1b[31mred\x00", expected="a line")})])
    assert r"\\x1b[31mred\\x00" in text
