"""The figures of a crowd at a server: no verdict, and whether they may be believed."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Final

from harness.record.contract import Contract
from harness.record.visits import Visit, percentile_ms

MOST_LATE_MS: Final = 5.0  # our own lateness, of all but one client in a hundred
SHARES: Final = {"half": 0.5, "90 %": 0.9, "99 %": 0.99, "99.9 %": 0.999, "worst": 1.0}
RIGHT: Final = "answered"
_TOO_LATE: Final = "no answer in time"
_DECIMALS: Final = 3


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the clients of a crowd come and speak; fixed beforehand, whatever the server does.

    `rate` of them come in each second. Each is silent for `silence_s`, and then waits: an answer after
    `patience_s` comes too late. The crowd also ends when nothing has happened for `patience_s`.
    """

    clients: int
    silence_s: float
    rate: float
    patience_s: float

    @property
    def arrivals_s(self) -> list[float]:
        """When each comes, in seconds from the start."""
        return [number / self.rate for number in range(self.clients)]

    @property
    def lines(self) -> list[bytes]:
        """The line of each client; no two say the same."""
        return [b"client %d of the crowd\n" % number for number in range(self.clients)]

    @property
    def longest_s(self) -> float:
        """From the first client to the moment when the last one's patience is at its end."""
        return self.clients / self.rate + self.silence_s + self.patience_s


@dataclass(frozen=True, slots=True)
class Count:
    """The server's family, `at_s` seconds after the first client came: what lived, and was open."""

    at_s: float
    processes: int
    zombies: int
    descriptors: int


@dataclass(frozen=True)
class CrowdResult:
    """One crowd at one server. `late_ns` is how late we ourselves were, for each client that spoke.

    `cell` and `counts` are empty where the server is not ours to look at.
    """

    target: str
    schedule: Schedule
    contract: Contract
    visits: Sequence[Visit]
    late_ns: Sequence[int]
    cell: str = ""
    counts: Sequence[Count] = ()

    @property
    def outcomes(self) -> dict[str, int]:
        """How many clients were answered rightly, and what became of the others, most frequent first."""
        return dict(Counter(self._became).most_common())

    @property
    def is_void(self) -> bool:
        """Whether we ourselves came too late: then the waits are not the server's alone."""
        return bool(self.late_ns) and percentile_ms(self.late_ns, 0.99) > MOST_LATE_MS

    @property
    def exit_status(self) -> int:
        """2 where the run is void, 1 where a client was not answered rightly, else 0."""
        return 2 if self.is_void else int(self.outcomes.keys() != {RIGHT})

    @property
    def waits_ns(self) -> list[float]:
        """How long each waited from its intended moment; infinity for one without a right answer."""
        return self._waits_ns(visit.intended_ns for visit in self.visits)

    @property
    def percentiles_ms(self) -> dict[str, dict[str, float]]:
        """Each kind of span by name, each share of the clients by name: the longest that they waited."""
        spans: dict[str, list[float]] = {
            "wait from the intended moment": self.waits_ns,
            "wait from the actual sending": self._waits_ns(each.sent_ns for each in self.visits),
            "our own lateness": [*map(float, self.late_ns)] or [math.inf],
        }
        return {
            name: {share: percentile_ms(of, part) for share, part in SHARES.items()}
            for name, of in spans.items()
        }

    def as_data(self) -> dict[str, object]:
        """The result as plain values, for scripts; None stands for a wait without an end."""
        return {
            "target": self.target,
            "cell": self.cell or None,
            **asdict(self.schedule),
            "is_void": self.is_void,
            "outcomes": self.outcomes,
            "percentiles_ms": {
                name: {share: _finite(value) for share, value in of.items()}
                for name, of in self.percentiles_ms.items()
            },
            "waits_ms": [_finite(wait / 1e6) for wait in self.waits_ns],
            "family": list(map(asdict, self.counts)),
        }

    @cached_property
    def _became(self) -> list[str]:
        """The outcome of each visit."""
        return list(map(self._outcome, self.visits))

    def _outcome(self, visit: Visit) -> str:
        came = self.contract.reply_in(visit.answer, visit.line)
        is_right = bool(came) and self.contract.is_reply(visit.line, came)
        if visit.error and not is_right:
            return visit.error if visit.ended_ns else _TOO_LATE
        if not is_right:
            return "another answer" if came else "sent away without an answer"
        in_time = self._answered_ns(visit) - visit.intended_ns <= self.schedule.patience_s * 1e9
        return RIGHT if in_time else _TOO_LATE

    def _answered_ns(self, visit: Visit) -> int:
        """When its answer began; where the server greets, when it was over."""
        return visit.ended_ns if self.contract.greets else visit.answered_ns

    def _waits_ns(self, since_ns: Iterable[int]) -> list[float]:
        """How long each waited, from these moments."""
        each = zip(self.visits, self._became, since_ns, strict=True)
        return [self._answered_ns(v) - since if was == RIGHT else math.inf for v, was, since in each]


def _finite(value: float) -> float | None:
    return round(value, _DECIMALS) if math.isfinite(value) else None
