"""The drawing of a sketch: lanes as rows of signs, a step to the right for each event, and a legend."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from rich.text import Text

from harness.diagram import Happening, Lane, Mark, Phase, SpaceTime, Span
from harness.record.spelling import called

from .printable import printable

_WIDEST_STEP: Final = 5
_LINE: Final = {
    Phase.CONNECTING: ("·", "dim", "no place in the queue"),
    Phase.QUEUED: ("┄", "dim", "not accepted"),
    Phase.SILENT: ("─", "", "silent, or without a connection"),
    Phase.WAITING: ("▒", "yellow", "waits"),
    Phase.ANSWERED: ("─", "", ""),
    Phase.IDLE: ("─", "dim", "silent, or without a connection"),
    Phase.SERVING: ("━", "blue", "holds a connection"),
    Phase.ALIVE: ("─", "", "silent, or without a connection"),
    Phase.STOPPED: ("‖", "dim", "stopped by forkspec"),
    Phase.ZOMBIE: ("z", "bold red", "zombie"),
}
_SIGN: Final = {
    Happening.CONNECTS: ("├", "", "connects"),
    Happening.PART: ("»", "bold", "sends a part of a line"),
    Happening.ASKS: ("↵", "bold", "asks"),
    Happening.REPLY: ("✓", "green", "reply"),
    Happening.FIN: ("┤", "", "ends"),
    Happening.LEAVES: ("┤", "", "ends"),
    Happening.RST: ("✗", "red", "reset"),
    Happening.REFUSED: ("⊘", "red", "refused"),
    Happening.BREAKS_OFF: ("╡", "", "breaks off"),
    Happening.BORN: ("└", "blue", "is born"),
    Happening.EXITS: ("x", "", "exits"),
    Happening.KILLED: ("†", "", "is killed"),
    Happening.REAPED: ("■", "green", "reaped"),
}
_FORKS: Final = ("┬", "blue", "forks")
_EXPLAINED: Final = (
    "zombie", "waits", "sends a part of a line", "asks", "reply", "not accepted", "reset", "refused",
    "breaks off", "stopped by forkspec", "holds a connection", "the next client",
    "reaped", "exits", "is killed", "forks", "is born", "connects", "ends",
    "silent, or without a connection", "no place in the queue",
)  # fmt: skip
_NEXT: Final = ("┃", "blue", "the next client")
_PASSES: Final = ("│", "blue", "")
_Row = list[tuple[str, str]]
_BLANK: Final = (" ", "")


class Drawing:
    """Lanes on a grid of characters; `used` are the signs that came into it, for the legend."""

    def __init__(self, seen: SpaceTime, lanes: Sequence[Lane], width: int) -> None:
        self._lanes = [replace(lane, spans=_drawn(lane.spans)) for lane in lanes]
        self._end_ns = seen.end_ns
        self._start_ns = min(
            lane.start_ns for lane in (*seen.clients, *lanes[1:]) if lane.name != "server"
        )
        moments = sorted({at for lane in self._lanes for at in self._moments(lane)} | {seen.end_ns})
        step = min(_WIDEST_STEP, (width - 2) / max(1, len(moments) - 1))
        self._column = {at: 1 + int(n * step) for n, at in enumerate(moments)}
        self._width = max(self._column.values()) + 1
        self.used: dict[str, str] = {}

    def _moments(self, lane: Lane) -> Iterator[int]:
        for span in lane.spans:
            yield from (at for at in (span.start_ns, span.end_ns) if at > self._start_ns)
        yield from (mark.at_ns for mark in self._signs(lane))
        yield max(lane.start_ns, self._start_ns)

    def _signs(self, lane: Lane) -> Iterator[Mark]:
        """The marks that are drawn: nothing more of a client once it has read the end."""
        has_ended = False
        for mark in lane.marks:
            if mark.what in _SIGN and mark.at_ns >= self._start_ns and not has_ended:
                yield mark
            has_ended = has_ended or mark.what in {Happening.FIN, Happening.RST}

    def rows(self) -> list[Text]:
        """A line for each lane."""
        grid: list[_Row] = [[_BLANK] * self._width for _ in self._lanes]
        for row, lane in zip(grid, self._lanes, strict=True):
            before: tuple[str, ...] = ()
            for span in lane.spans:
                if span.end_ns > self._start_ns:
                    is_next = bool(before) and not set(before) >= set(span.clients)
                    self._draw_span(row, span, is_next=is_next)
                    before = span.clients if span.phase is Phase.SERVING else ()
            for mark in self._signs(lane):
                self._put(row, self._column[mark.at_ns], _SIGN[mark.what])
        self._draw_forks(grid)
        for row, lane in zip(grid, self._lanes, strict=True):
            self._write_words(row, lane)
        drawn = [Text.assemble(*_runs(row)) for row in grid]
        for each in drawn:
            each.rstrip()
        return drawn

    def _draw_span(self, row: _Row, span: Span, *, is_next: bool) -> None:
        begin, end = self._columns(span)
        for column in range(begin, max(end, begin + 1)):
            self._put(row, column, _LINE[span.phase])
        if span.phase is Phase.SERVING and is_next:
            self._put(row, begin, _NEXT)

    def _columns(self, span: Span) -> tuple[int, int]:
        """Where a span begins, and the column after its last."""
        begin = 0 if span.start_ns < self._start_ns else self._column[span.start_ns]
        return begin, self._width if span.end_ns >= self._end_ns else self._column[span.end_ns]

    def _write_words(self, row: _Row, lane: Lane) -> None:
        """In the middle of a line that has room for it, and where no child's line begins."""
        for span in lane.spans:
            word = f" {_word(span)} "
            if span.end_ns <= self._start_ns or not _word(span) or not word.isascii():
                continue
            begin, end = self._columns(span)
            sign, style, _ = _LINE[span.phase]
            room = row[begin + 2 : begin + 2 + len(word)]
            if len(word) + 2 <= end - begin and all(each == (sign, style) for each in room):
                row[begin + 2 : begin + 2 + len(word)] = [(each, f"bold {style}") for each in word]

    def _draw_forks(self, grid: Sequence[_Row]) -> None:
        """A tooth of the comb from the parent's line down to the child's."""
        place = {lane.name: n for n, lane in enumerate(self._lanes)}
        for n, lane in enumerate(self._lanes):
            parent = place.get(lane.parent)
            if parent is None or parent >= n or lane.start_ns < self._start_ns:
                continue
            column = self._column[lane.start_ns]
            self._put(grid[parent], column, _FORKS)
            for row in grid[parent + 1 : n]:
                if row[column] is _BLANK:
                    self._put(row, column, _PASSES)

    def _put(self, row: _Row, column: int, what: tuple[str, str, str]) -> None:
        sign, style, meaning = what
        row[column] = (sign, style)
        if meaning:
            self.used.setdefault(meaning, sign)


def _drawn(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The spans; neighbours that look alike are joined, for only a change takes a step."""
    found: list[Span] = []
    for span in spans:
        if found and _looks(found[-1]) == _looks(span) and found[-1].end_ns == span.start_ns:
            found[-1] = replace(found[-1], end_ns=span.end_ns)
        else:
            found.append(span)
    return tuple(found)


def _looks(span: Span) -> tuple[str, str, tuple[str, ...]]:
    return _LINE[span.phase][0], _word(span), span.clients


def _runs(row: _Row) -> Iterator[tuple[str, str]]:
    """The line as text with its style, piece by piece; neighbours of one style are one piece."""
    for style, signs in groupby(row, key=lambda sign: sign[1]):
        yield "".join(sign for sign, _ in signs), style


def _word(span: Span) -> str:
    """The word in a process's line: the client that it serves, or the call in which it sleeps."""
    if span.phase is Phase.SERVING:
        many = len(span.clients)
        return printable(span.clients[0]) if many == 1 else f"{many} connections"
    return called(span.call) if span.phase is Phase.ALIVE and span.call else ""


def legend(used: dict[str, str], width: int) -> str:
    """The meaning of the signs; first those that are seldom understood alone."""
    text, lines = "in order, not to scale:", []
    for meaning in (each for each in _EXPLAINED if each in used):
        more = f" {used[meaning]} {meaning} "
        if len(text + more.rstrip()) > width:
            lines.append(text.rstrip())
            text = " " * 3
        text += more
    return "\n".join([*lines, text.rstrip()])
