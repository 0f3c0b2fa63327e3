"""A space-time diagram in a few lines of characters, for a terminal. It decides nothing.

Its axis is the order of events, each a step to the right, and not time: what a server does within a
microsecond and what it does in a second are equally wide, and who came before whom is what counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from harness.diagram import Happening, Lane, Mark, Phase, SpaceTime, Span, space_time
from harness.judge.story import Group, group_of
from harness.record.recording import Recording

from .printable import printable

_GROUPS: Final = (Group.CONCURRENCY, Group.REAPING)
_MOST_LINES: Final = 7  # and the legend
_MOST_LANES: Final = 6
_MOST_CLIENTS: Final = 4
_NARROWEST: Final = 24
_LONGEST_NAME: Final = 16
_WIDEST_STEP: Final = 5
_GAP: Final = 2
_CUT: Final = "…"

_LINE: Final = {
    Phase.CONNECTING: ("·", "dim", "no place in the queue"),
    Phase.QUEUED: ("┄", "dim", "not accepted"),
    Phase.SILENT: ("─", "", "silent"),
    Phase.WAITING: ("▒", "yellow", "waits"),
    Phase.ANSWERED: ("─", "", ""),
    Phase.IDLE: ("─", "dim", ""),
    Phase.SERVING: ("━", "blue", "serves"),
    Phase.ALIVE: ("─", "", ""),
    Phase.STOPPED: ("‖", "dim", "stopped"),
    Phase.ZOMBIE: ("z", "bold red", "zombie"),
}
_SIGN: Final = {
    Happening.CONNECTS: ("├", "", ""),
    Happening.ASKS: ("↵", "bold", "asks"),
    Happening.REPLY: ("✓", "green", "reply"),
    Happening.FIN: ("┤", "", ""),
    Happening.LEAVES: ("┤", "", ""),
    Happening.RST: ("✗", "red", "reset"),
    Happening.REFUSED: ("✗", "red", "refused"),
    Happening.BREAKS_OFF: ("✗", "", "breaks off"),
    Happening.BORN: ("└", "blue", "fork"),
    Happening.EXITS: ("x", "", "exits"),
    Happening.REAPED: ("■", "green", "reaped"),
}
_FORKS: Final = ("┬", "blue", "")
_EXPLAINED: Final = (
    "zombie", "waits", "asks", "reply", "not accepted", "reset", "refused", "breaks off", "stopped",
    "serves", "reaped", "exits", "fork", "silent", "no place in the queue",
)  # fmt: skip
_NEXT: Final = ("┃", "blue", "")
_PASSES: Final = ("│", "blue", "")
_ASCII: Final = str.maketrans("·┄─▒━‖├↵✓┤✗└■┬│┃…", ".:-~=%|>*|#`o+||~")
_Row = list[tuple[str, str]]
_BLANK: Final = (" ", "")


def sketch(
    recording: Recording, requirement_id: str, width: int, *, ascii_only: bool = False
) -> Text | None:
    """At most eight lines, none wider than `width`, the last a legend; None where there is none to draw.

    It is drawn for requirements of concurrency and reaping only, and not for crowds, nor where there is
    no room. With `ascii_only` it holds no other character.
    """
    group = group_of(requirement_id)
    if group not in _GROUPS:
        return None
    seen = space_time(recording)
    if seen.crowds or not seen.clients or not seen.processes:
        return None
    reaping = group is Group.REAPING and _zombies_were_seen(seen)
    chosen, cuts = _chosen(seen, _for_reaping if reaping else _for_concurrency)
    margin = min(_LONGEST_NAME, max(len(lane.name) for lane in chosen)) + _GAP
    if width - margin < _NARROWEST:
        return None
    drawing = _Drawing(seen, chosen, width - margin)
    lines: list[Text] = []
    for n, (lane, row) in enumerate(zip(chosen, drawing.rows(), strict=True)):
        lines += [Text.assemble((_name(lane.name, margin), "dim"), row)]
        if n in cuts:
            lines.append(Text(cuts[n], style="dim"))
    lines.append(Text(_legend(drawing.used, width), style="dim"))
    whole = Text("\n").join(lines)
    return _in_ascii(whole) if ascii_only else whole


def _chosen(
    seen: SpaceTime, choose: Callable[[SpaceTime, int], tuple[Lane, ...]]
) -> tuple[tuple[Lane, ...], dict[int, str]]:
    """The lanes that are drawn, and after which of them what is left out, in words."""
    for most in range(_MOST_LANES, 0, -1):
        chosen = choose(seen, most)
        cuts = _cuts(seen, chosen)
        if len(chosen) + len(cuts) <= _MOST_LINES:
            break
    return chosen, cuts


def _cuts(seen: SpaceTime, chosen: Sequence[Lane]) -> dict[int, str]:
    """What is left out between two lanes that are drawn, or after the last of its kind."""
    cuts: dict[int, str] = {}
    place = {lane.name: n for n, lane in enumerate(chosen)}
    for of in (seen.clients, seen.processes):
        left_out: list[Lane] = []
        after = None
        for lane in (*of, None):
            if lane is not None and lane.name not in place:
                left_out.append(lane)
                continue
            if left_out and after is not None:
                cuts[after] = f"... and {_count(left_out)} more"
            left_out = []
            after = place[lane.name] if lane is not None else None
    return cuts


def _count(lanes: Sequence[Lane]) -> str:
    one, many = ("client", "clients") if lanes[0].is_client else ("child", "children")
    if not lanes[0].is_client and not all(lane.parent for lane in lanes):
        one, many = "process", "processes"
    return f"{len(lanes)} {one if len(lanes) == 1 else many}"


def _zombies_were_seen(seen: SpaceTime) -> bool:
    """Whether some were there at rest: if not, what failed is that others had to wait."""
    looks = [mark.at_ns for mark in seen.marks if mark.what is Happening.PROVED]
    tails = [span for lane in seen.processes for span in lane.spans if span.phase is Phase.ZOMBIE]
    return any(span.start_ns <= at <= span.end_ns for span in tails for at in looks)


def _in_ascii(text: Text) -> Text:
    plain = text.plain.translate(_ASCII)
    return Text("".join(c if c.isascii() else "?" for c in plain), spans=text.spans)


def _for_concurrency(seen: SpaceTime, most: int) -> tuple[Lane, ...]:
    """Clients, the first and the last, and below them the server and who serves them."""
    has_children = len(seen.processes) > 1
    clients, _ = seen.only(min(_MOST_CLIENTS, max(1, most - 1 - has_children)), seen.clients)
    shown = {lane.name for lane in clients}
    serving = [lane for lane in seen.processes[1:] if shown & set(lane.clients)]
    room = max(0, most - len(clients) - 1)
    return (*clients, seen.processes[0], *serving[:room])


def _for_reaping(seen: SpaceTime, most: int) -> tuple[Lane, ...]:
    """The server and its children: the first that stays a zombie, with its neighbours."""
    server, children = seen.processes[0], seen.processes[1:]
    first = next((n for n, lane in enumerate(children) if lane.stays_zombie), 0)
    start = max(0, min(first - 1, len(children) - (most - 1)))
    return (server, *children[start : start + most - 1])


def _name(name: str, margin: int) -> str:
    told = printable(name)
    if cell_len(told) > margin - _GAP:
        told = told[: margin - _GAP - 1] + _CUT
    return told + " " * (margin - cell_len(told))


class _Drawing:
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
        """The marks that are drawn: who has read the end has no need to leave as well."""
        has_ended = False
        for mark in lane.marks:
            is_again = has_ended and mark.what is Happening.LEAVES
            if mark.what in _SIGN and mark.at_ns >= self._start_ns and not is_again:
                yield mark
            has_ended = has_ended or mark.what in {Happening.FIN, Happening.RST}

    def rows(self) -> list[Text]:
        """A line for each lane."""
        grid: list[_Row] = [[_BLANK] * self._width for _ in self._lanes]
        for row, lane in zip(grid, self._lanes, strict=True):
            was = None
            for span in lane.spans:
                if span.end_ns > self._start_ns:
                    self._draw_span(row, span, is_next=was is Phase.SERVING)
                    was = span.phase
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
    """The same, those together that look alike: what is no change takes no step."""
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
    """The same line, neighbours of one style together."""
    for style, signs in groupby(row, key=lambda sign: sign[1]):
        yield "".join(sign for sign, _ in signs), style


def _word(span: Span) -> str:
    """What stands in a process's line: whom it serves, or where it sleeps instead of letting them in."""
    if span.phase is Phase.SERVING:
        return printable(span.clients[0]) if len(span.clients) == 1 else f"{len(span.clients)} clients"
    return f"{span.call}()" if span.phase is Phase.ALIVE and span.call else ""


def _legend(used: dict[str, str], width: int) -> str:
    """What the signs mean, as many as one line holds; first those that are seldom alone understood."""
    text = "in order, not to scale:"
    for meaning in (each for each in _EXPLAINED if each in used):
        more = f" {used[meaning]} {meaning} "
        if len(text + more.rstrip()) <= width:
            text += more
    return text.rstrip()
