"""Draw docs/report.png, the picture of a report in README. Run by `make picture`; needs Chromium."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from harness.engine import targets
from harness.engine.session import Options, Session
from harness.report.html import write_pages

HERE = Path(__file__).parent
SERVER, SEED, WIDTH_PX = "tcpserver2", 7, 1000
ALONE = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def main() -> None:
    """Judge a server that leaves zombies, and take the picture of its failure."""
    with tempfile.TemporaryDirectory() as here, Session(Options(seed=SEED)) as session:
        result = session.examine(targets.prepare(SERVER))
        page = Path(here) / "report.html"
        write_pages.write_results(page, [result])
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ALONE)
            tab = browser.new_page(viewport={"width": WIDTH_PX, "height": 900})
            tab.goto(page.as_uri())
            failure = tab.locator("details.failure").first
            failure.scroll_into_view_if_needed()
            failure.screenshot(path=HERE / "report.png")
            browser.close()


if __name__ == "__main__":
    main()
