"""A space-time diagram in a few lines of characters, for a terminal. It decides nothing.

Its axis is the order of events and not time: every event is one step to the right, whether the server
needed a microsecond or a second for it. What counts is which event came before which.
"""

from collections.abc import Callable, Sequence
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from harness.diagram import Happening, Lane, Phase, SpaceTime, space_time
from harness.judge.story import Group, group_of
from harness.record.recording import Recording

from .printable import printable
from .sketch_drawing import Drawing, legend

_GROUPS: Final = (Group.CONCURRENCY, Group.REAPING)
_MOST_LINES: Final = 7  # and the legend
_MOST_LANES: Final = 6
_MOST_CLIENTS: Final = 4
_NARROWEST: Final = 24
_WIDEST: Final = 110  # characters: more is no window's width
_LONGEST_NAME: Final = 16
_GAP: Final = 2
_CUT: Final = "…"

_ASCII: Final = str.maketrans("·┄─▒━‖├»↵✓┤╡✗⊘†└■┬│┃…", ".:-~=%|/>*|&#@!`o+||~")


def sketch(
    recording: Recording, requirement_id: str, width: int, *, ascii_only: bool = False
) -> Text | None:
    """At most seven lines and a legend, none wider than `width`; None where there is none to draw.

    It is drawn for requirements of concurrency and reaping only, and not for crowds, nor where there is
    no room. With `ascii_only` it holds no other character.
    """
    group = group_of(requirement_id)
    if group not in _GROUPS:
        return None
    seen = space_time(recording)
    if seen.crowds or not seen.clients or not seen.processes or _were_missed(seen):
        return None
    reaping = group is Group.REAPING and _zombies_were_seen(seen)
    chosen, cuts = _chosen(seen, _for_reaping if reaping else _for_concurrency)
    if _were_born_unseen(recording, seen):
        cuts = {
            n: f"{cut} that were seen" if not chosen[n].is_client else cut for n, cut in cuts.items()
        }
    width = min(width, _WIDEST)
    margin = min(_LONGEST_NAME, max(len(lane.name) for lane in chosen)) + _GAP
    if width - margin < _NARROWEST:
        return None
    drawing = Drawing(seen, chosen, width - margin)
    lines: list[Text] = []
    for n, (lane, row) in enumerate(zip(chosen, drawing.rows(), strict=True)):
        lines += [Text.assemble((_name(lane.name, margin), "dim"), row)]
        if n in cuts:
            lines.append(Text(cuts[n], style="dim"))
    lines.append(Text(legend(drawing.used, width), style="dim"))
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
    """The sign for lanes left out between two that are drawn, or after the last of its kind."""
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
                cuts[after] = f"... and {_count(left_out)}"
            left_out = []
            after = place[lane.name] if lane is not None else None
    return cuts


def _count(lanes: Sequence[Lane]) -> str:
    one, many = ("client", "clients") if lanes[0].is_client else ("child", "children")
    if not lanes[0].is_client and not all(lane.parent.startswith("server") for lane in lanes):
        one, many = "process", "processes"
    return f"{len(lanes)} more {one if len(lanes) == 1 else many}"


def _were_missed(seen: SpaceTime) -> bool:
    """Whether a process's parent had ended before the first look: a picture would show the wrong one."""
    return any(not lane.parent and not lane.name.startswith("server") for lane in seen.processes)


def _were_born_unseen(recording: Recording, seen: SpaceTime) -> bool:
    """Whether more processes were born than have a lane, by the pids that were given out."""
    pids = [look.last_pid for look in recording.snapshots() if look.last_pid is not None]
    return bool(pids) and max(pids) - min(pids) > len(seen.processes)


def _zombies_were_seen(seen: SpaceTime) -> bool:
    """Whether some were there at rest: if not, what failed is that others had to wait."""
    looks = [mark.at_ns for mark in seen.marks if mark.what is Happening.PROVED]
    tails = [span for lane in seen.processes for span in lane.spans if span.phase is Phase.ZOMBIE]
    return any(span.start_ns <= at <= span.end_ns for span in tails for at in looks)


def _in_ascii(text: Text) -> Text:
    plain = text.plain.translate(_ASCII)
    return Text("".join(c if c.isascii() else "?" for c in plain), spans=text.spans)


def _for_concurrency(seen: SpaceTime, most: int) -> tuple[Lane, ...]:
    """The first and the last client, and below them the server and the processes that serve them."""
    has_children = len(seen.processes) > 1
    clients, _ = seen.only(min(_MOST_CLIENTS, max(1, most - 1 - has_children)), seen.clients)
    shown = {lane.name for lane in clients}
    serving = [lane for lane in seen.processes[1:] if shown & set(lane.clients)]
    room = max(0, most - len(clients) - 1)
    return (*clients, seen.processes[0], *serving[:room])


def _for_reaping(seen: SpaceTime, most: int) -> tuple[Lane, ...]:
    """The server and its children: the first that stays a zombie, with its neighbours.

    Where forkspec stopped the server so that many exit meanwhile, the first of the last who did and
    were still zombies when it went on.
    """
    server, children = seen.processes[0], seen.processes[1:]
    stops = [span for span in server.spans if span.phase is Phase.STOPPED][-1:]
    tails = [(n, lane.spans[-1]) for n, lane in enumerate(children) if lane.was_zombie]
    behind = [
        n for n, z in tails for stop in stops if stop.start_ns < z.start_ns < stop.end_ns < z.end_ns
    ]
    stay = [n for n, lane in enumerate(children) if lane.stays_zombie]
    first = next(iter(behind or stay), 0)
    start = max(0, min(first - 1, len(children) - (most - 1)))
    return (server, *children[start : start + most - 1])


def _name(name: str, margin: int) -> str:
    told = printable(name)
    if cell_len(told) > margin - _GAP:
        told = told[: margin - _GAP - 1] + _CUT
    return told + " " * (margin - cell_len(told))
