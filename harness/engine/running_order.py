"""Plays scenarios in their order: after those of their baselines, and what measures time at the end."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Protocol

from harness.judge.requirement import Requirement, judge_all
from harness.judge.verdict import Outcome
from harness.record.recording import Recording
from harness.stage import Scenario

from .catalogue import Catalogue
from .machine_lock import Exclusivity


class Run(Protocol):
    """Plays one scenario of the trial and keeps its recording."""

    async def __call__(self, scenario: Scenario, exclusivity: Exclusivity = Exclusivity.SHARED) -> bool:
        """Play it; True when nothing else was played on this machine meanwhile."""
        ...


async def play_each(
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
        async with gate, one_a_core if spins(recordings) else nullcontext():
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


def wanted_by(catalogue: Catalogue, only: Sequence[str]) -> set[str]:
    """The names of the scenarios that these requirements and their baselines are judged from."""
    if not only:
        return set(catalogue.scenarios)
    chosen = [each for each in catalogue.requirements if each.id in only]
    return {each.scenario for each in _with_baselines(chosen, catalogue.requirements)}


def _longest_wait(name: str, waits: Mapping[str, set[str]]) -> int:
    """How many scenarios, one after another, cannot begin before this one has ended."""
    behind = [other for other, before in waits.items() if name in before]
    return max((1 + _longest_wait(other, waits) for other in behind), default=0)


def spins(recordings: Mapping[str, Recording]) -> bool:
    """Whether a run showed it burning processor time without effect.

    With zombies it may be forking instead.
    """
    snapshots = (each for recording in recordings.values() for each in recording.snapshots())
    return any(each.proof == "spin" and not each.zombies for each in snapshots)


def never_rests(recordings: Mapping[str, Recording]) -> bool:
    """Whether a start showed it so; one that spins in a scenario alone may compute at its next start."""
    starts = (next(iter(each.snapshots()), None) for each in recordings.values())
    return any(each is not None and each.proof == "spin" and not each.zombies for each in starts)


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
    """Play a scenario that measures time beside others; where it fails there, play it again alone."""
    alone = await run(scenario, Exclusivity.ALONE_IF_EMPTY)
    verdicts = judge_all(requirements, recordings)
    mine = {verdicts[each.id].outcome for each in requirements if each.scenario == scenario.name}
    if not alone and not mine <= {Outcome.PASS, Outcome.NOT_APPLICABLE}:
        await run(scenario, Exclusivity.ALONE)
