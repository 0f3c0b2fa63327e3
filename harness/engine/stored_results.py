"""Reads back results that `forkspec check --json` wrote earlier."""

import json
from collections import Counter
from pathlib import Path

import harness
from harness.results import comparison
from harness.results.comparison import Comparison
from harness.results.stored import Incomparable, StoredResult, stored_results


class UnusableResult(harness.HarnessError):
    """A file that the user named holds no results, or results of other subjects than the other file."""


def read(path: Path) -> tuple[StoredResult, ...]:
    """All results of a file, in its order; raises UnusableResult for any other file."""
    try:
        return stored_results(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UnusableResult(f"{path}: {error.strerror}") from error
    except Incomparable as error:
        raise UnusableResult(f"{path}: {error}; 'forkspec check --json' writes one") from error
    except (ValueError, RecursionError) as error:
        raise UnusableResult(f"{path}: not JSON; 'forkspec check --json' writes a result") from error


def by_subject(path: Path) -> dict[str, StoredResult]:
    """The results in a file by the subject's name; raises UnusableResult where one stands twice."""
    results = read(path)
    for name, times in Counter(result.subject for result in results).items():
        if times > 1:
            raise UnusableResult(f"{path}: {name!r} stands {times} times in it; a baseline has it once")
    return {result.subject: result for result in results}


def compare(old: Path, new: Path, *, strict: bool = False) -> tuple[Comparison, ...]:
    """Compare two files of results; raises UnusableResult, as for two of other subjects."""
    try:
        return comparison.compare(read(old), read(new), strict=strict)
    except Incomparable as error:
        raise UnusableResult(f"{old}, {new}: {error}") from error
