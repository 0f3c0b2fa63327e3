"""Brings the same clients to two servers in turn, and measures again whatever looks worse."""

import asyncio
import math
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import Final

import harness
from harness.cell.cell import CellError
from harness.cell.cells import Cells
from harness.cell.look_protocol import StockTaken
from harness.record.contract import Contract
from harness.record.missing import Missing
from harness.record.visits import waits_ns
from harness.results.side_by_side import (
    LEAST_MS,
    LONE,
    MEASURES,
    UNANSWERED,
    Batch,
    Compared,
    Draws,
    Pair,
    SideBySide,
    compared,
    unfair,
)
from harness.stage import CouldNotTell, Stage
from harness.subject.subject import Subject

from .crowd_run import undisturbed
from .open_stage import OpenStage
from .play import RunConfig

BATCHES: Final = 20
_MOST_PAIRS: Final = 200  # until what is demanded would be seen
AGAIN: Final = 2  # so often what is worse must come back, each time in new processes
_DRAWS: Final = 500
_LONE, _CROWD, _AT_ONCE = 20, 64, 16
_LONE_S, _CROWD_S, _SILENT_S = 0.25, 0.75, 0.01
_WARM: Final = (8, 32)
_A_BATCH: Final = 2  # things that stay, by the rate that was seen: then hardly a batch has none
_MOST_CLIENTS: Final = 1200
_FEWEST_CLIENTS: Final = 8
_MOST_BATCHES: Final = 24
_HOPELESS: Final = 12  # batches of which none, or against which three, speak for the suspicion
_AGAINST: Final = 3
_LONGEST_S: Final = 180.0
_SPENT_S: Final = 600  # of processor time: a cell's own limit is meant for a check
_ROOM: Final = 1024  # for zombies, too: a server that reaps not all shall go on for a while
_DAY_S: Final = 86_400.0
Note = Callable[[str], None]
Size = tuple[int, int]  # clients that come alone, and in a crowd


class NotMeasured(harness.HarnessError):
    """The two could not be measured side by side; the text says why. It is nobody's fault."""


class Meter:
    """Measures two servers that listen, in cells of their own. `note` hears how far it is."""

    def __init__(
        self,
        cells: Cells,
        old: Subject,
        new: Subject,
        contract: Contract,
        seed: int,
        note: Note,
        least_ms: float = LEAST_MS,
    ) -> None:
        """Both servers keep this contract; a wait longer by `least_ms` shall be seen.

        Raises:
            NotMeasured: this machine's cells have no ports of their own.
        """
        if asyncio.run(cells.grant()).kind == "plain":
            raise NotMeasured(
                "two servers side by side need ports of their own, which this machine's cells have not "
                "('forkspec doctor' says why)"
            )
        limits = [{"cpu_s": _SPENT_S, **each.limits} for each in (old, new)]
        self._subjects = [replace(each, limits=of) for each, of in zip((old, new), limits, strict=True)]
        self._cells, self._contract, self._note = cells, contract, note
        self._least_ms = least_ms
        self._random = random.Random(seed)
        self._setting = RunConfig(seed=seed, contract=contract, longest_s=_DAY_S)

    def measure(self) -> SideBySide:
        """Measure; then what looks worse again, each time in new processes; raises NotMeasured."""
        try:
            with undisturbed():
                return self._measured()
        except (CellError, CouldNotTell, Missing) as error:
            raise NotMeasured(f"not measured: {error}") from error

    def _measured(self) -> SideBySide:
        with self._open(is_swapped=False) as both:
            size = both.size()
            pairs = self._pairs(both, size)
        found = compared(pairs, self._draws(len(pairs)), MEASURES)
        worse = [each for each in found if each.is_suspect]
        unsettled: list[Compared] = []
        for time_ in range(AGAIN):
            if again := [each for each in worse if not (time_ and each.measure.is_counted)]:
                self._note(f"what looks worse is measured again ({time_ + 1} of {AGAIN})")
                with self._open(is_swapped=time_ % 2 == 0) as both:
                    gone = self._not_again(both, again, size, unsettled)
                worse = [each for each in worse if each not in gone]
        clients = sum(old.clients for old, _ in pairs)
        left_out = {each.name: why for each in MEASURES if (why := unfair(each, pairs))}
        doubtful = (each for each in found if each.measure is LONE and not each.is_suspect)
        unseen = tuple(each for each in doubtful if not each.rules_out(self._least_ms))
        told = tuple(found), tuple(worse), tuple(unsettled)
        return SideBySide(clients, *told, left_out, unseen, self._least_ms)

    def _pairs(self, both: "_Both", size: Size) -> list[Pair]:
        """As many pairs of batches as it takes to see what is demanded, or to see that it is worse."""
        pairs: list[Pair] = []
        end_s = time.monotonic() + _LONGEST_S
        while len(pairs) < _MOST_PAIRS:
            so_far = f"batch {len(pairs) + 1} of {len(pairs) // BATCHES * BATCHES + BATCHES}"
            self._note(f"clients come to both: {so_far}")
            pairs.append(both.pair(size if len(pairs) < BATCHES else (size[0], _AT_ONCE)))
            if len(pairs) % BATCHES == 0 and (self._is_seen(pairs) or time.monotonic() > end_s):
                break
        return pairs

    def _is_seen(self, pairs: Sequence[Pair]) -> bool:
        found = compared(pairs, self._draws(len(pairs)), [LONE])
        return all(each.is_suspect or each.rules_out(self._least_ms) for each in found)

    def _not_again(
        self, both: "_Both", suspects: Sequence[Compared], size: Size, unsettled: list[Compared]
    ) -> list[Compared]:
        """Those of the suspects that do not come back here."""
        both.pair(_WARM)
        gone = []
        smooth = {each.measure.name: each for each in suspects if not each.measure.is_counted}
        if measures := [each.measure for each in smooth.values()]:
            pairs = (
                self._pairs(both, size)
                if LONE in measures
                else [both.pair(size) for _ in range(BATCHES)]
            )
            again = {
                each.measure.name: each for each in compared(pairs, self._draws(len(pairs)), measures)
            }
            for name, suspect in smooth.items():
                now = again.get(name)
                if now is not None and now.is_suspect:
                    continue
                gone.append(suspect)
                if now is None or (now.measure is LONE and not now.rules_out(self._least_ms)):
                    unsettled.append(suspect)
        for suspect in (each for each in suspects if each.measure.is_counted):
            is_back = self._comes_back(both, suspect, size)
            if is_back is None:
                unsettled.append(suspect)
            if not is_back:
                gone.append(suspect)
        return gone

    def _comes_back(self, both: "_Both", suspect: Compared, size: Size) -> bool | None:
        """Whether more stays at the new one, batch after batch; None where it is neither so nor not so.

        A server that answers nobody any more may have come to that late. Then as many clients come as
        at first.
        """
        is_late = suspect.measure is UNANSWERED
        clients = math.ceil(_A_BATCH * 1000 / (suspect.new - suspect.old))
        clients = max(_FEWEST_CLIENTS, min(_MOST_CLIENTS, clients))
        if not is_late:
            size = max(1, clients * _LONE // (_LONE + _CROWD)), clients
        pairs: list[Pair] = []
        end_s = time.monotonic() + _LONGEST_S
        while len(pairs) < _MOST_BATCHES:
            pairs.append(both.pair(size))
            (now,) = compared(pairs, [range(len(pairs))], [suspect.measure])
            if now.is_proven:
                return True
            if now.less >= _AGAINST or (len(pairs) >= _HOPELESS and not (now.more or is_late)):
                return False
            if time.monotonic() > end_s:
                return None
        return None if now.more else False

    def _draws(self, pairs: int) -> Draws:
        return [self._random.choices(range(pairs), k=pairs) for _ in range(_DRAWS)]

    @contextmanager
    def _open(self, *, is_swapped: bool) -> Iterator["_Both"]:
        """Both servers started, the new one first if `is_swapped`."""
        old, new = self._subjects
        start = partial(OpenStage, self._cells, setting=self._setting, name="compare", clients=_ROOM)
        with (
            closing(start(subject=new if is_swapped else old)) as first,
            closing(start(subject=old if is_swapped else new)) as second,
        ):
            stages = (second, first) if is_swapped else (first, second)
            for seen in (stage.recording for stage in stages if stage.is_over):
                why = seen.broke_off or f"{seen.subject} does not listen"
                raise NotMeasured(f"not measured: {why}")
            yield _Both(stages, self._contract)


class _Both:
    """The old and the new server, both running; they take turns at being measured first."""

    def __init__(self, stages: tuple[OpenStage, OpenStage], contract: Contract) -> None:
        self._stages = stages
        self._contract = contract
        self._came = 0

    def size(self) -> Size:
        """How many come in a batch: fewer where each takes long. The servers are warm then."""
        began_s = time.monotonic()
        pair = self.pair(_WARM)
        took_s = (time.monotonic() - began_s) / 2
        lone_s = max(statistics.median(batch.lone_ns or [0]) for batch in pair) / 1e9
        a_client_s = took_s / sum(_WARM)
        return (
            max(4, min(_LONE, int(_LONE_S / max(lone_s, 1e-6)))),
            max(_AT_ONCE, min(_CROWD, int(_CROWD_S / max(a_client_s, 1e-6)))),
        )

    def pair(self, size: Size) -> Pair:
        """Measure a batch of clients at each of the two servers."""
        self._came += 1
        sides = [0, 1] if self._came % 2 else [1, 0]
        batches = {side: self._stages[side].act(partial(self._batch, size)) for side in sides}
        return batches[0], batches[1]

    async def _batch(self, size: Size, stage: Stage) -> Batch:
        before = await stage.server.usage.stock()
        lone, crowd = size
        alone = await stage.clients.crowd(f"lone {self._came}", self._lines(lone), at_once=1)
        many = await stage.clients.crowd(
            f"crowd {self._came}",
            self._lines(crowd),
            at_once=stage.server.room_for(_AT_ONCE),
            delay_s=_SILENT_S,
        )
        await stage.quiet(unless=stage.server.is_alone)
        waits = [waits_ns(each, to_the_end=self._contract.greets) for each in (alone, many)]
        answered = [tuple(wait for wait in each if wait is not None) for each in waits]
        grown = _grown(before, await stage.server.usage.stock())
        unanswered = lone + crowd - sum(map(len, answered))
        return Batch(lone + crowd, answered[0], answered[1], unanswered, **grown)

    def _lines(self, many: int) -> list[bytes]:
        return [b"client %d of batch %d\n" % (number, self._came) for number in range(many)]


def _grown(before: StockTaken, after: StockTaken) -> dict[str, int]:
    names = StockTaken.__struct_fields__
    return {name: getattr(after, name) - getattr(before, name) for name in names}
