"""Two servers that served the same clients in the same minutes: what one costs more than the other.

Clients come in batches, each of the same size at both servers. An interval comes from a bootstrap over
the pairs of batches (Efron 1979): what a busy minute does to both of a pair stays in the pair.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import comb
from typing import Final

from harness.record.visits import percentile_ms

from .comparison import Comparison, Trend

CANNOT_TELL: Final = 125  # git-bisect(1): this commit is skipped
CONFIDENCE: Final = 0.99
CHANCE: Final = 0.001  # the probability that as many batches agree by chance, as coins would
_HALF, _MOST = 0.5, 0.99
_MOST_UNANSWERED: Final = 0.01
_NINE_OF_TEN: Final = (
    1.5  # half intervals: 2.58 standard errors to leave it, 1.28 more to do so 9 times of 10
)
_A_TENTH: Final = 0.1
LEAST_MS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Batch:
    """What clients waited for, those that were answered, and by how much they let a server grow."""

    clients: int
    lone_ns: tuple[int, ...]
    crowd_ns: tuple[int, ...]
    unanswered: int
    processes: int
    zombies: int
    descriptors: int
    kb: int
    own_us: int
    child_us: int


Pair = tuple[Batch, Batch]  # the old server's and the new one's
Draws = Sequence[Sequence[int]]  # numbers of pairs, drawn with replacement


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a server, where less is better.

    A difference counts that is larger than `least` (in `unit`) and than `share` of the old one. What
    `is_counted` is whole things that stay: one in many clients counts, and so batches are compared.
    """

    name: str
    unit: str
    of: Callable[[Sequence[Batch]], float]
    least: float = 0.0
    share: float = 0.0
    is_counted: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure of both servers: `low` to `high` is the interval of the difference.

    `ratio` is the interval of new / old, None where the old one is nothing. In `more` pairs the new
    server grew by more than the old one, in `less` by less.
    """

    measure: Measure
    old: float
    new: float
    low: float
    high: float
    ratio: tuple[float, float] | None
    more: int
    less: int

    @property
    def sees(self) -> float | None:
        """So small a difference is found in nine of ten such measurements; None of what is counted."""
        if self.measure.is_counted:
            return None
        return self._bound + _NINE_OF_TEN * (self.high - self.low) / 2

    @property
    def _bound(self) -> float:
        return max(self.measure.least, self.measure.share * self.old)

    def demanded(self, least: float) -> float:
        """What must be seen where `least` is wanted: a tenth of what the old server takes, if more."""
        return max(least, _A_TENTH * self.old)

    def rules_out(self, least: float) -> bool:
        """Whether it would have seen such a difference, and there is none."""
        limit = self.demanded(least)
        return self.sees is not None and self.sees <= limit and self.high < limit

    @property
    def is_suspect(self) -> bool:
        """Whether it is worth measuring again: worse by these batches."""
        if self.measure.is_counted:
            return self.new > self.old
        return self.low > self._bound

    @property
    def is_proven(self) -> bool:
        """Whether it grows in more batches than chance explains."""
        return self.is_suspect and chance(self.more, self.less) <= CHANCE


def chance(more: int, less: int) -> float:
    """The probability of `more` or still more, if both signs were as likely: the sign test."""
    tried = more + less
    return sum(comb(tried, each) for each in range(more, tried + 1)) / 2.0**tried


def _wait(lists: Callable[[Batch], tuple[int, ...]], share: float) -> Callable[[Sequence[Batch]], float]:
    def of(batches: Sequence[Batch]) -> float:
        spans = [span for batch in batches for span in lists(batch)]
        return percentile_ms(spans, share) if spans else 0.0

    return of


def _each(grown: Callable[[Batch], int], clients: float = 1.0) -> Callable[[Sequence[Batch]], float]:
    def of(batches: Sequence[Batch]) -> float:
        total: int = sum(map(grown, batches))
        return clients * total / sum(batch.clients for batch in batches)

    return of


def _lone(batch: Batch) -> tuple[int, ...]:
    return batch.lone_ns


def _crowd(batch: Batch) -> tuple[int, ...]:
    return batch.crowd_ns


PROCESSOR: Final = Measure(
    "processor time", "ms", _each(lambda b: b.own_us + b.child_us, 0.001), 0.05, 0.2
)
UNANSWERED: Final = Measure("not answered", "", _each(lambda b: b.unanswered, 1000), is_counted=True)
LONE: Final = Measure("wait alone, half", "ms", _wait(_lone, _HALF), 0.3)
MEASURES: Final = (
    LONE,
    Measure("wait alone, 99 %", "ms", _wait(_lone, _MOST), 2.0, 0.5),
    Measure("wait in a crowd, half", "ms", _wait(_crowd, _HALF), 0.5, 0.1),
    Measure("wait in a crowd, 99 %", "ms", _wait(_crowd, _MOST), 4.0, 0.5),
    PROCESSOR,
    Measure("memory kept", "KiB", _each(lambda b: b.kb), 0.3),
    Measure("zombies", "", _each(lambda b: b.zombies, 1000), is_counted=True),
    Measure("descriptors lost", "", _each(lambda b: b.descriptors, 1000), is_counted=True),
    Measure("processes left", "", _each(lambda b: b.processes, 1000), is_counted=True),
    UNANSWERED,
)


def compared(pairs: Sequence[Pair], draws: Draws, measures: Sequence[Measure]) -> list[Compared]:
    """Comparisons by each of these measures that is fair; see `unfair`."""
    sides = [[pair[side] for pair in pairs] for side in (0, 1)]
    return [_one(each, sides, draws) for each in measures if not unfair(each, pairs)]


def unfair(measure: Measure, pairs: Sequence[Pair]) -> str:
    """Why a difference in this measure would say nothing of the new server; "" where it does.

    A server that sends clients away without an answer, or has no more processes for them, is quick.
    """
    if measure.is_counted:
        return ""
    for side, name in enumerate(("old", "new")):
        unanswered = sum(pair[side].unanswered for pair in pairs)
        if unanswered > _MOST_UNANSWERED * sum(pair[side].clients for pair in pairs):
            return f"the {name} server left {unanswered:,} clients without an answer"
    has_children = [any(pair[side].child_us > 0 for pair in pairs) for side in (0, 1)]
    if measure is PROCESSOR and has_children[0] is not has_children[1]:
        return (
            "one of the servers does not wait for its children, so the kernel keeps no account of them"
        )
    return ""


def _one(measure: Measure, sides: Sequence[Sequence[Batch]], draws: Draws) -> Compared:
    drawn = [[measure.of([side[number] for number in draw]) for side in sides] for draw in draws]
    ratios = [new / old for old, new in drawn if old > 0]
    each = [(measure.of([old]), measure.of([new])) for old, new in zip(*sides, strict=True)]
    low, high = _interval([new - old for old, new in drawn])
    return Compared(
        measure,
        old=measure.of(sides[0]),
        new=measure.of(sides[1]),
        low=low,
        high=high,
        ratio=_interval(ratios) if len(ratios) == len(drawn) else None,
        more=sum(new > old for old, new in each),
        less=sum(new < old for old, new in each),
    )


def _interval(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    outside = int(len(ordered) * (1 - CONFIDENCE) / 2)
    return ordered[outside], ordered[-1 - outside]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """All measures of two servers, to each of which `clients` came; and those that are `worse`.

    What is worse was so in each of several measurements. `unsettled` looked worse, and could not be
    measured again in the time that there is. `left_out` are measures by name, each with the reason.
    `unseen` could be worse by what was demanded, `least_ms`, all the same.
    """

    clients: int
    measures: tuple[Compared, ...]
    worse: tuple[Compared, ...]
    unsettled: tuple[Compared, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    unseen: tuple[Compared, ...] = ()
    least_ms: float = LEAST_MS


_UNSETTLED: Final = "looked worse, and could not be settled when it was measured again"


def _unseen(each: Compared, least: float) -> str:
    unit = each.measure.unit
    return (
        f"{each.measure.name}: {each.demanded(least):.1f} {unit} more could not be ruled out (measured: "
        f"{each.low:+.2f} to {each.high:+.2f} {unit}; found from {each.sees or 0:.1f} {unit} on)"
    )


@dataclass(frozen=True, slots=True)
class ServersCompared:
    """Verdicts and evidence, then what a client costs; `why_not` says why that was not measured.

    `once` counts verdicts that differed in the first run, and not when it was repeated.
    """

    verdicts: Comparison
    costs: SideBySide | None
    why_not: str = ""
    once: int = 0

    @property
    def is_worse(self) -> bool:
        """Whether there is a regression: a verdict that counts, or a measure."""
        changes = self.verdicts.changes
        is_worse = any(each.trend is Trend.WORSE and each.counts for each in changes)
        return is_worse or bool(self.costs and self.costs.worse)

    @property
    def untold(self) -> tuple[str, ...]:
        """The measures and verdicts that could not be told; nothing where the comparison is whole."""
        changes = self.verdicts.changes
        found = [each.id for each in changes if each.counts and each.trend is Trend.NOT_TOLD]
        if self.costs is not None:
            found += [f"{each.measure.name}: {_UNSETTLED}" for each in self.costs.unsettled]
            found += [_unseen(each, self.costs.least_ms) for each in self.costs.unseen]
            left_out = self.costs.left_out
            seen = self.costs.measures
            if LONE.name in left_out and any(
                each.measure is UNANSWERED and each.new >= each.old for each in seen
            ):
                found += [f"{name}: {why}" for name, why in left_out.items()]
        return (*found, *filter(None, [self.why_not]))

    @property
    def exit_status(self) -> int:
        """As `git bisect run` has it: 0 good, 1 a regression, 125 where it could not be told."""
        return 1 if self.is_worse else CANNOT_TELL if self.untold else 0
