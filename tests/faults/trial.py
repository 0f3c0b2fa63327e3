"""The trial of the reference servers, a pytest plugin of the clone: scenarios/ against the manifest.

Without `--server` each requirement is a test of each server of servers/manifest.toml, and red is what
the manifest does not promise. Of the faults and designs a ninetieth is tried, drawn from the commit, and
of the lecture's servers and of the slow tests a third.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Any, Final, NoReturn, TypeVar

import pytest

from harness.engine import references
from harness.judge.causes import CAUSES
from harness.judge.requirement import Requirement
from harness.plugin import put_on_trial
from harness.plugin.on_trial import COULD_NOT_TELL, OnTrial, skip_an_old_failure
from harness.report import text
from harness.report.html import student_page
from harness.results.comparison import Change
from harness.results.result import Result
from harness.subject import manifest
from tests import promises

PARTS: Final = 90
THIRDS: Final = 3
_Each = TypeVar("_Each")
_PART: Final = pytest.StashKey[str]()
_WORD: Final = "forkspec_part"
_ALL: Final = "all"
_FIRST: Final = "contract/starts"  # with it the diagnosis is held to the manifest, too
_MOST_UNTOLD: Final = 0.03  # of the manifest's verdicts, on a busy machine


class ReferenceServers(OnTrial):
    """The servers of the manifest: each must show what it promises."""

    counts_everything = True
    plays_all_at_once = True

    def __init__(self) -> None:
        super().__init__(list(manifest.references()))

    def group(self, path: str, server: str) -> str:  # noqa: ARG002  (of all files the same)
        """All of a server is judged by one worker."""
        return server

    def could_not_tell(self, sentence: str) -> NoReturn:
        """A few verdicts may remain untold: `pytest_sessionfinish` counts them."""
        pytest.skip(sentence)

    def outcome(
        self, server: str, result: Result, requirement: Requirement, change: Change | None
    ) -> None:
        """The manifest says what this server must show; anything else is red, a PASS too.

        What breaks the promise, but is an old failure by the baseline, is a skip.
        """
        verdict = result.verdicts[requirement.id]
        entry = manifest.references()[server]
        expected = references.expected(entry, requirement.id, result.cell)
        if verdict.outcome is not expected and promises.is_settled(entry, requirement.id):
            skip_an_old_failure(change)
            told = text.explanation(result, requirement)
            pytest.fail(f"{server} must show {expected.value}, and shows:\n{told}", pytrace=False)
        if requirement.id == _FIRST and (wrong := promises.misdiagnosed(entry, result)):
            pytest.fail(f"{server}: {'; '.join(wrong)}", pytrace=False)
        if requirement.id == _FIRST:
            size = len(student_page.of_result(result).encode())
            assert size <= student_page.MOST_BYTES, f"the page of {server} has {size} bytes"
        promised = entry.shows.get(requirement.id, {})
        facts = {key: verdict.evidence.facts.get(key) for key in promised}
        if facts != promised:
            skip_an_old_failure(change)
            pytest.fail(f"{server} must show {promised}, and shows {facts}", pytrace=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which ninetieth."""
    parts = [*map(str, range(1, PARTS + 1)), _ALL]
    parser.getgroup("forkspec").addoption(
        "--forkspec-part", choices=parts, help="of the reference servers; by the commit"
    )


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Draw the part once, in the controller; step aside for `--server`."""
    worker: dict[str, Any] = getattr(config, "workerinput", {})
    config.stash[_PART] = (
        worker.get(_WORD) or config.getoption("--forkspec-part", None) or part_of(_commit(config))
    )
    if not config.getoption("--server"):
        put_on_trial(config, ReferenceServers())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist: every worker tries the same part."""
    node.workerinput[_WORD] = node.config.stash[_PART]


def pytest_report_header(config: pytest.Config) -> str:
    """The part, so that a run can be repeated."""
    return f"forkspec: of the reference servers --forkspec-part {config.stash[_PART]}"


def keep_those_in_turn(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of servers in turn, one of those alike, and a third of the slow.

    All of them together take longer than anybody waits for: `tox -e faults`, `--forkspec-part all`.
    """
    part = config.stash[_PART]
    turn = in_turn(part) | {""}
    others = out_of_turn(part, items) | slow_out_of_turn(part, items)
    others |= {item for item in items if _server_of(item) not in turn}
    if not config.getoption("--server"):
        others |= {item for item in items if _subject_of(item) not in turn}
    if others:
        config.hook.pytest_deselected(items=list(others))
        items[:] = [item for item in items if item not in others]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Too many verdicts on the manifest's servers that could not be told are a failure."""
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput"):
        return
    skipped = [each for each in reporter.stats.get("skipped", []) if isinstance(each.longrepr, tuple)]
    untold = sum(COULD_NOT_TELL in each.longrepr[2] for each in skipped)
    if untold > max(1, _MOST_UNTOLD * session.testscollected):
        reporter.write_line(
            f"{untold} verdicts could not be told: this machine was too busy to judge on"
        )
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def part_of(commit: str) -> str:
    """Which ninetieth a commit tries: drawn from its hash, so that it is green or red for good."""
    return str(int(commit or "0", 16) % PARTS + 1)


def in_turn(part: str) -> set[str]:
    """The servers that this part tries: of the lecture's every third, of the others every ninetieth."""
    entries = manifest.references()
    lecture = [name for name, entry in entries.items() if entry.role == "lecture"]
    others = [name for name in entries if name not in lecture]
    return set(_every(THIRDS, part, lecture)) | set(_every(PARTS, part, others))


def out_of_turn(part: str, items: list[pytest.Item]) -> set[pytest.Item]:
    """Of the tests that one argument of the marker `one_in_turn` joins, all but the one in turn."""
    if part == _ALL:
        return set()
    alike: dict[str, list[pytest.Item]] = {}
    for item in items:
        for mark in item.iter_markers("one_in_turn"):
            alike.setdefault(str(mark.args[0]), []).append(item)
    return {
        item
        for group in alike.values()
        for number, item in enumerate(group)
        if number != int(part) % len(group)
    }


def slow_out_of_turn(part: str, items: list[pytest.Item]) -> set[pytest.Item]:
    """Of the slow tests that nothing else draws, the two thirds that are not in turn."""
    marks = {item: {mark.name for mark in item.iter_markers()} for item in items}
    slow = [item for item in items if marks[item] & {"slow", "one_in_turn", "in_turn"} == {"slow"}]
    return set(slow) - set(_every(THIRDS, part, slow))


def _every(step: int, part: str, all_of_them: Sequence[_Each]) -> Sequence[_Each]:
    return all_of_them if part == _ALL else all_of_them[int(part) % step :: step]


def _commit(config: pytest.Config) -> str:
    """The commit that is checked out, in hexadecimal; nothing outside a clone."""
    ask = ["git", "-C", str(config.rootpath), "rev-parse", "HEAD"]
    try:
        told = subprocess.run(ask, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return told.stdout.strip()


def _subject_of(item: pytest.Item) -> str:
    return str(_parameters(item).get("forkspec_subject", ""))


def _server_of(item: pytest.Item) -> str:
    """The reference server of a marked test: by its `name`, or the fault that has its `cause`."""
    if item.get_closest_marker("in_turn") is None:
        return ""
    told = _parameters(item)
    return CAUSES[str(told["cause"])].fault if "cause" in told else str(told["name"])


def _parameters(item: pytest.Item) -> dict[str, object]:
    spec = getattr(item, "callspec", None)
    return spec.params if spec is not None else {}
