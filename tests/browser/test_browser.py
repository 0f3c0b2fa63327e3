"""The pages in a real browser: drawn, hovered, followed, narrow and dark, without a word in its console.

Skipped where there is no Chromium; `make test` installs it as root.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.engine import catalogue, targets
from harness.report.html import student_page, write_pages
from tests.browser.browsing import (
    CONTRASTS,
    COVERED,
    CUT,
    DESK,
    IN_A_BROWSER,
    PHONE,
    Tab,
    chromium,
    violations,
)
from tests.lecture_seen import LectureSeen

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, lecture_seen: LectureSeen) -> Path:
    """The overview of the lecture's four servers, their pages beside it."""
    path = tmp_path_factory.mktemp("pages") / "lecture.html"
    write_pages.write_results(path, lecture_seen.results)
    return path


@pytest.fixture(scope="module")
def browser(pages: Path) -> Iterator[Any]:  # noqa: ARG001  (only that it comes after them)
    """Chromium, one for all; started last, for no other event loop may run beside its own."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def tab(browser: Any) -> Iterator[Tab]:
    """A tab at a desk; at its end nothing was complained of, and nobody asked the network."""
    tab = Tab(browser)
    yield tab
    tab.page.close()
    assert tab.complaints == []
    assert tab.network == []


def page_of(pages: Path, server: str) -> str:
    (found,) = (path for path in pages.parent.glob("lecture-*.html") if f"-{server}." in path.name)
    return found.as_uri()


@pytest.mark.parametrize("server", targets.LECTURE)
def test_every_diagram_is_drawn(tab: Tab, pages: Path, server: str, tmp_path: Path) -> None:
    tab.page.goto(page_of(pages, server))
    assert re.search("Level [1-4] of [34] reached", tab.page.locator("h2").first.inner_text())
    for scene in tab.page.locator("details.failure .scene").all():
        assert scene.locator(".chart .seen").first.bounding_box()["width"] > 0
    folded = tab.page.locator("details.more").first
    folded.locator("summary").first.click()
    assert folded.locator(".chart .seen").first.is_visible()
    tab.page.screenshot(path=tmp_path / f"{server}.png")


def test_a_page_is_small(pages: Path) -> None:
    for path in pages.parent.glob("lecture-*.html"):
        assert path.stat().st_size <= student_page.MOST_BYTES


def test_a_diagram_tells_each_event(tab: Tab, pages: Path) -> None:
    tab.page.goto(page_of(pages, "tcpserver2"))
    scene = tab.page.locator("#scene-one-after-another")
    assert {"forkspec", "client 1", "server", "child 8"} <= set(
        scene.locator(".name").all_text_contents()
    )
    assert scene.locator(".bar.zombie title").count() == 8
    assert "zombie" in scene.locator(".bar.zombie title").first.text_content()
    assert scene.locator(".bar.zombie").first.bounding_box()["height"] > 10


def test_the_crowds_latency_is_drawn(tab: Tab, pages: Path) -> None:
    tab.page.goto(page_of(pages, "tcpserver4"))
    tab.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    scene = tab.page.locator("#scene-latency figure").nth(1)
    assert scene.locator(".bar.answered").first.is_visible()
    assert scene.locator(".tick").count() >= 2


def test_links_lead_to_a_failure_and_back(tab: Tab, pages: Path) -> None:
    tab.page.goto(pages.as_uri())
    tab.page.get_by_role("link", name="tcpserver2").click()
    tab.page.get_by_role("navigation", name="To each failure").get_by_role("link").first.click()
    assert tab.page.url.endswith("#reaping/sequential")
    assert tab.page.get_by_text(catalogue.find("reaping/sequential").says).first.is_visible()
    tab.page.go_back()
    tab.page.go_back()
    assert tab.page.get_by_role("heading", level=1).inner_text() == "4 results"


def test_by_keyboard_alone(tab: Tab, pages: Path) -> None:
    tab.page.goto(page_of(pages, "tcpserver2"))
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.className") == "skip"
    tab.page.keyboard.press("Enter")
    assert tab.page.evaluate("document.activeElement.id") == "main"
    first = tab.page.locator("details.failure summary").first
    first.focus()
    tab.page.keyboard.press("Enter")
    assert not tab.page.locator("details.failure").first.evaluate("each => each.open")


def test_a_phone_needs_no_sideways_scrolling(browser: Any, pages: Path) -> None:
    tab = Tab(browser, viewport=PHONE, color_scheme="dark")
    for server in targets.LECTURE:
        tab.page.goto(page_of(pages, server))
        tab.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert tab.page.evaluate(CUT) == []
    tab.page.goto(pages.as_uri())
    assert tab.page.evaluate(CUT) == []
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert tab.complaints == []
    tab.page.close()


@pytest.mark.one_in_turn("axe-core, a student's page")
@pytest.mark.parametrize("view", [DESK, PHONE])
def test_axe_core_finds_nothing(browser: Any, pages: Path, view: dict[str, int]) -> None:
    tab = Tab(browser, viewport=view)
    for address in (page_of(pages, "tcpserver2"), pages.as_uri()):
        tab.page.goto(address)
        assert violations(tab.page) == []
        tab.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert violations(tab.page) == []
    tab.page.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(browser: Any, pages: Path, scheme: str) -> None:
    """WCAG 2.2, 1.4.3 (AA): 4.5 to 1; and the diagrams change colour with the page."""
    tab = Tab(browser, color_scheme=scheme)
    tab.page.goto(page_of(pages, "tcpserver3"))
    assert tab.page.evaluate(CONTRASTS) == []
    fill = "each => getComputedStyle(each).fill"
    name = tab.page.locator(".scene .name").first
    before = name.evaluate(fill)
    tab.page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
    assert name.evaluate(fill) != before
    tab.page.close()


def test_a_page_alone_tells_and_shows_all(browser: Any, pages: Path, tmp_path: Path) -> None:
    """Sent by itself, and read without scripts."""
    found = next(pages.parent.glob("lecture-tcpserver2*.html"))
    shutil.copy(found, tmp_path / "alone.html")
    tab = Tab(browser, java_script_enabled=False)
    tab.page.goto((tmp_path / "alone.html").as_uri())
    scene = tab.page.locator("#scene-one-after-another")
    assert "8 zombies at the end" in scene.locator(".note").first.inner_text()
    assert scene.locator(".bar.zombie").first.is_visible()
    scene.locator("summary").first.click()
    assert scene.locator("td").first.is_visible()
    assert tab.complaints == []
    tab.page.close()


@pytest.mark.parametrize("server", targets.LECTURE)
def test_no_sign_covers_another(browser: Any, pages: Path, server: str) -> None:
    """Neither at a desk nor on a phone, in any lane of a failure."""
    tab = Tab(browser)
    tab.page.goto(page_of(pages, server))
    for view in (DESK, PHONE):
        tab.page.set_viewport_size(view)
        assert tab.page.evaluate(COVERED) == []
    tab.page.close()


@pytest.mark.slow
def test_on_paper_it_is_light_and_nothing_is_folded(browser: Any, pages: Path) -> None:
    tab = Tab(browser, color_scheme="dark")
    tab.page.goto(page_of(pages, "tcpserver2"))
    tab.page.emulate_media(media="print", color_scheme="dark")
    paper = tab.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    folded = tab.page.locator("details.group:not([open])").first
    assert folded.locator("td").first.bounding_box()["height"] > 0
    assert not tab.page.locator("details.more summary").first.is_visible()
    assert tab.page.evaluate("getComputedStyle(document.querySelector('h2')).breakAfter") == "avoid"
    assert len(tab.page.pdf()) > 20_000
    tab.page.close()
