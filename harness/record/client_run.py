"""Readings of a client's recording: when it connected, what it sent, what it showed, how it ended."""

import os
import re
from dataclasses import dataclass
from typing import Final

from .events import Died, Event, HalfClosed, Left, Received, Sent, Shown, Started, Typed
from .last_words import telling
from .missing import Missing
from .recording import Recording
from .snapshot import Snapshot
from .spelling import called, ending, spell

CLIENT: Final = "client"
SERVER: Final = "server"
_BUILT: Final = re.compile(r"/\S*/builds/\w+/")
_LINES: Final = 2
_OURS: Final = (Sent, HalfClosed, Left)


@dataclass(frozen=True, slots=True)
class Talk:
    """One run of the client within a recording: from its start, an index, to just before the next."""

    seen: Recording
    start: int
    stop: int

    def first(self, kind: type[Event], actor: str = CLIENT) -> int | None:
        """The place of the first event of a kind in this run; None without one."""
        return next((i for i, _ in self.seen.all(kind, actor) if self.start <= i < self.stop), None)

    def all(self, kind: type[Event], actor: str = CLIENT) -> list[int]:
        """Every place where it happened in this run."""
        return [i for i, _ in self.seen.all(kind, actor) if self.start <= i < self.stop]

    @property
    def typed(self) -> int | None:
        """The place at which the person typed; None if they did not."""
        return self.first(Typed)

    @property
    def sent(self) -> bytes:
        """All that the client put on the wire."""
        return self._bytes(Received)

    @property
    def unasked(self) -> bytes:
        """The bytes that came before the person had typed."""
        until = self.stop if self.typed is None else self.typed
        return b"".join(self.seen.bytes_at(i) for i in self.all(Received) if i < until)

    def shown(self, since: int = 0) -> bytes:
        """The bytes that it printed, from some event on."""
        return self._bytes(Shown, since)

    @property
    def at_the_end(self) -> Snapshot:
        """The last look in this run, after all that happened; raises Missing where it proves nothing."""
        looks = [each for each in self.seen.snapshots() if self.start <= each.index < self.stop]
        acts = [*self.all(Typed), *(i for kind in _OURS for i in self.all(kind, SERVER))]
        if not looks or looks[-1].index < max(acts, default=0):
            raise Missing("the client was not seen at rest afterwards")
        return looks[-1].proven()

    def spins_after(self, index: int | None) -> bool:
        """Whether it used the processor all the time at the first look after this event."""
        looks = (each for each in self.seen.snapshots() if index is not None and each.index > index)
        return next((each.proof == "spin" for each in looks if each.index < self.stop), False)

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it lived at the last look."""
        return not self.at_the_end.living

    @property
    def status(self) -> int | None:
        """The raw wait status, where this is the recording's last run and it has ended."""
        died = self.seen.final(Died)
        is_last = self.stop == len(self.seen.events)
        return died.status if died is not None and is_last else None

    @property
    def end(self) -> int:
        """The raw wait status with which it has ended; raises Missing where it was not seen."""
        if self.status is None:
            raise Missing("nobody saw how the client ended")
        return self.status

    @property
    def doing(self) -> str:
        """The state of its first living process at the last look, in words."""
        at = self.at_the_end
        if at.proof == "spin":
            return "using the processor all the time"
        call = next((process.call for process in at.living if process.call), "")
        return f"asleep in {called(call)}" if call else "running"

    def _bytes(self, kind: type[Event], since: int = 0) -> bytes:
        return b"".join(self.seen.bytes_at(i) for i in self.all(kind) if i >= since)


def talks(seen: Recording) -> list[Talk]:
    """Every run of the client; raises Missing where it was never started."""
    starts = [index for index, _ in seen.all(Started, CLIENT)]
    if not starts:
        raise Missing("the client was never started")
    return [
        Talk(seen, start, stop)
        for start, stop in zip(starts, [*starts[1:], len(seen.events)], strict=True)
    ]


def how_it_ended(status: int | None) -> str:
    """The end in words; "ended" where it is not known how."""
    return "ended" if status is None else ending(status)


def is_failure(status: int | None) -> bool:
    """Whether it exited with a status other than 0; a death by a signal is none."""
    return status is not None and os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0


def is_killed(status: int | None) -> bool:
    """Whether a signal ended it."""
    return status is not None and os.WIFSIGNALED(status)


def saying(talk: Talk) -> str:
    """The client's last words, for the end of a sentence; "" when it said nothing."""
    text = _BUILT.sub("./", talk.shown().decode("utf-8", "replace"))
    return f', saying "{told}"' if (told := telling(text, _LINES)) else ""


def words(data: bytes) -> str:
    """The printed bytes as one quoted word; "nothing" where there are none."""
    return spell(data.strip()) if data.strip() else "nothing"
