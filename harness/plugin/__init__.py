"""The pytest face, for users: requirements as tests of their server.

`pytest -n auto -p harness.plugin --server PATH` turns the requirements into tests of that server
(`--server=PATH` when that lies outside this folder: pytest looks for its settings near whatever
looks like a path). With `--baseline FILE`, which `forkspec check --json` wrote, a verdict that got
worse fails, and an old FAIL is a skip. In the clone, tests/faults/trial.py puts the reference
servers on trial instead.
"""

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import pytest

import harness
from harness.engine import stored_results as earlier
from harness.engine import targets
from harness.engine.session import Options, Session, draw_seed, most_moments
from harness.judge.requirement import Requirement, Tier
from harness.judge.verdict import Outcome
from harness.record.recording import Recording
from harness.report import changes
from harness.report.formats.json import as_json
from harness.report.side_by_side_text import LESS
from harness.results import comparison
from harness.results.comparison import Change, Trend
from harness.results.result import Result
from harness.results.rubric import Rubric
from harness.results.stored import StoredResult, stored_results
from harness.subject.places import shipped
from harness.subject.tools import NoTool

from .on_trial import COULD_NOT_TELL, OnTrial, fail_as_worse

pytest_plugins = ["harness.fixture"]
_SESSION: Final = pytest.StashKey[Session]()
_ON_TRIAL: Final = pytest.StashKey[OnTrial]()
_RESULTS: Final = pytest.StashKey[dict[str, Result]]()
_RESULT: Final = pytest.StashKey[Result]()
_EARLIER: Final = pytest.StashKey[dict[str, StoredResult]]()
_CHANGE: Final = pytest.StashKey[Change]()
_WORD: Final = "forkspec_change"
_SEED: Final = "forkspec_seed"


def put_on_trial(config: pytest.Config, who: OnTrial) -> None:
    """Judge these instead of the servers of `--server`."""
    config.stash[_ON_TRIAL] = who


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--server` and how to judge it."""
    group = parser.getgroup("forkspec", "judging concurrent TCP servers")
    group.addoption("--server", action="append", default=[], help="judge this server (repeatable)")
    group.addoption("--forkspec-cell", choices=["bubblewrap", "namespaces", "plain"])
    group.addoption("--forkspec-seed", type=int, help="seed of the random orders")
    group.addoption(
        "--forkspec-moments", type=most_moments, metavar="N|all", help="how many points to try"
    )
    group.addoption("--forkspec-tier", choices=list(map(str, Tier)), default=str(Tier.LECTURE))
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
        moments=config.getoption("--forkspec-moments"),
    )
    config.stash[_SESSION] = Session(options)
    put_on_trial(config, OnTrial(list(map(os.path.expanduser, config.getoption("--server")))))
    config.stash[_RESULTS] = {}
    if file := config.getoption("--baseline"):
        try:
            config.stash[_EARLIER] = earlier.by_subject(Path(file).expanduser())
        except harness.HarnessError as error:
            raise pytest.UsageError(str(error)) from None
    if config.getoption("--server") and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = [str(shipped("scenarios"))]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Whatever we start, we end."""
    if (session := config.stash.get(_SESSION, None)) is not None:
        session.close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist: every worker plays in the same random orders."""
    node.workerinput[_SEED] = node.config.stash[_SESSION].seed


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """xdist: what is judged from the same recordings is judged by the same worker.

    Known by the test's name: the groups of its marks get lost between xdist 3.8 and pytest 9.2.
    """
    from xdist.scheduler.loadgroup import LoadGroupScheduling  # noqa: PLC0415  (only where it is)

    on_trial = config.stash[_ON_TRIAL]

    class OnePlay(LoadGroupScheduling):  # type: ignore[misc]  # xdist is not typed
        def _split_scope(self, nodeid: str) -> str:
            path, _, test = nodeid.partition("::")
            if Path(path).parent.name != shipped("scenarios").name or "[" not in test:
                return str(super()._split_scope(nodeid))
            return on_trial.group(path, test[test.index("[") :])

    return OnePlay(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_report_header(config: pytest.Config) -> str:
    """The seed, so that a run can be repeated."""
    return f"forkspec {harness.__version__}, --forkspec-seed {config.stash[_SESSION].seed}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Scenario files are tests under names of their own; pytest collects the named ones."""
    named = parent.session.isinitpath(file_path)
    if file_path.parent == shipped("scenarios") and file_path.suffix == ".py" and not named:
        return _Scenario.from_parent(parent, path=file_path)
    return None


class _Scenario(pytest.Module):
    """A scenario's file: its tests are its judgements, whatever their names."""

    def istestfunction(self, obj: object, name: str) -> bool:  # noqa: ARG002  (pytest's signature)
        """Whether this decides a requirement."""
        return isinstance(getattr(obj, "requirement", None), Requirement)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Scenario files, named or found, are collected by their judgements."""
    is_scenario = module_path.parent == shipped("scenarios")
    return _Scenario.from_parent(parent, path=module_path) if is_scenario else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each server on trial; without any the test is skipped, and says so."""
    if "forkspec_subject" not in metafunc.fixturenames:
        return
    servers = metafunc.config.stash[_ON_TRIAL].servers
    subjects = [pytest.param(name, id=Path(name).name) for name in servers]
    metafunc.parametrize("forkspec_subject", subjects, indirect=True)


@pytest.fixture
def forkspec_subject(request: pytest.FixtureRequest) -> str:
    """The name or path of the server that this test judges."""
    return str(request.param)


@pytest.fixture
def seen(forkspec_subject: str, request: pytest.FixtureRequest) -> Recording | None:
    """The recording of the subject; an error, not a failure, where it does not suffice."""
    requirement: Requirement = request.function.requirement
    result = _result(request.config, forkspec_subject, requirement)
    verdict = result.verdicts[requirement.id]
    if (before := request.config.stash.get(_EARLIER, None)) is not None:
        change = _change(before, result, requirement, request.config)
        request.node.stash[_CHANGE] = change
        request.node.user_properties.append((_WORD, change.word))
    if verdict.outcome is Outcome.INCONCLUSIVE:
        on_trial = request.config.stash[_ON_TRIAL]
        on_trial.could_not_tell(f"{COULD_NOT_TELL}: {verdict.evidence.observed}")
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
        fail_as_worse(change, result, requirement)
    server = str(pyfuncitem.callspec.params["forkspec_subject"])
    pyfuncitem.config.stash[_ON_TRIAL].outcome(server, result, requirement, change)
    return True


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> Generator[None, Any, Any]:
    """With --baseline the last line says how many verdicts got worse, better, moved."""
    done = yield
    if _EARLIER in config.stash:
        reports = (each for kind in terminalreporter.stats.values() for each in kind)
        last = [vars(each) for each in reports if getattr(each, "when", "") == "teardown"]
        words = [word for each in last for key, word in each["user_properties"] if key == _WORD]
        tally = changes.tally(words)
        terminalreporter.write_line(LESS)
        terminalreporter.write_line(f"against {config.getoption('--baseline')}: {tally}")
    return done


def _result(config: pytest.Config, name: str, requirement: Requirement) -> Result:
    """The first requirement plays what it needs; the others are judged from that."""
    session, results = config.stash[_SESSION], config.stash[_RESULTS]
    on_trial = config.stash[_ON_TRIAL]
    only = [r.id for r in session.catalogue.requirements if r.scenario == requirement.scenario]
    known = results[name].recordings if name in results else {}
    is_played = on_trial.plays_all_at_once or requirement.scenario in known
    if name not in results or not is_played:
        try:
            subject = targets.prepare(name)
        except NoTool as missing:
            pytest.skip(str(missing))
        except harness.HarnessError as error:
            pytest.fail(str(error), pytrace=False)
        workers = hasattr(config, "workerinput") and not on_trial.plays_all_at_once
        asked = only if workers and not subject.is_client else ()
        results[name] = session.examine(subject, only=asked, known=known)
    if requirement.id not in results[name].verdicts:
        pytest.fail(f"{name} is a client: forkspec check {name}", pytrace=False)
    return results[name]


def _change(
    before: dict[str, StoredResult], result: Result, requirement: Requirement, config: pytest.Config
) -> Change:
    """This verdict against the baseline's."""
    (now,) = stored_results(json.loads(as_json([result])))
    old = before[now.subject].verdicts.get(requirement.id) if now.subject in before else None
    strict = config.stash[_ON_TRIAL].counts_everything
    return comparison.change(old, now.verdicts[requirement.id], strict=strict)
