"""The subjects on trial, and how their verdicts become outcomes of tests."""

from collections.abc import Sequence
from typing import Final, NoReturn

import pytest

from harness.judge.requirement import Requirement
from harness.judge.verdict import Outcome
from harness.report import changes, text
from harness.results.comparison import Change, Trend
from harness.results.result import Result

COULD_NOT_TELL: Final = Outcome.INCONCLUSIVE.value


class OnTrial:
    """What is on trial: the servers of `--server`, and what becomes of their verdicts."""

    counts_everything = False  # whether a baseline is compared without a rubric
    plays_all_at_once = False  # all scenarios for the first requirement; else those of each file

    def __init__(self, servers: Sequence[str]) -> None:
        self.servers = list(servers)

    def group(self, path: str, server: str) -> str:
        """Tests of one group are run by one worker of xdist: they are judged from one recording."""
        return f"{path} {server}"

    def could_not_tell(self, sentence: str) -> NoReturn:
        """An INCONCLUSIVE verdict is an error of the test, and not a failure."""
        pytest.fail(sentence)

    def outcome(
        self,
        server: str,  # noqa: ARG002  (the reference servers need it)
        result: Result,
        requirement: Requirement,
        change: Change | None,
    ) -> None:
        """Turn a verdict into the outcome of the test: return, or raise what pytest.fail raises."""
        verdict = result.verdicts[requirement.id]
        skip_an_old_failure(change)
        match verdict.outcome:
            case Outcome.FAIL if result.rubric.counts(requirement):
                pytest.fail(text.explanation(result, requirement), pytrace=False)
            case Outcome.FAIL:
                pytest.skip(f"BEYOND: {verdict.evidence.observed}")
            case Outcome.NOT_APPLICABLE | Outcome.BLOCKED:
                pytest.skip(f"{verdict.outcome.value}: {verdict.evidence.observed}")
            case Outcome.PASS | Outcome.INCONCLUSIVE:
                pass


def fail_as_worse(change: Change, result: Result, requirement: Requirement) -> None:
    """A verdict that got worse fails; it is a skip where it does not count."""
    if change.counts:
        told = f"{changes.was_is(change)}\n{text.explanation(result, requirement)}"
        pytest.fail(told, pytrace=False)
    observed = result.verdicts[requirement.id].evidence.observed
    pytest.skip(f"BEYOND: {changes.was_is(change)}: {observed}")


def skip_an_old_failure(change: Change | None) -> None:
    """Skip a test that failed in the baseline already."""
    if change is None or change.old is None or change.new is None or not change.is_old_failure:
        return
    observed = change.new.observed
    if change.trend is Trend.MOVED:
        observed += f" ({changes.was_is(change)}; then: {change.old.observed})"
    pytest.skip(f"as in the baseline: {observed}")
