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

from harness.engine import catalogue, references, targets
from harness.report.html import write_pages
from tests.browser.browsing import CONTRASTS, GUARD_MS, IN_A_BROWSER, PHONE, Tab, chromium
from tests.lecture_seen import LectureSeen

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, lecture_seen: LectureSeen) -> Path:
    """The overview of the lecture's four servers, their pages beside it."""
    path = tmp_path_factory.mktemp("pages") / "lecture.html"
    write_pages.write_results(
        path, lecture_seen.results, catalogue.every_requirement(), references.killers_of
    )
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
    for number in range(min(3, tab.page.locator("details.failure .scene").count())):
        scene = tab.page.locator("details.failure .scene").nth(number)
        scene.locator(".canvas").first.scroll_into_view_if_needed()
        scene.locator(".js-plotly-plot .bars path").first.wait_for(timeout=GUARD_MS)
        assert not scene.locator("p.words").first.is_visible()
    folded = tab.page.locator("details.more").first
    folded.locator("summary").first.click()
    folded.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=GUARD_MS)
    tab.page.screenshot(path=tmp_path / f"{server}.png")


def test_hovering_tells_the_event(tab: Tab, pages: Path) -> None:
    tab.page.goto(page_of(pages, "tcpserver2"))
    scene = tab.drawn("#scene-one-after-another")
    names = scene.locator(".ytick text").all_text_contents()
    assert {"forkspec", "client 1", "server", "child 8"} <= set(names)
    zombie = scene.locator(".legend .zombie").first.evaluate(
        "each => getComputedStyle(each).backgroundColor"
    )
    tails = [
        each
        for each in scene.locator(".bars .point path").all()
        if each.evaluate("each => each.style.fill") == zombie
    ]
    assert len(tails) == 8
    box = tails[0].bounding_box()
    tab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    told = scene.locator(".hoverlayer .hovertext").first
    told.wait_for()
    assert "zombie" in told.text_content()
    assert "child" in told.text_content()


def test_the_crowds_latency_is_drawn(tab: Tab, pages: Path) -> None:
    tab.page.goto(page_of(pages, "tcpserver4"))
    tab.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    scene = tab.page.locator("#scene-latency figure").nth(1)
    scene.locator(".canvas").scroll_into_view_if_needed()
    scene.locator(".js-plotly-plot .bars path").first.wait_for(timeout=GUARD_MS)
    assert scene.locator(".xtick text").count() >= 2


def test_links_lead_to_the_requirement_and_back(tab: Tab, pages: Path) -> None:
    tab.page.goto(pages.as_uri())
    tab.page.get_by_role("link", name="tcpserver2").click()
    tab.page.get_by_role("navigation", name="To each failure").get_by_role("link").first.click()
    assert tab.page.url.endswith("#reaping/sequential")
    tab.page.locator("details.failure a.id").first.click()
    assert (
        tab.page.get_by_role("heading", level=1).inner_text()
        == catalogue.find("reaping/sequential").says
    )
    tab.page.get_by_role("link", name="Requirements").click()
    assert tab.page.get_by_role("table").count() > 5
    tab.page.go_back()
    tab.page.go_back()
    assert "tcpserver2" in tab.page.title()


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
        tab.drawn(".scene")
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for path in (pages, pages.parent / write_pages.BESIDE / "requirements" / "index.html"):
        tab.page.goto(path.as_uri())
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert tab.complaints == []
    tab.page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(browser: Any, pages: Path, scheme: str) -> None:
    """WCAG 2.2, 1.4.3 (AA): 4.5 to 1; and the diagrams change colour with the page."""
    tab = Tab(browser, color_scheme=scheme)
    tab.page.goto(page_of(pages, "tcpserver3"))
    tab.drawn(".scene").locator(".annotation-text").first.wait_for(state="attached")
    assert tab.page.evaluate(CONTRASTS) == []
    fill = "each => getComputedStyle(each).fill"
    tick = tab.drawn(".scene").locator(".ytick text").first
    before = tick.evaluate(fill)
    tab.page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
    for _ in range(50):
        if tab.page.locator(".scene .ytick text").first.evaluate(fill) != before:
            break
        tab.page.wait_for_timeout(50)
    assert tab.page.locator(".scene .ytick text").first.evaluate(fill) != before
    tab.page.close()


def test_without_scripts_the_page_says_the_same(browser: Any, pages: Path) -> None:
    tab = Tab(browser, java_script_enabled=False)
    tab.page.goto(page_of(pages, "tcpserver2"))
    words = tab.page.locator("#scene-one-after-another p.words").first
    assert words.is_visible()
    assert "8 zombies at the end" in words.inner_text()
    tab.page.locator("#scene-one-after-another summary").first.click()
    assert tab.page.locator("#scene-one-after-another td").first.is_visible()
    tab.page.close()


def test_a_page_alone_still_tells_all_in_words(browser: Any, pages: Path, tmp_path: Path) -> None:
    """Sent without what lies beside it: no diagram, and its sentence stays."""
    found = next(pages.parent.glob("lecture-tcpserver2*.html"))
    shutil.copy(found, tmp_path / "alone.html")
    tab = Tab(browser)
    tab.page.goto((tmp_path / "alone.html").as_uri())
    assert tab.page.locator("p.words").first.is_visible()
    assert tab.page.locator("h1").evaluate("each => getComputedStyle(each).fontSize") != "32px"
    tab.page.close()


def test_on_paper_it_is_light_and_nothing_is_folded(browser: Any, pages: Path) -> None:
    tab = Tab(browser, color_scheme="dark")
    tab.page.goto(page_of(pages, "tcpserver2"))
    unseen = tab.page.locator("details.failure .scene").last
    unseen.locator(".js-plotly-plot .main-svg").first.wait_for(state="attached", timeout=GUARD_MS)
    tab.page.emulate_media(media="print", color_scheme="dark")
    paper = tab.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    assert len(tab.page.pdf()) > 20_000
    tab.page.close()
