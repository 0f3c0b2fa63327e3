"""The class page: what stands on it, and that it sorts, filters and leads where it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from harness.engine import catalogue
from harness.judge.verdict import Outcome
from harness.record.role import Role
from harness.report.class_summary import needs_look
from harness.report.html import requirement_pages, site, student_page
from harness.results.marking import Feedback
from tests.browser.browsing import CONTRASTS, CUT, DESK, IN_A_BROWSER, PHONE, Tab, chromium, violations
from tests.browser.classrooms import address, classroom, drawn


def in_a_browser(test: Callable[..., None]) -> Callable[..., None]:
    """Marks a test that needs one."""
    for mark in IN_A_BROWSER:
        test = mark(test)
    return test


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of 60 with all its pages."""
    out, students = tmp_path_factory.mktemp("class"), classroom(60)
    site.write(out / "class.html", drawn(students))
    site.write_assets(out)
    everything = [*catalogue.load(Role.SERVER).requirements, *catalogue.load(Role.CLIENT).requirements]
    for path, text in requirement_pages.pages(everything, lambda _: ()).items():
        site.write(out / "requirements" / path, text)
    for each in students[:12]:
        text = student_page.of_student(each, Feedback(), "")
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
    page.get_by_label("Who needs a person only").check()
    assert len(column(page, 0)) == sum(map(needs_look, classroom(60)))
    page.get_by_label("Who needs a person only").uncheck()
    levels = column(page, 2)
    highest = max(level for level in levels if level.isdigit())
    page.get_by_label("Level", exact=True).select_option(highest)
    assert column(page, 2) == [highest] * levels.count(highest)
    page.get_by_label("Level", exact=True).select_option("")
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
@pytest.mark.one_in_turn("axe-core, the class page")
@pytest.mark.parametrize("view", [DESK, PHONE])
def test_axe_core_finds_nothing(browser: Any, folder: Path, view: dict[str, int]) -> None:
    tab = Tab(browser, viewport=view)
    tab.page.goto((folder / "class.html").as_uri())
    tab.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert violations(tab.page) == []
    tab.page.close()


@in_a_browser
@pytest.mark.one_in_turn("what is read stands out")
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
    assert tab.page.evaluate(CUT) == []
    tab.page.close()
