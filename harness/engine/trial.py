"""All scenarios of one subject: the first, the rest at once, who measures alone, the doubtful again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Protocol

from harness.cell.cells import Cells
from harness.judge.recording import Event, Kind, Recording
from harness.judge.requirement import Requirement, judge_all
from harness.judge.result import inconclusive_scenarios
from harness.judge.verdict import Outcome
from harness.stage import Scenario
from harness.subject import places
from harness.subject.build import Subject, build
from harness.subject.recipe import NoTool
from harness.subject.submission import recognise

from .catalogue import Catalogue
from .locks import lane, the_port
from .play import Setting, play
from .rehearse import CLIENT

FIRST: Final = "starting"
_CONVERSATION: Final = "conversation"
NEVER_QUIET: Final = "this machine was not quiet for a minute, so no time could be measured"
_AT_ONCE: Final = 8
Progress = Callable[[Recording], None]


class Run(Protocol):
    """Plays one scenario of the trial, and keeps its recording."""

    async def __call__(self, scenario: Scenario, *, alone: bool = False) -> None:
        """With `alone` nothing else is played on this machine meanwhile."""


@dataclass(slots=True)
class Trial:
    """The recordings of one subject by scenario, and which scenarios had to be run twice."""

    recordings: dict[str, Recording] = field(default_factory=dict)
    retried: list[str] = field(default_factory=list)


async def observe(
    cells: Cells,
    subject: Subject,
    catalogue: Catalogue,
    setting: Setting,
    *,
    only: Sequence[str] = (),
    known: Mapping[str, Recording] = MappingProxyType({}),
    retry: bool = True,
    progress: Progress = lambda _: None,
) -> Trial:
    """Play what the chosen requirements and their baselines need; all of it when none is chosen.

    Baselines first: what they block is not played. `only` holds requirement ids; `known` recordings are
    taken over. A scenario whose verdict is INCONCLUSIVE is run again, alone.
    """
    wanted = _wanted(catalogue, only)
    trial = Trial(dict(known))

    async def run(scenario: Scenario, *, alone: bool = False) -> None:
        try:
            async with lane(alone=alone):
                spins = any(map(_has_spun, trial.recordings.values()))
                recording = await play(cells, subject, scenario, replace(setting, spins=spins))
        except TimeoutError:  # the lane's: a run has its own
            broken = Event(0, "stage", Kind.BRANCHED, detail={"cause": f"broken off: {NEVER_QUIET}"})
            recording = replace(trial.recordings[scenario.name], events=(broken,))
        trial.recordings[scenario.name] = recording
        progress(recording)

    shares_port = (await cells.grant()).kind == "plain"
    with the_port(subject.port) if shares_port else _nothing():
        if subject.role == CLIENT:
            subject = await _start_of_client(cells, subject, catalogue, setting)
            at_once = 1 if shares_port else _AT_ONCE
            await _all_at_once(run, [catalogue.scenarios[name] for name in sorted(wanted)], at_once)
            await _again(run, catalogue, wanted, trial) if retry else None
            return trial
        if FIRST not in trial.recordings:
            await run(catalogue.scenarios[FIRST])
            if retry and not trial.recordings[FIRST].is_finished:
                trial.retried = [FIRST]
                await run(catalogue.scenarios[FIRST])
        for way in subject.ways if _may_want_arguments(trial.recordings[FIRST]) else ():
            told = subject.started_with(way)
            recording = await play(cells, told, catalogue.scenarios[FIRST], setting)
            if recording.first(Kind.LISTENS) is not None:
                subject, trial.recordings[FIRST] = told, recording
                break
        if trial.recordings[FIRST].first(Kind.LISTENS) is None:
            return trial
        await _play(run, catalogue, wanted, trial.recordings, 1 if shares_port else _AT_ONCE)
        if retry:
            await _again(run, catalogue, wanted, trial)
    return trial


async def _again(run: Run, catalogue: Catalogue, wanted: set[str], trial: Trial) -> None:
    """Play once more what could not be told."""
    asked = [r for r in catalogue.requirements if r.scenario in wanted]
    doubtful = inconclusive_scenarios(asked, trial.recordings)
    trial.retried += doubtful
    for name in doubtful:
        await run(catalogue.scenarios[name], alone=catalogue.scenarios[name].alone)


async def _start_of_client(
    cells: Cells, subject: Subject, catalogue: Catalogue, setting: Setting
) -> Subject:
    """The client as it wants to be started: the first way after which it asks its user, or connects."""
    for way in subject.ways:
        told = subject.started_with(way)
        recording = await play(cells, told, catalogue.scenarios[_CONVERSATION], setting)
        if recording.first(Kind.TYPED) is not None or recording.first(Kind.CONNECTED) is not None:
            return told
    return subject.started_with(subject.ways[0]) if subject.ways else subject


async def _play(
    run: Run, catalogue: Catalogue, wanted: set[str], recordings: Mapping[str, Recording], at_once: int
) -> None:
    """The baselines' scenarios, then all others that can still decide something, then the measuring."""
    todo: list[Scenario] = []
    for chosen in (_baselines(catalogue.requirements), wanted):
        names = (wanted & chosen).difference(recordings)
        todo = [each for name, each in catalogue.scenarios.items() if name in names]
        todo = _worth_playing(todo, catalogue.requirements, recordings)
        await _all_at_once(run, [each for each in todo if not each.alone], at_once)
    for scenario in todo:
        if scenario.alone:
            await _measure(run, scenario, catalogue.requirements, recordings)


def _may_want_arguments(start: Recording) -> bool:
    """Whether it was started as it is and does not listen: perhaps it waits to be told its port."""
    started = start.first(Kind.STARTED) is not None and start.is_finished
    return started and start.first(Kind.LISTENS) is None


def _has_spun(recording: Recording) -> bool:
    spins = (each for each in recording.snapshots() if each.proof == "spin")
    return any(not each.zombies for each in spins)  # with zombies it may be a chain of forks


def _baselines(requirements: Sequence[Requirement]) -> set[str]:
    """The scenarios that show what requirements of other scenarios need."""
    by_id = {each.id: each for each in requirements}
    needs = {(by_id[need].scenario, each.scenario) for each in requirements for need in each.needs}
    return {needed for needed, scenario in needs if needed != scenario}


def _worth_playing(
    scenarios: Sequence[Scenario],
    requirements: Sequence[Requirement],
    recordings: Mapping[str, Recording],
) -> list[Scenario]:
    """Those that can still decide something: not all of whose requirements are blocked already."""
    verdicts = judge_all(requirements, recordings)
    open_ = {r.scenario for r in requirements if verdicts[r.id].outcome is not Outcome.BLOCKED}
    return [scenario for scenario in scenarios if scenario.name in open_]


async def _measure(
    run: Run,
    scenario: Scenario,
    requirements: Sequence[Requirement],
    recordings: Mapping[str, Recording],
) -> None:
    """Play what measures time: in company first, for what holds there holds alone; else alone."""
    for alone in (False, True):
        verdicts = judge_all(requirements, recordings)
        mine = {verdicts[each.id].outcome for each in requirements if each.scenario == scenario.name}
        if mine == {Outcome.BLOCKED} or (alone and mine <= {Outcome.PASS, Outcome.NOT_APPLICABLE}):
            return
        await run(scenario, alone=alone)


async def _all_at_once(run: Run, scenarios: Sequence[Scenario], at_once: int) -> None:
    """Those with most clients first; so many at a time."""
    gate = asyncio.Semaphore(at_once)

    async def gated(scenario: Scenario) -> None:
        async with gate:
            await run(scenario)

    async with asyncio.TaskGroup() as group:
        for scenario in sorted(scenarios, key=lambda each: -each.clients):
            group.create_task(gated(scenario))


def reference_client() -> tuple[str, ...]:
    """The command of the lecture's tcpclient2: the C++ one where it can be built, else Python's."""
    for name in ("tcpclient2.cpp", "tcpclient2.py"):
        try:
            client = build(recognise(str(places.shipped("clients") / name)))
        except NoTool:
            continue
        if not client.failure:
            return client.argv
    raise NoTool("neither a C++ compiler nor a Python for tcpclient2")


def _wanted(catalogue: Catalogue, only: Sequence[str]) -> set[str]:
    """Names of the scenarios that these requirements and all their baselines are judged from."""
    if not only:
        return set(catalogue.scenarios)
    by_id: dict[str, Requirement] = {r.id: r for r in catalogue.requirements}
    todo, names = [by_id[each] for each in only], set[str]()
    while todo:
        each = todo.pop()
        names.add(each.scenario)
        todo += [by_id[need] for need in each.needs if need in by_id]
    return names


@contextmanager
def _nothing() -> Iterator[None]:
    yield
