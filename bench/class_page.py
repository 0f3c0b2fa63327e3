"""How long Chromium takes to load a class page, and to sort and to filter it: median and worst of runs.

    python bench/class_page.py [STUDENTS [REQUIREMENTS]]

The class is made up (tests/browser/classrooms.py). Loading is from navigation to the load event, and
to the first frame after it. Sorting, with the matrix in sight, is from the click to the end of the
second frame, in which rows that come into sight are laid out.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from harness.report.html import class_page, site
from tests.browser.classrooms import classroom

RUNS: Final = 7
CHROMIUM: Final = "/usr/bin/chromium"
LOADED: Final = """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
  const [page] = performance.getEntriesByType("navigation");
  done([page.loadEventEnd, performance.now()]);
})))"""
ACT: Final = """(act) => new Promise((done) => {
  const start = performance.now();
  act();
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now() - start);
    channel.port2.postMessage(null);
  }));
})"""
IN_SIGHT: Final = """() => new Promise((done) => {
  document.getElementById("everybody").scrollIntoView();
  setTimeout(done, 300);
})"""
SORTS: Final = {
    "sort by student": 'document.querySelector("#matrix .names .sort").click()',
    "sort by points": 'document.querySelectorAll("#matrix .names .sort")[1].click()',
    "sort by a requirement": 'document.querySelectorAll("#matrix .names .sort")[20].click()',
    "filter by a name": """{ const box = document.getElementById("search");
      box.value = box.value ? "" : "ada"; box.dispatchEvent(new Event("input", {bubbles: true})); }""",
}


def measure(page: Page, url: str) -> dict[str, float]:
    """Milliseconds by name; of each act also what the page's main thread has worked meanwhile."""
    inspector = page.context.new_cdp_session(page)
    inspector.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked_ms() -> float:
        metrics: list[dict[str, Any]] = inspector.send("Performance.getMetrics")["metrics"]
        return next(1000.0 * float(each["value"]) for each in metrics if each["name"] == "TaskDuration")

    page.goto(url)
    loaded, painted = page.evaluate(LOADED)
    found = {"load event": loaded, "first frame after it": painted}
    page.evaluate(IN_SIGHT)
    for name, act in SORTS.items():
        before_ms = worked_ms()
        found[name] = page.evaluate(f"({ACT})(() => {{ {act} }})")
        found[f"{name}, CPU time"] = worked_ms() - before_ms
    return found


def main(words: Sequence[str]) -> None:
    students, requirements = [*map(int, words), *(300, 70)[len(words) :]]
    people = classroom(students, columns=requirements)
    pages = {each.name: f"students/{quote(each.name, safe='')}.html" for each in people}
    begun = time.perf_counter()
    text = class_page.page(people, pages)
    drawn_ms = 1000 * (time.perf_counter() - begun)
    print(f"{students} students x {requirements} requirements: {len(text.encode()) / 1000:.0f} kB")
    print(f"drawn in {drawn_ms:.0f} ms; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        site.write(Path(folder, "class.html"), text)
        site.write_assets(Path(folder))
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        runs = []
        for _ in range(RUNS):
            page = browser.new_context(viewport={"width": 1300, "height": 900}).new_page()
            runs.append(measure(page, Path(folder, "class.html").as_uri()))
            page.close()
        browser.close()
    for name in runs[0]:
        spans = [run[name] for run in runs]
        print(f"{name}: median {statistics.median(spans):.0f} ms, worst {max(spans):.0f} ms")


if __name__ == "__main__":
    main(sys.argv[1:])
