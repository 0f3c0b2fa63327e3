"""Plays all scenarios of one subject: the first alone, then the others side by side, then measurements.

What stayed undecided is played once more at the end.
"""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Final, Protocol

from harness.cell.cells import Cells
from harness.judge import another
from harness.judge.learned import SCENARIO
from harness.judge.requirement import Requirement, judge_all
from harness.judge.verdict import Outcome
from harness.record.events import Branched
from harness.record.recording import Recording
from harness.record.role import Role
from harness.results.result import inconclusive_scenarios
from harness.stage import Scenario
from harness.subject import places
from harness.subject.build import build
from harness.subject.subject import Subject
from harness.subject.submission import recognise
from harness.subject.tools import NoTool

from .asan_rerun import tell_overflows
from .catalogue import Catalogue, load
from .machine_lock import Exclusivity, MachineLock, machine_lock, the_port
from .outset import FIRST, has_begun, set_out
from .play import RunConfig, play
from .service_rerun import tell_service
from .set_up_rerun import tell_set_up
from .surprise import surprise

NEVER_QUIET: Final = (
    "not measured: this machine was too busy for a minute. That is not your fault: run it again"
)
_AT_ONCE: Final = 8
_AT_ONCE_BY_CLOCK: Final = 16  # where proofs wait for a clock, and leave the processors to others
Progress = Callable[[Recording], None]


class Run(Protocol):
    """Plays one scenario of the trial and keeps its recording."""

    async def __call__(self, scenario: Scenario, exclusivity: Exclusivity = Exclusivity.SHARED) -> bool:
        """Play it; True when nothing else was played on this machine meanwhile."""
        ...


@dataclass(slots=True)
class Trial:
    """The recordings of one subject by scenario, and the scenarios that were played twice.

    All recordings are of one role: the one that the subject has shown.
    """

    recordings: dict[str, Recording] = field(default_factory=dict)
    retried: list[str] = field(default_factory=list)


async def observe(
    cells: Cells,
    subject: Subject,
    setting: RunConfig,
    *,
    only: Sequence[str] = (),
    known: Mapping[str, Recording] = MappingProxyType({}),
    retry: bool = True,
    progress: Progress = lambda _: None,
    soonest: Sequence[str] = (),
    so_far: Callable[[], None] = lambda: None,
    lock: MachineLock = machine_lock,
) -> Trial:
    """Play the scenarios that the chosen requirements and their baselines need; all when none is chosen.

    Baselines come first, and what they block is not played. `only` holds requirement ids, of any role;
    recordings in `known` are used again. A scenario with an INCONCLUSIVE verdict is played once more,
    alone. The scenarios that the requirements `soonest` need come before all others; `so_far` is called
    after them.
    """
    trial = Trial(dict(known))

    async def attempt(
        of: Subject, scenario: Scenario, exclusivity: Exclusivity
    ) -> tuple[Recording, bool]:
        async with lock(exclusivity) as alone:
            at_rest = 0 if scenario.name in trial.retried else _at_rest(trial.recordings)
            this = replace(setting, spins=_spins(trial.recordings), at_rest=at_rest)
            return await _within_bound(cells, of, scenario, this), alone

    async def run(scenario: Scenario, exclusivity: Exclusivity = Exclusivity.SHARED) -> bool:
        try:
            recording, alone = await attempt(subject, scenario, exclusivity)
        except TimeoutError:  # the lock's: a run has its own
            broken = Branched(0, "stage", f"broken off: {NEVER_QUIET}")
            recording, alone = replace(trial.recordings[scenario.name], events=(broken,)), False
        trial.recordings[scenario.name] = recording
        progress(recording)
        return alone

    async def once(of: Subject, scenario: Scenario) -> Recording:
        return (await attempt(of, scenario, Exclusivity.SHARED))[0]

    async def begin(of: Subject) -> Recording:
        first = load(of.role).scenarios[FIRST[of.role]]
        recording = await once(of, first)
        if retry and not recording.is_finished and not recording.ran_out:
            trial.retried = [first.name]
            recording = await once(of, first)
        return recording

    shares_port = (await cells.grant()).kind == "plain"
    with the_port(subject.port) if shares_port else nullcontext():
        subject, first = await set_out(subject, begin, known)
        trial.retried = [name for name in trial.retried if name == first.scenario]
        catalogue = load(subject.role)
        wanted = _wanted(catalogue, only)
        if first.scenario not in trial.recordings:
            trial.recordings[first.scenario] = first
            progress(first)
        if has_begun(first):
            at_once = 1 if shares_port else _AT_ONCE_BY_CLOCK if _at_rest(trial.recordings) else _AT_ONCE
            early = wanted & _wanted(catalogue, soonest) if soonest else set()
            for part, then in ((early, so_far), (wanted, lambda: None)):
                await _play(run, catalogue, part, trial.recordings, at_once)
                await _again(run, catalogue, part if retry and not _is_over(setting) else set(), trial)
                then()
            fresh = [
                catalogue.scenarios[name]
                for name in sorted(wanted - known.keys() - {FIRST[subject.role]})
            ]
            await surprise(
                partial(once, subject),
                [each for each in fresh if not each.alone],
                catalogue.requirements,
                trial.recordings,
                seed=setting.seed,
                count=_surprises(setting, subject),
            )
            await _wonder(run, catalogue, trial.recordings if setting.unsettled else {})
        await tell_overflows(subject, catalogue.scenarios, trial.recordings, once)
        await tell_set_up(subject, catalogue.scenarios, trial.recordings, once)
        await tell_service(subject, catalogue.scenarios, catalogue.requirements, trial.recordings, once)
    return trial


def _is_over(setting: RunConfig) -> bool:
    """Whether the time for the whole examination is up."""
    return setting.bound is not None and not setting.bound.left_s


def _surprises(setting: RunConfig, subject: Subject) -> int:
    """How many scenarios are played once more late in a server's life; a client has none."""
    return 0 if subject.is_client or _is_over(setting) else setting.surprise


async def _within_bound(cells: Cells, of: Subject, scenario: Scenario, setting: RunConfig) -> Recording:
    """The run's recording. A subject that did not come to rest loses the longer bound."""
    recording = await play(cells, of, scenario, setting)
    if setting.bound is not None:
        setting.bound.heed(recording)
    return recording


async def _again(run: Run, catalogue: Catalogue, wanted: set[str], trial: Trial) -> None:
    """Play once more what stayed undecided and was not played twice already."""
    asked = [
        r for r in catalogue.requirements if r.scenario in wanted and r.scenario not in trial.retried
    ]
    doubtful = inconclusive_scenarios(asked, trial.recordings)
    trial.retried += doubtful
    for name in doubtful:
        scenario = catalogue.scenarios[name]
        await run(scenario, Exclusivity.ALONE if scenario.alone else Exclusivity.SHARED)


async def _play(
    run: Run, catalogue: Catalogue, wanted: set[str], recordings: Mapping[str, Recording], at_once: int
) -> None:
    """Play each scenario after its baselines' scenarios, unless nothing is left to decide.

    Scenarios that measure time come last.
    """
    requirements = catalogue.requirements
    names = [name for name in catalogue.scenarios if name in wanted and name not in recordings]
    todo = [catalogue.scenarios[name] for name in names]
    needed = {
        name: _with_baselines([r for r in requirements if r.scenario == name], requirements)
        for name in names
    }
    ended = {each.name: asyncio.Event() for each in todo if not each.alone}
    waits = {name: {each.scenario for each in needed[name]} & ended.keys() - {name} for name in ended}
    gate, one_a_core = asyncio.Semaphore(at_once), asyncio.Semaphore(os.cpu_count() or 1)

    async def in_turn(scenario: Scenario) -> None:
        for name in sorted(waits[scenario.name]):
            await ended[name].wait()
        async with gate, one_a_core if _spins(recordings) else nullcontext():
            if _is_worth_playing(scenario, needed[scenario.name], recordings):
                await run(scenario)
        ended[scenario.name].set()

    async with asyncio.TaskGroup() as group:
        for scenario in sorted(todo, key=lambda each: (-_longest_wait(each.name, waits), -each.clients)):
            if not scenario.alone:
                group.create_task(in_turn(scenario))
    for scenario in todo:
        if scenario.alone and _is_worth_playing(scenario, needed[scenario.name], recordings):
            await _measure(run, scenario, requirements, recordings)


async def _wonder(run: Run, catalogue: Catalogue, recordings: Mapping[str, Recording]) -> None:
    """Find out which contract the server keeps, where none was chosen and it fails the lecture's."""
    if SCENARIO not in recordings and another.is_possible(judge_all(catalogue.requirements, recordings)):
        await run(catalogue.scenarios[SCENARIO])


def _longest_wait(name: str, waits: Mapping[str, set[str]]) -> int:
    """How many scenarios, one after another, cannot begin before this one has ended."""
    behind = [other for other, before in waits.items() if name in before]
    return max((1 + _longest_wait(other, waits) for other in behind), default=0)


def _spins(recordings: Mapping[str, Recording]) -> bool:
    """Whether a run showed it burning processor time without effect.

    With zombies it may be forking instead.
    """
    snapshots = (each for recording in recordings.values() for each in recording.snapshots())
    return any(each.proof == "spin" and not each.zombies for each in snapshots)


def _at_rest(recordings: Mapping[str, Recording]) -> int:
    """How many threads its first start left and kept, if only a clock could wake them; else 0."""
    first = recordings.get(FIRST[Role.SERVER])
    looks = first.snapshots() if first is not None else ()
    sizes = {sum(process.threads for process in look.living) for look in looks}
    proofs = {look.proof for look in looks if look.listener is not None}
    return sizes.pop() if len(sizes) == 1 and proofs and proofs <= {"turns", "until"} else 0


def _with_baselines(
    chosen: Sequence[Requirement], requirements: Sequence[Requirement]
) -> list[Requirement]:
    """The chosen requirements, and all that they need, directly or not."""
    by_id = {each.id: each for each in requirements}
    found: dict[str, Requirement] = {}
    todo = list(chosen)
    while todo:
        each = todo.pop()
        found[each.id] = each
        todo += [by_id[need] for need in each.needs if need in by_id and need not in found]
    return list(found.values())


def _is_worth_playing(
    scenario: Scenario, needed: Sequence[Requirement], recordings: Mapping[str, Recording]
) -> bool:
    """Whether the scenario can still decide something: not all of its requirements are blocked."""
    verdicts = judge_all(needed, recordings)
    mine = [verdicts[each.id].outcome for each in needed if each.scenario == scenario.name]
    return any(outcome is not Outcome.BLOCKED for outcome in mine)


async def _measure(
    run: Run,
    scenario: Scenario,
    requirements: Sequence[Requirement],
    recordings: Mapping[str, Recording],
) -> None:
    """Play a scenario that measures time beside others; if it fails there, play it again alone.

    A verdict that holds beside others holds alone, too.
    """
    alone = await run(scenario, Exclusivity.ALONE_IF_EMPTY)
    verdicts = judge_all(requirements, recordings)
    mine = {verdicts[each.id].outcome for each in requirements if each.scenario == scenario.name}
    if not alone and not mine <= {Outcome.PASS, Outcome.NOT_APPLICABLE}:
        await run(scenario, Exclusivity.ALONE)


def reference_client() -> tuple[str, ...]:
    """The command of the lecture's tcpclient2: the C++ one where it can be built, otherwise Python's."""
    for name in ("tcpclient2.cpp", "tcpclient2.py"):
        try:
            client = build(recognise(str(places.shipped("clients") / name)))
        except NoTool:
            continue
        if not client.failure:
            return client.argv
    raise NoTool("neither a C++ compiler nor a Python for tcpclient2")


def _wanted(catalogue: Catalogue, only: Sequence[str]) -> set[str]:
    """The names of the scenarios that these requirements and their baselines are judged from."""
    if not only:
        return set(catalogue.scenarios)
    chosen = [each for each in catalogue.requirements if each.id in only]
    return {each.scenario for each in _with_baselines(chosen, catalogue.requirements)}
