"""Plays some scenarios once more, late in a server's life: what is sound for a while only fails then.

The seed decides which ones, how many clients come first, and how long nobody comes then: a server
cannot know it beforehand.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from harness.judge.requirement import Requirement, judge_all
from harness.judge.verdict import Outcome
from harness.record.events import Crowded
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.visits import BEFORE
from harness.stage import Scenario, Stage

FEWEST, MOST = 45, 160
PAUSES_S = (6.0, 30.0)  # the least and the most
_AT_ONCE: Final = 8
_NOT_AS_BEFORE: Final = "the server was not as before when others had gone: it is not tried late"
Once = Callable[[Scenario], Awaitable[Recording]]


async def surprise(
    once: Once,
    scenarios: Sequence[Scenario],
    requirements: Sequence[Requirement],
    recordings: dict[str, Recording],
    *,
    seed: int,
    count: int,
) -> None:
    """Play once more, late in the server's life, `count` of those scenarios that it has passed.

    If it then fails twice what it passed before, the later recording replaces the scenario's.
    """
    if not count:
        return
    chance = random.Random(seed)
    before = _outcomes(requirements, recordings)
    held = [each for each in scenarios if _is_met(before.get(each.name, {}))]
    met = [each for each in held if recordings[each.name].first(Crowded) is None]  # it has no crowd
    for scenario in chance.sample(met, min(count, len(met))):
        late = after_others(scenario, chance.randint(FEWEST, MOST), chance.uniform(*PAUSES_S))
        for _ in range(2):  # once may be chance
            seen = await once(late)
            after = _outcomes(requirements, {**recordings, scenario.name: seen})
            if not _is_worse(before[scenario.name], after[scenario.name]):
                break
        else:
            recordings[scenario.name] = seen


def after_others(scenario: Scenario, count: int, pause_s: float) -> Scenario:
    """This scenario, played after this number of clients have come and gone, and after a pause."""

    async def late(stage: Stage) -> None:
        await _let_come_and_go(stage, count, pause_s)
        await scenario.play(stage)  # type: ignore[arg-type]  # a server's

    return replace(scenario, play=late)


async def _let_come_and_go(stage: Stage, count: int, pause_s: float) -> None:
    """Serve this number of clients, wait, and forget all that was seen meanwhile, except that they came.

    Raises:
        Missing: the server is not as before: other requirements say so.
    """
    since, tasks = len(stage.rest.journal.events), stage.look().tasks
    lines = [f"visitor {number}\n".encode() for number in range(1, count + 1)]
    visits = await stage.clients.crowd(BEFORE, lines, at_once=stage.server.room_for(_AT_ONCE))
    await stage.quiet(unless=stage.server.is_alone)
    is_as_before = stage.server.is_alone() and stage.look().tasks <= tasks
    if not (is_as_before and all(visit.answer for visit in visits)):
        raise Missing(_NOT_AS_BEFORE)
    stage.rest.journal.forget(since, but=Crowded)
    await asyncio.sleep(pause_s)
    await stage.quiet()


def _outcomes(
    requirements: Sequence[Requirement], recordings: Mapping[str, Recording]
) -> dict[str, dict[str, Outcome]]:
    """The outcomes by scenario and requirement."""
    verdicts = judge_all(requirements, recordings)
    found: dict[str, dict[str, Outcome]] = {}
    for each in requirements:
        found.setdefault(each.scenario, {})[each.id] = verdicts[each.id].outcome
    return found


def _is_met(outcomes: Mapping[str, Outcome]) -> bool:
    """Whether a scenario shows that all that is asked, and applies, is met."""
    found = set(outcomes.values())
    return Outcome.PASS in found and found <= {Outcome.PASS, Outcome.NOT_APPLICABLE}


def _is_worse(before: Mapping[str, Outcome], after: Mapping[str, Outcome]) -> bool:
    """Whether something fails now that passed, and nothing that passed is INCONCLUSIVE now."""
    met = {after[each] for each, outcome in before.items() if outcome is Outcome.PASS}
    return Outcome.FAIL in met and Outcome.INCONCLUSIVE not in met
