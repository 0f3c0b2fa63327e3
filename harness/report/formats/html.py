"""A page with pictures; of several subjects an overview, and a page for each beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.results.compare_result import CompareResult
from harness.results.result import Result

from .format import Format, Option


def write_results(path: Path, results: Sequence[Result]) -> None:
    """Write the page, or an overview with pages beside it; raises UnwritableFile."""
    from harness.report.html import write_pages  # noqa: PLC0415  (without a page nobody waits for it)

    write_pages.write_results(path, results)


def comparison_page(found: CompareResult) -> str:
    """The page of a comparison."""
    from harness.report.html import compare_page  # noqa: PLC0415  (as above)

    return compare_page.of_result(found)


FORMAT: Final = Format(
    name="html",
    extension="html",
    says="a page with pictures; of several servers an overview, and a page for each beside it",
    option=Option("--html", "Write a page with pictures.", metavar="FILE.html"),
    pages_of_results=write_results,
    of_comparison=comparison_page,
    place=5,
)
