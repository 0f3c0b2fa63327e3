"""A browser for tests: the system's Chromium, alone, and tabs that keep what its console says."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
ALONE: Final = (
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PHONE: Final = {"width": 360, "height": 740}
GUARD_MS: Final = 120_000  # of a hang: a machine may be slow
DESK: Final = {"width": 1200, "height": 900}
IN_A_BROWSER: Final = [
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium"),
    pytest.mark.skipif(
        importlib.util.find_spec("playwright") is None, reason="no playwright: pip install '.[dev]'"
    ),
]


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A browser. While it is there, this thread can run no other event loop."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (not there where tests are skipped)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ALONE))
        yield browser
        browser.close()


class Tab:
    """A page that is looked at; `complaints` is what its console said, and what could not be loaded."""

    def __init__(self, browser: Any, **how: Any) -> None:
        self.page = browser.new_page(**{"viewport": DESK, **how})
        self.page.set_default_timeout(GUARD_MS)
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", self._note)
        self.network: list[str] = []

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # left before it was there
            self.complaints.append(f"{request.url}: {request.failure}")

    def _note(self, request: Any) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.network.append(request.url)


def violations(page: Any) -> list[str]:
    """What axe-core finds wrong with a page for people who cannot see or point: the rule, and where."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        pytest.skip("no axe-core: pip install '.[dev]'")
    page.evaluate((Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    told = page.evaluate("async () => (await axe.run()).violations")
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in told]


CONTRASTS: Final = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colors) => {
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (each) =>
    each ? [...behind(each.parentElement), getComputedStyle(each).backgroundColor] : ["white"];
  const weak = new Set();
  for (const each of document.querySelectorAll("main *, header *, footer")) {
    const hasText = [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!hasText || each.closest("script, style") || !each.checkVisibility()) continue;
    const under = behind(each), style = getComputedStyle(each);
    const both = [light(under), light([...under, each.closest("svg") ? style.fill : style.color])];
    const [one, other] = both.sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    const named = `${each.tagName}.${each.getAttribute("class")}`;
    if (ratio < 4.5) weak.add(`${named} "${each.textContent.slice(0, 20)}": ${ratio.toFixed(2)}`);
  }
  return [...weak];
}
"""
"""Texts that stand out less than 4.5 to 1 from what is behind them (WCAG 2.2, 1.4.3)."""
CUT: Final = """
() => [...document.querySelectorAll(".wide")].filter((each) => each.scrollWidth > each.clientWidth)
  .map((each) => each.textContent.slice(0, 60))
"""
"""Tables that are wider than their place."""

COVERED: Final = """
() => {
  const found = [];
  for (const chart of document.querySelectorAll(".failure .chart .seen")) {
    const lanes = new Map();
    for (const mark of chart.querySelectorAll("use.mark:not(.ours)")) {
      if (mark.getClientRects().length === 0) continue;
      const box = mark.getBoundingClientRect(), y = mark.getAttribute("y");
      lanes.set(y, [...(lanes.get(y) ?? []), (box.left + box.right) / 2]);
    }
    for (const [y, all] of lanes) {
      all.sort((a, b) => a - b);
      all.forEach((at, n) => n && at - all[n - 1] < 8 && found.push([y, all[n - 1], at]));
    }
  }
  return found;
}
"""
"""Signs of one lane whose middles lie nearer than a sign is wide, in pixels."""
