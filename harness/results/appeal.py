"""An appeal: one verdict of a judged hand-in, beside those of new examinations of the work."""

from collections import Counter
from dataclasses import dataclass

from harness.judge.verdict import Outcome
from harness.record.events import Started

from .result import Result


@dataclass(frozen=True, slots=True)
class Appeal:
    """One requirement of one student, judged `then` and `since` by `version`; `parcel` is a tar.gz."""

    student: str
    requirement: str
    then: Result
    since: tuple[Result, ...]
    version: str
    parcel: bytes

    @property
    def outcome(self) -> Outcome:
        """The verdict of the first judgement."""
        return self.then.verdicts[self.requirement].outcome

    @property
    def outcomes(self) -> Counter[Outcome]:
        """How often each verdict came since."""
        return Counter(each.verdicts[self.requirement].outcome for each in self.since)


def builds(result: Result) -> frozenset[str]:
    """The short names of the builds that were started; empty where nothing is built."""
    return frozenset(
        str(event.build)
        for recording in result.recordings.values()
        for event in recording.every(Started)
        if event.build
    )
