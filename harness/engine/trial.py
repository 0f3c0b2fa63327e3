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
from .running_order import never_rests, play_each, spins, wanted_by
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
    player = _Player(cells, subject, setting, trial, progress, lock, retry=retry)
    shares_port = (await cells.grant()).kind == "plain"
    with the_port(subject.port) if shares_port else nullcontext():
        player.subject, first = await set_out(subject, player.begin, known)
        trial.retried = [name for name in trial.retried if name == first.scenario]
        catalogue = load(player.subject.role)
        wanted = wanted_by(catalogue, only)
        if first.scenario not in trial.recordings:
            player.keep(first)
        if has_begun(first):
            at_once = 1 if shares_port else _AT_ONCE_BY_CLOCK if _at_rest(trial.recordings) else _AT_ONCE
            early = wanted & wanted_by(catalogue, soonest) if soonest else set()
            for part, then in ((early, so_far), (wanted, lambda: None)):
                await play_each(player.run, catalogue, part, trial.recordings, at_once)
                await player.retry_doubtful(catalogue, part)
                then()
            await player.surprise(catalogue, wanted - known.keys() - {FIRST[player.subject.role]})
            await player.wonder(catalogue)
        await player.tell_more(catalogue)
    return trial


@dataclass(slots=True)
class _Player:
    """Plays scenarios of one subject into a trial."""

    cells: Cells
    subject: Subject
    setting: RunConfig
    trial: Trial
    progress: Progress
    lock: MachineLock
    retry: bool

    async def run(self, scenario: Scenario, exclusivity: Exclusivity = Exclusivity.SHARED) -> bool:
        """Play a scenario, and keep its recording; whether it had the machine for itself."""
        try:
            recording, alone = await self._attempt(self.subject, scenario, exclusivity)
        except TimeoutError:  # the lock's: a run has its own
            broken = Branched(0, "stage", f"broken off: {NEVER_QUIET}")
            recording, alone = replace(self.trial.recordings[scenario.name], events=(broken,)), False
        self.keep(recording)
        return alone

    def keep(self, recording: Recording) -> None:
        """Take a recording into the trial, in the place of an earlier one of its scenario."""
        self.trial.recordings[recording.scenario] = recording
        self.progress(recording)

    async def once(self, of: Subject, scenario: Scenario) -> Recording:
        """Play a scenario, and leave it to the caller what becomes of its recording."""
        return (await self._attempt(of, scenario, Exclusivity.SHARED))[0]

    async def begin(self, of: Subject) -> Recording:
        """Play the first scenario of the subject's role; once more where it was broken off."""
        first = load(of.role).scenarios[FIRST[of.role]]
        recording = await self.once(of, first)
        if self.retry and not recording.is_finished and not recording.ran_out:
            self.trial.retried = [first.name]
            recording = await self.once(of, first)
        return recording

    async def _attempt(
        self, of: Subject, scenario: Scenario, exclusivity: Exclusivity
    ) -> tuple[Recording, bool]:
        """The recording, and whether it had the machine for itself.

        A subject that did not come to rest loses the longer bound.
        """
        if scenario.alone and self.setting.bound is not None:
            self.setting.bound.keep_nothing_back()
        async with self.lock(exclusivity) as alone:
            so_far = self.trial.recordings
            at_rest = 0 if scenario.name in self.trial.retried else _at_rest(so_far)
            setting = replace(
                self.setting,
                spins=spins(so_far),
                at_rest=at_rest,
                never_rests=never_rests(so_far),
            )
            recording = await play(self.cells, of, scenario, setting)
            if setting.bound is not None:
                setting.bound.heed(recording)
            return recording, alone

    async def retry_doubtful(self, catalogue: Catalogue, wanted: set[str]) -> None:
        """Play once more what stayed undecided and was not played twice already."""
        if not self.retry or _is_over(self.setting):
            return
        retried = self.trial.retried
        asked = [r for r in catalogue.requirements if r.scenario in wanted and r.scenario not in retried]
        doubtful = inconclusive_scenarios(asked, self.trial.recordings)
        retried += doubtful
        for name in doubtful:
            scenario = catalogue.scenarios[name]
            await self.run(scenario, Exclusivity.ALONE if scenario.alone else Exclusivity.SHARED)

    async def surprise(self, catalogue: Catalogue, fresh: set[str]) -> None:
        """Play some of these scenarios once more, late in a server's life; a client has none."""
        await surprise(
            partial(self.once, self.subject),
            [catalogue.scenarios[name] for name in sorted(fresh) if not catalogue.scenarios[name].alone],
            catalogue.requirements,
            self.trial.recordings,
            seed=self.setting.seed,
            count=0 if self.subject.is_client or _is_over(self.setting) else self.setting.surprise,
        )

    async def wonder(self, catalogue: Catalogue) -> None:
        """Find out which contract the server keeps, where none was chosen and it fails the lecture's."""
        recordings = self.trial.recordings
        if (
            self.setting.unsettled
            and SCENARIO not in recordings
            and not _shuts_all_out(recordings)
            and another.is_possible(judge_all(catalogue.requirements, recordings))
        ):
            await self.run(catalogue.scenarios[SCENARIO])

    async def tell_more(self, catalogue: Catalogue) -> None:
        """Add to the recordings what AddressSanitizer and strace say of failures."""
        subject, scenarios, recordings = self.subject, catalogue.scenarios, self.trial.recordings
        hurried = replace(self.setting, guard_s=strace_rerun.GUARD_S, needs_proof=False)
        traced = replace(self, setting=hurried).once
        await tell_set_up(subject, scenarios, recordings, traced)
        await tell_service(subject, scenarios, catalogue.requirements, recordings, traced)
        await tell_overflows(subject, scenarios, recordings, self.once)


def _is_over(setting: RunConfig) -> bool:
    """Whether the time for the whole examination is up."""
    return setting.bound is not None and not setting.bound.left_s


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
