"""The class page as text: what stands on it."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markupsafe import escape

from harness.engine import catalogue
from harness.judge.causes import CAUSES
from harness.judge.verdict import failed, passed
from harness.record.role import Role
from harness.report.class_summary import common_causes, needs_look, why_look
from harness.report.html import class_page, site
from tests.browser.classrooms import address, classroom, drawn


class Rows(HTMLParser):
    """The text of each cell of the matrix, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._is_in = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A table, a row or a cell begins."""
        if tag == "table":
            self._is_in = ("id", "matrix") in attrs
        elif self._is_in and tag == "tr":
            self.rows.append([])
        elif self._is_in and tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        """The end of a table."""
        self._is_in = self._is_in and tag != "table"

    def handle_data(self, data: str) -> None:
        """The text of a cell."""
        if self._is_in and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip()


def matrix(page: str) -> list[list[str]]:
    reader = Rows()
    reader.feed(page)
    return reader.rows[2:]


def test_every_student_has_a_row_and_every_verdict_a_sign() -> None:
    students = classroom(30)
    rows = matrix(drawn(students))
    assert sorted(row[0] for row in rows) == sorted(each.name for each in students)
    ids = [
        each.id
        for each in (
            *catalogue.load(Role.SERVER).requirements,
            *catalogue.load(Role.CLIENT).requirements,
        )
    ]
    by_name = {row[0]: row[3:] for row in rows}
    for each in students:
        told = {i: v.outcome.value for result in each.results for i, v in result.verdicts.items()}
        for identifier, sign in zip(ids, by_name[each.name], strict=True):
            word = told.get(identifier, "")
            if word == "FAIL":
                assert sign in {site.SIGNS["FAIL"], site.SIGNS["BEYOND"]}
            elif word == "NOT_APPLICABLE":
                assert sign == site.SIGNS["n/a"]
            else:
                assert sign == site.SIGNS.get(word, "")


def test_who_is_to_be_looked_at_comes_first() -> None:
    students = classroom(60)
    page = drawn(students)
    looks = [each.name for each in students if needs_look(each)]
    assert [row[0] for row in matrix(page)][: len(looks)] == looks
    assert page.index("the archive cannot be read") < page.index('id="points"')


def test_what_a_teacher_does_first_comes_first() -> None:
    page = drawn(classroom(60))
    places = [
        page.index(f'id="{each}"') for each in ("looks", "causes", "everybody", "points", "shares")
    ]
    assert places == sorted(places)


def test_who_does_not_build_needs_a_person_and_the_first_error_is_told() -> None:
    (student,) = classroom(1)
    server, client = student.results
    said = "it does not compile:\ncc -o server server.c\nserver.c:3:9: error: 'y' undeclared\nmore"
    verdicts = {**server.verdicts, "contract/starts": failed(said, expected="")}
    student = replace(student, results=(replace(server, verdicts=verdicts), client))
    assert needs_look(student)
    assert why_look(student) == "it does not compile: server.c:3:9: error: 'y' undeclared"


def test_what_counts_is_told_before_what_does_not_and_one_offs_are_folded() -> None:
    first, second, third = list(CAUSES)[:3]
    students = []
    for number, each in enumerate(classroom(4)):
        server, _ = each.results
        robust = next(r.id for r in server.requirements if not server.rubric.counts(r))
        causes = {robust: first, "service/reply": second if number else third}
        failures = {i: failed("no", expected="", cause=cause) for i, cause in causes.items()}
        verdicts = {**dict.fromkeys(server.verdicts, passed("")), **failures}
        diagnosis = replace(server.diagnosis, causes=tuple(causes.values()))
        server = replace(server, verdicts=verdicts, diagnosis=diagnosis)
        students.append(replace(each, results=(server,)))
    page = drawn(students)
    told = [page.index(str(escape(CAUSES[each].told_of("").because))) for each in (second, first, third)]
    assert told == sorted(told)
    assert told[1] < page.index("1 cause in the work of one student each") < told[2]
    assert f"{address(students[1].name)}#service/reply" in page


def test_what_students_chose_is_text() -> None:
    page = drawn(classroom(3))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_causes_come_by_number_with_their_students() -> None:
    students = classroom(40)
    page = drawn(students)
    common = common_causes(students)
    counts = [len(whose) for whose in common.values()]
    assert counts == sorted(counts, reverse=True)
    places = [page.index(str(escape(CAUSES[cause].told_of("").because))) for cause in common]
    assert places == sorted(places)


def test_bars_count_everybody_once() -> None:
    students = classroom(60)
    shown = class_page.points(students)
    assert sum(count for _, count, _ in shown) == 60
    assert shown[-1][0] == "not published"


@pytest.mark.parametrize("count", [0, 1])
def test_a_class_of_nobody_and_of_one_have_a_page(count: int) -> None:
    page = drawn(classroom(count))
    assert f"<h1>{count} student" in page
    assert len(matrix(page)) == count


def test_nothing_comes_from_elsewhere() -> None:
    page = drawn(classroom(5))
    assert not re.search(r"""(?:src|href)=["'](?:https?:|//|/)""", page)


@pytest.mark.parametrize("alike", [(), ("ada, bob: identical but for names, comments and layout",)])
def test_whose_work_is_alike_stands_there_where_somebodys_is(alike: tuple[str, ...]) -> None:
    text = class_page.page([], {}, alike=alike)
    assert ('id="alike"' in text) == bool(alike)
    assert all(each in text for each in alike)


@pytest.mark.parametrize(
    ("name", "head"), [("", "<h1>0 students</h1>"), ("Lab <3", "<h1>Lab &lt;3: 0 st")]
)
def test_the_page_is_headed_by_the_assignments_name(name: str, head: str) -> None:
    assert head in class_page.page([], {}, assignment=name)
