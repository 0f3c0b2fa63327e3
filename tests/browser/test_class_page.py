"""The class page: what stands on it, and that it sorts, filters and leads where it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from markupsafe import escape

from harness.engine import catalogue
from harness.judge.causes import CAUSES
from harness.judge.verdict import Outcome
from harness.report.gradebook import common_causes, needs_look
from harness.report.html import classbook, site
from harness.report.html import requirement_pages as requirements
from harness.report.html import student_page as student
from harness.results.marking import Feedback
from harness.results.student import Student
from tests.browser.browsing import CONTRASTS, IN_A_BROWSER, PHONE, Tab, chromium
from tests.browser.classrooms import classroom


def in_a_browser(test: Callable[..., None]) -> Callable[..., None]:
    """Marks a test that needs one."""
    for mark in IN_A_BROWSER:
        test = mark(test)
    return test


def address(name: str) -> str:
    plain = re.sub(r"[^\w ]", "_", name)
    return f"students/{quote(plain)}.html"


def drawn(students: Sequence[Student]) -> str:
    return classbook.page(students, {each.name: address(each.name) for each in students})


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
        for each in (*catalogue.load("server").requirements, *catalogue.load("client").requirements)
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
    places = [page.index(str(escape(CAUSES[cause].because))) for cause in common]
    assert places == sorted(places)


def test_bars_count_everybody_once() -> None:
    students = classroom(60)
    shown = classbook.points(students)
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of 60 with all its pages."""
    out, students = tmp_path_factory.mktemp("class"), classroom(60)
    site.write(out / "class.html", drawn(students))
    site.write_assets(out)
    everything = [*catalogue.load("server").requirements, *catalogue.load("client").requirements]
    for path, text in requirements.pages(everything, lambda _: ()).items():
        site.write(out / "requirements" / path, text)
    for each in students[:12]:
        text = student.of_student(each, Feedback(), "", "../")
        site.write(out / unquote(address(each.name)), text)
    return out


@pytest.fixture(scope="module")
def browser(folder: Path) -> Iterator[Any]:  # noqa: ARG001  (only that it comes after it)
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Any, folder: Path) -> Iterator[Any]:
    """The class page, opened; by the end nothing was complained of, and nobody asked the network."""
    tab = Tab(browser)
    tab.page.goto((folder / "class.html").as_uri())
    yield tab.page
    tab.page.close()
    assert tab.complaints == []
    assert tab.network == []


def column(page: Any, place: int) -> list[str]:
    rows = "[...document.querySelectorAll('#matrix tbody tr:not([hidden])')]"
    found: list[str] = page.evaluate(f"{rows}.map((row) => row.cells[{place}].textContent)")
    return found


@in_a_browser
def test_it_sorts_by_a_click_and_by_the_keyboard(page: Any) -> None:
    head = page.locator("#matrix .names th").nth(1)
    button = page.get_by_role("button", name="Sort by Points", exact=True)
    button.click()
    assert head.get_attribute("aria-sort") == "descending"
    points = column(page, 1)
    assert points[0] == "3"
    assert points[-1] == "pending"
    button.focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert column(page, 1)[0] == "pending"


@in_a_browser
def test_it_sorts_by_a_requirement_worst_first(page: Any) -> None:
    page.get_by_role("button", name="Sort by contract/starts", exact=True).click()
    signs = column(page, 3)
    assert signs[0] == site.SIGNS["FAIL"]
    assert signs.index(site.SIGNS["PASS"]) > signs.index(site.SIGNS["n/a"])
    assert page.locator("#matrix [aria-sort]").count() == 1


@in_a_browser
def test_it_filters_and_says_how_many_are_left(page: Any) -> None:
    page.get_by_label("Student or diagnosis").fill("hopper")
    assert all("Hopper" in name for name in column(page, 0))
    shown = len(column(page, 0))
    assert page.locator("#shown").inner_text() == f"{shown} of 60 students"
    page.get_by_label("Student or diagnosis").fill("")
    page.get_by_label("To be looked at only").check()
    assert len(column(page, 0)) == 4
    page.get_by_label("To be looked at only").uncheck()
    page.get_by_label("Who does not meet").select_option("contract/starts")
    assert set(column(page, 3)) == {site.SIGNS["FAIL"]}
    page.get_by_label("Requirements", exact=True).select_option("reaping")
    assert page.locator("#matrix .names th:visible").count() == 3 + 9


@in_a_browser
def test_links_lead_to_students_and_requirements(page: Any) -> None:
    page.locator("#matrix").get_by_role("link", name="Ada Allen 000").click()
    assert page.locator("h1").inner_text() == "Ada Allen 000"
    page.go_back()
    page.locator("#matrix").get_by_role("link", name="reaping/burst", exact=True).click()
    assert page.locator("h1").inner_text() == catalogue.find("reaping/burst").says


@in_a_browser
def test_a_failure_leads_to_where_it_is_explained(page: Any) -> None:
    row = page.locator("#matrix tbody tr", has_text="Ada Allen 000")
    cell = row.locator("td.f").first
    cell.click()
    assert page.locator(f"[id='{page.url.rpartition('#')[2]}']").count() == 1
    assert page.locator("h1").inner_text() == "Ada Allen 000"


@in_a_browser
def test_a_clients_failure_leads_there_too(page: Any) -> None:
    name, failed = next(
        (each.name, identifier)
        for each in classroom(60)[:12]
        for result in each.results
        for identifier, verdict in result.verdicts.items()
        if identifier.startswith("client/") and verdict.outcome is Outcome.FAIL
    )
    heads = (
        "id => [...document.querySelectorAll('#matrix .names > *')].findIndex(e => e.dataset.id === id)"
    )
    place = page.evaluate(heads, failed)
    page.locator("#matrix tbody tr", has_text=name).locator("> *").nth(place).click()
    assert page.url.endswith(f"#{failed}")
    assert page.locator(f"details[id='{failed}']").count() == 1


@in_a_browser
def test_without_scripts_all_of_it_stands_there(browser: Any, folder: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto((folder / "class.html").as_uri())
    assert opened.locator("#matrix tbody tr").count() == 60
    assert opened.locator("#filters").is_hidden()
    assert opened.locator(".sort").count() == 0
    context.close()


@in_a_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_read_stands_out(browser: Any, folder: Path, scheme: str) -> None:
    tab = Tab(browser, color_scheme=scheme)
    tab.page.goto((folder / "class.html").as_uri())
    tab.page.locator(".matrix").scroll_into_view_if_needed()
    assert tab.page.evaluate(CONTRASTS) == []
    tab.page.close()


@in_a_browser
def test_a_phone_scrolls_the_matrix_and_not_the_page(browser: Any, folder: Path) -> None:
    tab = Tab(browser, viewport=PHONE)
    tab.page.goto((folder / "class.html").as_uri())
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    tab.page.close()
