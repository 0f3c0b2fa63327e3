"""A space-time diagram as a drawing (SVG): who did what when."""

from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup

from harness.diagram import FamilyAt, Happening, Mark, Phase, SpaceTime

from .diagram_axis import MOST, Clock, short, shown
from .diagram_in_words import span_told
from .diagram_signs import SYMBOL, TICK, foremost, marks_at_a_glance, marks_together, vague_ends
from .svg import chart, element, text, ticks

_MOST_PROOFS: Final = 60
_MOST_TOLD, _MOST_STEPS = 6, 150
_LONGEST_TEXT: Final = 110
_LANE_PX, _FAMILY_PX, _AXIS_PX = 22, 72, 20
_THICK_PX, _THIN_PX = 14, 6
_BACKGROUND: Final = frozenset({Phase.IDLE, Phase.ALIVE})
_OURS: Final = "forkspec"
_MOST_TICKS: Final = 7


def drawing(seen: SpaceTime, most: int = MOST) -> Markup:
    """The diagram; its colours are those of the style sheet, which follow light, dark and paper."""
    return _Drawing(seen, most).whole()


class _Drawing:
    """One diagram, with the places of its lanes and of its moments."""

    def __init__(self, seen: SpaceTime, most: int) -> None:
        self._seen, self._clock = seen, Clock(seen)
        self._lanes, cuts = shown(seen, most)
        self._has_zombies = any(each.zombies for each in seen.family)
        self._top = _FAMILY_PX if len(seen.processes) > 1 else 0
        self._names: list[str] = [_OURS] if seen.marks else []
        self._place: dict[str, float] = {_OURS: self._middle(0)}
        for lane in self._lanes:
            self._place[lane.name] = self._middle(len(self._names))
            self._names.append(short(lane.name))
            if lane.name in cuts:
                self._names.append(f"... {cuts[lane.name]} more")
        self._bottom = self._top + _LANE_PX * len(self._names)

    def whole(self) -> Markup:
        names = [
            text(name, x="100%", y=self._middle(n) + 4, class_="name")
            for n, name in enumerate(self._names)
        ]
        if self._top:
            names.append(text("alive", x="100%", y=16, class_="name serving"))
            if self._has_zombies:
                names.append(text("zombies", x="100%", y=32, class_="name zombie"))
        drawn = [
            *ticks(self._moments(), self._bottom),
            *(self._family() if self._top else ()),
            *self._forks(),
            *self._spans(),
            *self._dotted(),
            *self._marks(),
            *self._ours(),
        ]
        longest = max(map(len, [*self._names, "zombies"]))
        return chart(names, longest, drawn, self._bottom + _AXIS_PX)

    def _middle(self, number: int) -> float:
        return self._top + _LANE_PX * (number + 0.5)

    def _share(self, at: float) -> float:
        """Where a moment lies, 0 to 1; a little room is left at both ends."""
        return (at / (self._clock.end or 1) + 0.008) / 1.022

    def _x(self, at: float) -> str:
        return f"{100 * self._share(at):.2f}%"

    def _moments(self) -> list[tuple[str, str]]:
        end = self._clock.end or 1
        step = next(
            each * 10**power
            for power in range(-5, 9)
            for each in (1, 2, 5)
            if end / (each * 10**power) <= _MOST_TICKS
        )
        whole = [n * step for n in range(int(end / step) + 1)]
        return [(self._x(at), f"{at:g} {self._clock.unit}") for at in whole]

    def _spans(self) -> Iterator[str]:
        """A bar for each span: it tells what it is wherever the pointer is on it."""
        clock = self._clock
        for lane in self._lanes:
            for span in lane.spans:
                if clock.at(span.end_ns) <= 0:
                    continue
                high = _THIN_PX if span.phase in _BACKGROUND else _THICK_PX
                start, end = clock.at(span.start_ns), clock.at(span.end_ns)
                yield element(
                    "rect",
                    f"{lane.name}, {_cut(span_told(span, lane, clock))}",
                    x=self._x(start),
                    y=self._place[lane.name] - high / 2,
                    width=f"{100 * (self._share(end) - self._share(start)):.2f}%",
                    height=high,
                    class_=f"bar {span.phase.value}",
                )

    def _dotted(self) -> Iterator[str]:
        """Holes along each end of a span that was not seen to happen."""
        for name, at in vague_ends(self._lanes, self._clock):
            x, y = self._x(at), self._place[name]
            yield element("line", x1=x, x2=x, y1=y - 7, y2=y + 7, class_="vague")

    def _marks(self) -> Iterator[str]:
        """A sign for each moment; those that would cover each other share one, which tells all."""
        for lane in self._lanes:
            groups = marks_together(lane, self._clock)
            glance = marks_at_a_glance(groups, self._clock)
            for together in groups:
                first = foremost(together)
                yield self._sign(lane.name, together, first, "mark" if first in glance else "mark fine")

    def _sign(self, lane: str, marks: Sequence[Mark], first: Mark, class_: str) -> str:
        clock = self._clock
        told = (
            f"{mark.about}{clock.told(mark.at_ns)}: {_cut(mark.text)}" for mark in marks[:_MOST_TOLD]
        )
        name, _ = SYMBOL.get(first.what, TICK)
        return element(
            "use",
            "\n".join([lane, *told]),
            href=f"#sign-{name}",
            x=self._x(clock.at(first.at_ns)),
            y=self._place[lane],
            class_=class_,
        )

    def _ours(self) -> Iterator[str]:
        """What concerns no lane: proofs of rest, and what forkspec did to all."""
        found = [mark for mark in self._seen.marks if not self._clock.is_before(mark.at_ns)]
        for mark in found[:_MOST_PROOFS]:
            what = (
                mark if mark.what is Happening.PROVED else Mark(mark.at_ns, Happening.SIGNAL, mark.text)
            )
            yield self._sign(_OURS, [mark], what, "mark ours")

    def _forks(self) -> Iterator[str]:
        """A line from parent to child at each birth: the teeth of the comb."""
        for at_ns, parent, child in self._seen.forks():
            if parent in self._place and child in self._place and at_ns >= self._seen.start_ns:
                x = self._x(self._clock.at(at_ns))
                y1, y2 = self._place[parent], self._place[child]
                yield element("line", x1=x, x2=x, y1=y1, y2=y2, class_="fork")

    def _family(self) -> Iterator[str]:
        """How many live and how many are zombies, from moment to moment, above the lanes."""
        seen, high = self._seen, _FAMILY_PX - 14
        before = [each for each in seen.family if each.at_ns <= seen.start_ns]
        steps = before[-1:] + _thinned([each for each in seen.family if each.at_ns > seen.start_ns])
        most = max((max(each.alive, each.zombies) for each in steps), default=0) or 1
        paths = []
        for name in ("zombie", "serving") if self._has_zombies else ("serving",):
            line, last = "", 0
            for each in steps:
                x = round(1000 * self._share(self._clock.at(each.at_ns)))
                last = round(
                    high - (high - 2) * (each.zombies if name == "zombie" else each.alive) / most
                )
                line += f"H{x}V{last}" if line else f"M{x} {last}"
            paths.append(element("path", d=f"{line}H1000", class_=f"step {name}"))
            if name == "zombie" and line:
                under = f"{line}H1000V{high}H{line[1:].partition(' ')[0]}Z"
                paths.append(element("path", d=under, class_="area zombie"))
        yield element(
            "svg",
            "",
            "".join(paths),
            y=6,
            width="100%",
            height=high,
            viewBox=f"0 0 1000 {high}",
            preserveAspectRatio="none",
        )
        yield text(f"up to {most}", x=4, y=14, class_="most")


def _thinned(steps: Sequence[FamilyAt]) -> list[FamilyAt]:
    """At most _MOST_STEPS steps, the last among them."""
    every = 1 + len(steps) // _MOST_STEPS
    return list(reversed(steps[::-every]))


def _cut(told: str) -> str:
    return told if len(told) <= _LONGEST_TEXT else f"{told[:_LONGEST_TEXT]}..."
