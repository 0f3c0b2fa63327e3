"""Plays all scenarios of one subject: the first alone, then the others side by side, then measurements.

What stayed undecided is played once more at the end.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Final

from harness.cell.cells import Cells
from harness.judge import another
from harness.judge.learned import SCENARIO
from harness.judge.requirement import judge_all
from harness.record.events import Branched, Received
from harness.record.recording import Recording
from harness.record.role import Role
from harness.results.result import inconclusive_scenarios
from harness.stage import Scenario
from harness.subject import places
from harness.subject.build import build
from harness.subject.subject import Subject
from harness.subject.submission import recognise
from harness.subject.tools import NoTool

from . import strace_rerun
from .asan_rerun import tell_overflows
from .catalogue import Catalogue, load
from .machine_lock import Exclusivity, MachineLock, machine_lock, the_port
from .outset import FIRST, has_begun, set_out
from .play import RunConfig, play
from .running_order import Run, play_each, spins, wanted_by
from .service_rerun import tell_service
from .set_up_rerun import tell_set_up
from .surprise import surprise

NEVER_QUIET: Final = (
    "not measured: this machine was too busy for a minute. That is not your fault: run it again"
)
_AT_ONCE: Final = 8
_AT_ONCE_BY_CLOCK: Final = 16  # where proofs wait for a clock, and leave the processors to others
Progress = Callable[[Recording], None]


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
        of: Subject, scenario: Scenario, exclusivity: Exclusivity, setting: RunConfig = setting
    ) -> tuple[Recording, bool]:
        async with lock(exclusivity) as alone:
            at_rest = 0 if scenario.name in trial.retried else _at_rest(trial.recordings)
            this = replace(setting, spins=spins(trial.recordings), at_rest=at_rest)
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

    async def once(of: Subject, scenario: Scenario, setting: RunConfig = setting) -> Recording:
        return (await attempt(of, scenario, Exclusivity.SHARED, setting))[0]

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
        wanted = wanted_by(catalogue, only)
        if first.scenario not in trial.recordings:
            trial.recordings[first.scenario] = first
            progress(first)
        if has_begun(first):
            at_once = 1 if shares_port else _AT_ONCE_BY_CLOCK if _at_rest(trial.recordings) else _AT_ONCE
            early = wanted & wanted_by(catalogue, soonest) if soonest else set()
            for part, then in ((early, so_far), (wanted, lambda: None)):
                await play_each(run, catalogue, part, trial.recordings, at_once)
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
        hurried = replace(setting, guard_s=strace_rerun.GUARD_S, needs_proof=False)
        traced = partial(once, setting=hurried)
        await tell_set_up(subject, catalogue.scenarios, trial.recordings, traced)
        await tell_service(
            subject, catalogue.scenarios, catalogue.requirements, trial.recordings, traced
        )
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


async def _wonder(run: Run, catalogue: Catalogue, recordings: Mapping[str, Recording]) -> None:
    """Find out which contract the server keeps, where none was chosen and it fails the lecture's."""
    if (
        SCENARIO not in recordings
        and not _shuts_all_out(recordings)
        and another.is_possible(judge_all(catalogue.requirements, recordings))
    ):
        await run(catalogue.scenarios[SCENARIO])


def _shuts_all_out(recordings: Mapping[str, Recording]) -> bool:
    """Whether clients wait in the queue, and the server has let none of them in, in no run."""
    looks = [look for recording in recordings.values() for look in recording.snapshots()]
    queued = [each for look in looks for each in look.connections.values()]
    heard = any(recording.first(Received) for recording in recordings.values())
    return bool(queued) and not heard and not any(each.accepted for each in queued)


def _at_rest(recordings: Mapping[str, Recording]) -> int:
    """How many threads its first start left and kept, if only a clock could wake them; else 0."""
    first = recordings.get(FIRST[Role.SERVER])
    looks = first.snapshots() if first is not None else ()
    sizes = {sum(process.threads for process in look.living) for look in looks}
    proofs = {look.proof for look in looks if look.listener is not None}
    return sizes.pop() if len(sizes) == 1 and proofs and proofs <= {"turns", "until"} else 0


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
