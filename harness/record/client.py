"""The story of one client: when it came, what it said, what it was answered, how it ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import answers
from .contract import Contract
from .events import (
    Connected,
    End,
    Event,
    Fin,
    Flooded,
    Hangs,
    Left,
    Received,
    Refused,
    Rst,
    Sent,
    Shown,
    Typed,
)
from .missing import Missing
from .spelling import spell


@dataclass(frozen=True, slots=True)
class Client:
    """One peer or console: places among the recording's events, and what was said.

    `came` is all that came, from event `heard` on, but for the contract's greeting, which is no answer.
    `answer` and `answered` are the same where that is an answer (see `answers`), and nothing where it is
    none: then it is the `refusal`. In a dialogue `sent` is the lines that were asked, whatever the words
    around them. It went away at `left`. Of what was sent without end, `more` bytes are not kept.
    """

    name: str
    port: int | None
    connected: int | None
    asked: int | None
    answered: int | None
    ended: int | None
    end: End | None
    left: int | None
    was_refused: bool
    hangs: bool
    sent: bytes
    answer: bytes
    heard: int | None
    came: bytes
    more: int = 0

    @property
    def refusal(self) -> bytes:
        """The bytes that came and are no reply to this client; b"" for a reply, or for nothing."""
        return b"" if self.answer else self.came

    def came_in_words(self, at: int = 0) -> str:
        """The bytes that came, as one quoted word, cut around byte `at`; with their number."""
        return spell(self.came, at, more=self.more)

    def was_answered(self, before: int | None) -> bool:
        """Whether it got its answer before a given event; ever, if that is None."""
        return self.answered is not None and (before is None or self.answered < before)

    def was_sent_away(self, before: int | None = None) -> bool:
        """Whether its connection was closed without its answer before a given event: none can come."""
        if self.answer or self.end is not End.FIN or self.ended is None:
            return False
        return before is None or self.ended < before

    def require_attempt(self) -> None:
        """Raise Missing unless the client asked or could not connect: else silence is no fault."""
        if self.asked is None and not self.was_refused and not self.hangs:
            raise Missing(f"{self.name!r} never asked")


@dataclass(frozen=True, slots=True)
class Heard:
    """One client's words and what it got: `came` beyond the greeting, and after which event how much."""

    line: bytes
    came: bytes
    pieces: tuple[tuple[int, int], ...]
    is_screen: bool = False

    def is_right(self, contract: Contract) -> bool:
        """Whether it got a right reply."""
        right = answers.is_on_screen if self.is_screen else Contract.is_reply
        return bool(self.came) and right(contract, self.line, self.came)

    def answered(self, contract: Contract, answers_somebody: Callable[[], bool]) -> int | None:
        """Where what it got was first its answer; None when it never was.

        Where no client was answered rightly, whatever came is an answer.
        """
        if not self.came:
            return None
        judge = answers.is_on_screen if self.is_screen else answers.is_own
        if judge(contract, self.line, self.came):
            return next(i for i, size in self.pieces if judge(contract, self.line, self.came[:size]))
        return None if answers_somebody() else self.pieces[0][0]


def hear(own: Sequence[tuple[int, Event]], contract: Contract) -> Heard:
    """One client's words and what it got, by its own events and their places in the recording."""
    line, data, kinds = b"", b"", set[type[Event]]()
    pieces: list[tuple[int, int]] = []  # (index, bytes so far)
    for index, event in own:
        kinds.add(type(event))
        if isinstance(event, Sent | Typed):
            line += event.data
        elif isinstance(event, Received | Shown):
            data += event.data
            pieces.append((index, len(data)))
    came = contract.reply_in(data, line)
    if len(came) < len(data) and contract.dialogue is not None:  # of others' words some come later
        counted = [(i, len(contract.reply_in(data[:size], line))) for i, size in pieces]
    else:
        counted = [(i, size - len(data) + len(came)) for i, size in pieces]
    screen = not kinds.isdisjoint({Typed, Shown})
    return Heard(line, came, tuple((i, size) for i, size in counted if size > 0), screen)


def story_of(
    name: str, own: Sequence[tuple[int, Event]], contract: Contract, answers_somebody: Callable[[], bool]
) -> Client:
    """The story of one client, by its own events and their places; raises Missing where it has none."""
    port = connected = asked = ended = left = None
    kept = taken = 0
    end: End | None = None
    kinds = set[type[Event]]()
    for index, event in own:
        kinds.add(type(event))
        match event:
            case Connected():
                connected, port = index, event.port
            case Sent() | Typed():
                asked = index if asked is None else asked
            case Fin() | Rst():
                ended, end = index, End.FIN if isinstance(event, Fin) else End.RST
            case Received():
                kept += len(event.data)
            case Flooded():
                taken = event.taken
            case Left():
                left = index if left is None else left
    if not kinds:
        raise Missing(f"the run did not get as far as the client {name!r}")
    heard = hear(own, contract)
    answered = heard.answered(contract, answers_somebody)
    return Client(
        name=name,
        port=port,
        connected=connected,
        asked=asked,
        answered=answered,
        ended=ended,
        end=end,
        left=left,
        was_refused=Refused in kinds,
        hangs=Hangs in kinds,
        sent=heard.line,
        answer=b"" if answered is None else heard.came,
        heard=heard.pieces[0][0] if heard.pieces else None,
        came=heard.came,
        more=max(0, taken - kept),
    )
