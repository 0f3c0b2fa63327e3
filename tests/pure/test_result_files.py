"""Result files of course systems: what each must hold, and what is said when a rule is broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from harness.export.systems.gradescope import names_in
from harness.report.formats.registry import formats
from harness.results.marking import Award, Feedback, Marking, Override, mark
from harness.results.student import Student
from harness.subject.places import shipped

SECOND: Final = shipped("servers") / "lecture" / "tcpserver2.py"
FEEDBACK: Final = Feedback()
NOW: Final = "2026-11-23T12:00:00"
COURSE_SYSTEMS: Final = {
    name: each.course_system for name, each in formats().items() if each.course_system is not None
}


@pytest.mark.parametrize("system", COURSE_SYSTEMS)
def test_without_a_result_the_file_is_valid(system: str) -> None:
    text = COURSE_SYSTEMS[system].without_result("it is being judged")
    assert COURSE_SYSTEMS[system].broken_rules(text) == []
    assert COURSE_SYSTEMS[system].points_in(text) == ""


@pytest.mark.parametrize(
    ("system", "text", "said"),
    [
        ("gradescope", "{", "no JSON"),
        ("gradescope", "[]", "not an object"),
        ("gradescope", "{}", "neither score nor tests"),
        ("gradescope", '{"score": "3"}', "score: '3'"),
        ("gradescope", '{"score": 3, "points": 3}', "points: no such key"),
        ("gradescope", '{"score": 3, "visibility": "no"}', "visibility: 'no'"),
        ("gradescope", '{"tests": [{"status": "PASS"}]}', "tests[0]: status: 'PASS'"),
        ("prairielearn", '{"score": 3}', "score: 3 is not between 0 and 1"),
        ("prairielearn", '{"gradable": false}', "not gradable, and no format_errors"),
        (
            "prairielearn",
            '{"score": 1, "tests": [{"points": 1}]}',
            "tests[0]: without points or max_points",
        ),
        ("prairielearn", json.dumps({"score": 1, "output": "x" * (1 << 20)}), "more than 1048576 bytes"),
        ("submitty", '{"status": "success", "data": {"score": 3}}', "score: 3 is not between 0 and 1"),
        ("submitty", '{"status": "passed", "data": {"score": 1}}', "status: 'passed'"),
        ("submitty", '{"status": "success"}', "data: None"),
        ("submitty", '{"status": "success", "data": {"score": 1, "message": [1]}}', "message: 1"),
        ("codegrade", "well done\n", "the last line is no JSON"),
        ("codegrade", '{"tag": "points", "points": "3"}', "points: '3' is no part of a whole"),
        ("codegrade", '{"tag": "points", "points": "4/3"}', "points: '4/3' is no part of a whole"),
        ("codegrade", '{"tag": "point"}', "the last line is no object with the points"),
        ("autolab", "well done\n", "the last line is no JSON"),
        ("autolab", '{"score": 1}', "the last line holds no scores"),
        ("autolab", '{"scores": {"level 1": "1"}}', "level 1: '1'"),
        (
            "autolab",
            '{"_presentation": "semantic", "stages": ["a"]}\n{"scores": {}}',
            "a: no such stage",
        ),
        ("vpl", "Grade :=>> 3\n", "no block of comments"),
        ("vpl", "<|--\nhello\n--|>\nGrade :=>> 3\n", "neither a title nor preformatted: hello"),
        ("vpl", "<|--\n-hello\n--|>\nGrade :=>> A\n", "no number: Grade :=>> A"),
    ],
)
def test_a_broken_rule_is_told(system: str, text: str, said: str) -> None:
    (slip,) = COURSE_SYSTEMS[system].broken_rules(text)
    assert slip.startswith(said)


ODD: Final[tuple[object, ...]] = (
    None,
    True,
    -1,
    1.5,
    1e400,
    "",
    "x",
    [],
    [1],
    [None],
    [[]],
    {},
    {"a": 1},
    [{"a": []}],
)


@pytest.mark.parametrize("system", COURSE_SYSTEMS)
def test_odd_json_breaks_rules_and_not_the_check(system: str) -> None:
    keys = [
        "score", "max_score", "points", "max_points", "tests", "visibility", "stdout_visibility",
        "status", "name", "output", "output_format", "gradable", "format_errors", "extra_data",
    ]  # fmt: skip
    for key in keys:
        for value in ODD:
            for told in ({key: value}, {"score": 1, "tests": [{key: value}]}):
                COURSE_SYSTEMS[system].broken_rules(json.dumps(told))


@pytest.mark.parametrize(
    ("system", "text", "said"),
    [
        ("gradescope", '{"score": 1, "visibility": []}', "visibility: []"),
        ("gradescope", '{"score": 1, "output_format": {}}', "output_format: {}"),
        ("gradescope", '{"score": 1, "tests": [1]}', "tests[0]: not an object"),
        ("gradescope", '{"score": 1, "tests": null}', "tests: None"),
        ("gradescope", '{"score": 1, "tests": 7}', "tests: 7"),
        ("gradescope", '{"tests": [{"status": []}]}', "tests[0]: status: []"),
        ("gradescope", '{"score": true}', "score: True"),
        ("gradescope", '{"score": NaN}', "no JSON: NaN is no number"),
        ("gradescope", "[" * 100_000, "no JSON: "),
        ("prairielearn", '{"score": "1"}', "score: '1'"),
        ("prairielearn", '{"score": null}', "score: None"),
        ("prairielearn", '{"message": "no"}', "gradable, and no score"),
        ("prairielearn", '{"score": 1, "gradable": []}', "gradable: []"),
        ("prairielearn", '{"score": 1, "tests": ["x"]}', "tests[0]: not an object"),
        ("prairielearn", '{"score": 1, "tests": {}}', "tests: {}"),
    ],
)
def test_odd_json_is_told_once(system: str, text: str, said: str) -> None:
    (slip,) = COURSE_SYSTEMS[system].broken_rules(text)
    assert slip.startswith(said)


@pytest.mark.parametrize("system", COURSE_SYSTEMS)
def test_what_students_choose_breaks_no_rule(system: str) -> None:
    """A name, a reason or a diagnosis may hold a line that means something to the system."""
    spoof = '--|>\nGrade :=>> 99\n{"scores": {"all": 99}}\n{"tag": "points", "points": "9/9"}'
    marking = Marking((Award("style", 3), Award(f"odd {spoof}", 4)))
    for given in ((), (Override("style", 1.5, spoof, sets=True), Override("x/y", 1, spoof))):
        for refused in ("", spoof):
            student = Student(spoof, {}, (spoof,), refused, (), mark(marking, [], {}, given))
            text = COURSE_SYSTEMS[system].with_result(student, FEEDBACK, NOW)
            assert COURSE_SYSTEMS[system].broken_rules(text) == []
            assert bool(COURSE_SYSTEMS[system].points_in(text)) is not bool(refused)
            assert "99" not in COURSE_SYSTEMS[system].points_in(text).replace("odd", "")[:6]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"users": [{"name": "Ada"}, {"name": "Grace"}]}', "Ada and Grace"),
        ('{"users": []}', ""),
        ('{"users": [{}]}', ""),
        ("[]", ""),
        ("{", ""),
    ],
)
def test_names_come_from_the_metadata(text: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(text)
    assert names_in(tmp_path / "m.json") == name
    assert names_in(tmp_path / "none.json") == ""
