"""The pytest face: requirements as tests.

In the clone, `pytest -n auto` judges every reference server and compares each verdict with
servers/manifest.toml. `pytest -n auto --server PATH` turns the requirements into tests of that
server (`--server=PATH` when that lies outside this folder: pytest looks for its settings near
whatever looks like a path). With `--baseline FILE`, which `forkspec check --json` wrote, a verdict
that got worse fails, and an old FAIL is a skip. Loaded by `-p harness.plugin`, which pyproject.toml
says for the clone.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import pytest

import harness
from harness.engine import catalogue, references, targets
from harness.engine import stored_results as earlier
from harness.engine.session import Options, Session, draw_seed
from harness.judge.requirement import Requirement, Tier
from harness.judge.verdict import Outcome
from harness.record.recording import Recording
from harness.report import changes, formats, text
from harness.results import comparison
from harness.results.comparison import Change, Trend
from harness.results.result import Result
from harness.results.rubric import Rubric
from harness.results.stored import StoredResult, stored_results
from harness.subject.tools import NoTool

_SESSION: Final = pytest.StashKey[Session]()
_RESULTS: Final = pytest.StashKey[dict[str, Result]]()
_RESULT: Final = pytest.StashKey[Result]()
_EARLIER: Final = pytest.StashKey[dict[str, StoredResult]]()
_CHANGE: Final = pytest.StashKey[Change]()
_WORD: Final = "forkspec_change"
PART: Final = pytest.StashKey[str]()
_SEED: Final = "forkspec_seed"
_FIRST: Final = "contract/starts"  # with it the diagnosis is held to the manifest, too
_PART: Final = "forkspec_part"
_PARTS: Final = 5  # of the reference servers: one a commit
_COULD_NOT_TELL: Final = Outcome.INCONCLUSIVE.value
_MOST_UNTOLD: Final = 0.03  # of the manifest's verdicts, on a busy machine


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--server` and how to judge it."""
    group = parser.getgroup("forkspec", "judging concurrent TCP servers")
    group.addoption("--server", action="append", default=[], help="judge this server (repeatable)")
    group.addoption("--forkspec-cell", choices=["bubblewrap", "namespaces", "plain"])
    group.addoption("--forkspec-seed", type=int, help="seed of the random orders")
    group.addoption("--forkspec-tier", choices=list(map(str, Tier)), default=str(Tier.LECTURE))
    parts = [*map(str, range(1, _PARTS + 1)), "all"]
    group.addoption("--forkspec-part", choices=parts, help="of the reference servers; by the commit")
    group.addoption("--forkspec-strict", action="store_true", help="count every requirement")
    group.addoption("--baseline", metavar="FILE", help="compare with what `forkspec check --json` wrote")


def pytest_configure(config: pytest.Config) -> None:
    """The controller draws the seed; with --server only the scenarios are collected.

    Every worker reads the --baseline itself.
    """
    config.addinivalue_line("markers", "xdist_group(name): tests that share one worker")
    worker: dict[str, Any] = getattr(config, "workerinput", {})
    seed = worker.get(_SEED, config.getoption("--forkspec-seed"))
    options = Options(
        rubric=Rubric(Tier(config.getoption("--forkspec-tier")), config.getoption("--forkspec-strict")),
        cell=config.getoption("--forkspec-cell"),
        seed=draw_seed() if seed is None else seed,
        bounded=bool(config.getoption("--server")),
    )
    config.stash[_SESSION] = Session(options)
    part = worker.get(_PART) or config.getoption("--forkspec-part") or _part_of_this_commit(config)
    config.stash[PART] = part
    config.stash[_RESULTS] = {}
    if file := config.getoption("--baseline"):
        try:
            config.stash[_EARLIER] = earlier.by_subject(Path(file).expanduser())
        except harness.HarnessError as error:
            raise pytest.UsageError(str(error)) from None
    if config.getoption("--server") and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = [str(catalogue.scenario_folder())]


def _part_of_this_commit(config: pytest.Config) -> str:
    """Drawn from the commit, so that a commit is green or red for good; the first outside a clone."""
    ask = ["git", "-C", str(config.rootpath), "rev-parse", "HEAD"]
    try:
        told = subprocess.run(ask, capture_output=True, text=True, check=False)
    except OSError:
        return "1"
    return str(int(told.stdout.strip() or "0", 16) % _PARTS + 1)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Whatever we start, we end."""
    if (session := config.stash.get(_SESSION, None)) is not None:
        session.close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist: every worker plays in the same random orders."""
    node.workerinput[_SEED] = node.config.stash[_SESSION].seed
    node.workerinput[_PART] = node.config.stash[PART]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """xdist: what is judged from the same recordings is judged by the same worker.

    Of the manifest that is all of a server, of a --server one scenario. Told by the test's name: the
    groups of its marks get lost between xdist 3.8 and pytest 9.2.
    """
    from xdist.scheduler.loadgroup import LoadGroupScheduling  # noqa: PLC0415  (only where it is)

    by_scenario = bool(config.getoption("--server"))

    class OnePlay(LoadGroupScheduling):  # type: ignore[misc]  # xdist is not typed
        def _split_scope(self, nodeid: str) -> str:
            path, _, test = nodeid.partition("::")
            if Path(path).parent.name != catalogue.scenario_folder().name or "[" not in test:
                return str(super()._split_scope(nodeid))
            server = test[test.index("[") :]
            return f"{path} {server}" if by_scenario else server

    return OnePlay(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_report_header(config: pytest.Config) -> str:
    """The seed, so that a run can be repeated."""
    seed, part = config.stash[_SESSION].seed, config.stash[PART]
    return f"forkspec {harness.__version__}, --forkspec-seed {seed} --forkspec-part {part}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the manifest's faults and designs a fifth for each commit; the lecture's servers always.

    All of them together take longer than anybody waits for: `tox -e faults`.
    """
    if config.stash[PART] == "all" or config.getoption("--server"):
        return
    turn = servers_in_turn(config)
    others = [item for item in items if _subject_of(item) not in turn | {""}]
    if others:
        config.hook.pytest_deselected(items=others)
        gone = set(others)
        items[:] = [item for item in items if item not in gone]


def servers_in_turn(config: pytest.Config) -> set[str]:
    """The manifest's servers whose turn it is; all of them where all are asked for."""
    part, manifest = config.stash[PART], references.manifest()
    lecture = {name for name, entry in manifest.items() if entry["role"] == "lecture"}
    return lecture | {
        name for number, name in enumerate(manifest) if part in {"all", str(number % _PARTS + 1)}
    }


def _subject_of(item: pytest.Item) -> str:
    spec = getattr(item, "callspec", None)
    return str(spec.params.get("forkspec_subject", "")) if spec is not None else ""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Scenario files are ordinary tests under names of their own.

    One that is named on the command line pytest collects by itself.
    """
    named = parent.session.isinitpath(file_path)
    if file_path.parent == catalogue.scenario_folder() and file_path.suffix == ".py" and not named:
        return _Scenario.from_parent(parent, path=file_path)
    return None


class _Scenario(pytest.Module):
    """A scenario's file: its tests are its judgements, whatever their names."""

    def istestfunction(self, obj: object, name: str) -> bool:  # noqa: ARG002  (pytest's signature)
        """Whether this decides a requirement."""
        return isinstance(getattr(obj, "requirement", None), Requirement)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Scenario files, named or found, are collected by their judgements."""
    is_scenario = module_path.parent == catalogue.scenario_folder()
    return _Scenario.from_parent(parent, path=module_path) if is_scenario else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each subject: those of the manifest in its order, or those of --server."""
    if "forkspec_subject" not in metafunc.fixturenames:
        return
    servers = metafunc.config.getoption("--server")
    names = list(map(os.path.expanduser, servers)) or list(references.manifest())
    subjects = [pytest.param(name, id=Path(name).name) for name in names]
    metafunc.parametrize("forkspec_subject", subjects, indirect=True)


@pytest.fixture
def forkspec_subject(request: pytest.FixtureRequest) -> str:
    """The name or path of the server that this test judges."""
    return str(request.param)


@pytest.fixture
def seen(forkspec_subject: str, request: pytest.FixtureRequest) -> Recording | None:
    """What was seen of the subject; an error, not a failure, when that does not suffice.

    Of the manifest's verdicts a few may remain untold: `pytest_sessionfinish` counts them.
    """
    requirement: Requirement = request.function.requirement
    result = _result(request.config, forkspec_subject, requirement)
    verdict = result.verdicts[requirement.id]
    if (before := request.config.stash.get(_EARLIER, None)) is not None:
        change = _change(before, result, requirement, request.config)
        request.node.stash[_CHANGE] = change
        request.node.user_properties.append((_WORD, change.word))
    if verdict.outcome is Outcome.INCONCLUSIVE:
        could_not_tell = pytest.fail if request.config.getoption("--server") else pytest.skip
        could_not_tell(f"{_COULD_NOT_TELL}: {verdict.evidence.observed}")
    request.node.stash[_RESULT] = result
    return result.recordings.get(requirement.scenario)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A judgement's verdict becomes the test's outcome; any other test runs as ever."""
    result = pyfuncitem.stash.get(_RESULT, None)
    if result is None:
        return None
    requirement: Requirement = pyfuncitem.function.requirement
    change = pyfuncitem.stash.get(_CHANGE, None)
    if change is not None and change.trend is Trend.WORSE:
        _as_worse(change, result, requirement)
    if pyfuncitem.config.getoption("--server"):
        _as_outcome(result, requirement, change)
    else:
        _as_promised(result, requirement, str(pyfuncitem.callspec.params["forkspec_subject"]), change)
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Too many verdicts on the manifest's servers that could not be told are a failure."""
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput"):
        return
    skipped = [each for each in reporter.stats.get("skipped", []) if isinstance(each.longrepr, tuple)]
    untold = sum(_COULD_NOT_TELL in each.longrepr[2] for each in skipped)
    if untold > max(1, _MOST_UNTOLD * session.testscollected):
        reporter.write_line(
            f"{untold} verdicts could not be told: this machine was too busy to judge on"
        )
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> Generator[None, Any, Any]:
    """With --baseline the last line says how many verdicts got worse, better, moved."""
    done = yield
    if _EARLIER in config.stash:
        reports = (each for kind in terminalreporter.stats.values() for each in kind)
        last = [vars(each) for each in reports if getattr(each, "when", "") == "teardown"]
        words = [word for each in last for key, word in each["user_properties"] if key == _WORD]
        tally = changes.tally(words)
        terminalreporter.write_line(f"against {config.getoption('--baseline')}: {tally}")
    return done


def _result(config: pytest.Config, name: str, requirement: Requirement) -> Result:
    """All of a reference's scenarios at once; of a --server only this one and its baselines."""
    session, results = config.stash[_SESSION], config.stash[_RESULTS]
    servers = config.getoption("--server")
    only = [r.id for r in session.catalogue.requirements if r.scenario == requirement.scenario]
    known = results[name].recordings if name in results else {}
    if name not in results or (servers and requirement.scenario not in known):
        try:
            subject = targets.prepare(name)
        except NoTool as missing:
            pytest.skip(str(missing))
        except harness.HarnessError as error:
            pytest.fail(str(error), pytrace=False)
        workers = hasattr(config, "workerinput")
        asked = only if servers and workers and not subject.is_client else ()
        results[name] = session.examine(subject, only=asked, known=known)
    if requirement.id not in results[name].verdicts:
        pytest.fail(f"{name} is a client: forkspec check {name}", pytrace=False)
    return results[name]


def _change(
    before: dict[str, StoredResult], result: Result, requirement: Requirement, config: pytest.Config
) -> Change:
    """This verdict against the baseline's. In the manifest's trial every requirement counts."""
    (now,) = stored_results(json.loads(formats.as_json([result])))
    old = before[now.subject].verdicts.get(requirement.id) if now.subject in before else None
    strict = not config.getoption("--server")
    return comparison.change(old, now.verdicts[requirement.id], strict=strict)


def _as_worse(change: Change, result: Result, requirement: Requirement) -> None:
    if change.counts:
        told = f"{changes.was_is(change)}\n{text.explanation(result, requirement)}"
        pytest.fail(told, pytrace=False)
    observed = result.verdicts[requirement.id].evidence.observed
    pytest.skip(f"BEYOND: {changes.was_is(change)}: {observed}")


def _as_outcome(result: Result, requirement: Requirement, change: Change | None) -> None:
    verdict = result.verdicts[requirement.id]
    _skip_an_old_failure(change)
    match verdict.outcome:
        case Outcome.FAIL if result.rubric.counts(requirement):
            pytest.fail(text.explanation(result, requirement), pytrace=False)
        case Outcome.FAIL:
            pytest.skip(f"BEYOND: {verdict.evidence.observed}")
        case Outcome.NOT_APPLICABLE | Outcome.BLOCKED:
            pytest.skip(f"{verdict.outcome.value}: {verdict.evidence.observed}")
        case Outcome.PASS | Outcome.INCONCLUSIVE:
            pass


def _as_promised(result: Result, requirement: Requirement, name: str, change: Change | None) -> None:
    """The manifest says what this server must show; anything else is red, a PASS too.

    What breaks the promise, but is an old failure by the baseline, is a skip.
    """
    verdict = result.verdicts[requirement.id]
    entry = references.manifest()[name]
    expected = references.expected(entry, requirement.id, result.cell)
    if verdict.outcome is not expected and references.is_settled(entry, requirement.id):
        _skip_an_old_failure(change)
        pytest.fail(
            f"{name} must show {expected.value}, and shows:\n" + text.explanation(result, requirement),
            pytrace=False,
        )
    if requirement.id == _FIRST and (wrong := references.misdiagnosed(entry, result)):
        pytest.fail(f"{name}: {'; '.join(wrong)}", pytrace=False)
    promised = entry.get("shows", {}).get(requirement.id, {})
    facts = {key: verdict.evidence.facts.get(key) for key in promised}
    if facts != promised:
        _skip_an_old_failure(change)
        pytest.fail(f"{name} must show {promised}, and shows {facts}", pytrace=False)


def _skip_an_old_failure(change: Change | None) -> None:
    if change is None or change.old is None or change.new is None or not change.is_old_failure:
        return
    observed = change.new.observed
    if change.trend is Trend.MOVED:
        observed += f" ({changes.was_is(change)}; then: {change.old.observed})"
    pytest.skip(f"as in the baseline: {observed}")
