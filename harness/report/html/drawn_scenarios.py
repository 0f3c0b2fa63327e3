"""Which scenarios of a result are drawn: those behind failures first, within a page's size."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from harness.diagram import space_time
from harness.record.recording import Recording
from harness.results.result import Result

from . import crowd_waits, diagram_in_words, diagram_signs, diagram_svg
from .diagram_axis import FEW, MOST


def anchor(scenario: str) -> str:
    """A scenario's name as part of an address."""
    return "scene-" + re.sub(r"[^a-z0-9]+", "-", scenario.lower())


class DrawnScenarios:
    """The pictures of one result. Each scenario is drawn once: where the first failure needs it."""

    def __init__(self, result: Result, failed: Sequence[str]) -> None:
        """`failed` are the scenarios behind failures: drawn larger, and given their room first."""
        self._result = result
        self._shown: set[str] = set()
        played = [r.scenario for r in result.requirements if r.scenario in result.recordings]
        urgent = dict.fromkeys(each for each in failed if each in played)
        self._all: dict[str, dict[str, Any]] = {}
        self._drawn: dict[str, dict[str, Any]] = {}
        self.left_out: list[str] = []
        self.broken: list[str] = []
        for name in dict.fromkeys([*urgent, *played]):
            self._draw(name, is_urgent=name in urgent)

    def fit(self, room: int) -> None:
        """Choose anew the pictures that fit into this number of bytes; `left_out` are the others."""
        self._shown, self._drawn, self.left_out = set(), {}, []
        for name, scene in self._all.items():
            size = len(json.dumps(scene, separators=(",", ":")).replace('\\"', '"'))
            if size > room:
                self.left_out.append(name)
            else:
                room -= size
                self._drawn[name] = scene

    def first(self, scenario: str) -> dict[str, Any] | None:
        """A scenario's picture, once; None afterwards, and where there is none."""
        if scenario in self._shown or scenario not in self._drawn:
            return None
        self._shown.add(scenario)
        return self._drawn[scenario]

    def is_drawn(self, scenario: str) -> bool:
        """Whether its picture is on the page."""
        return scenario in self._drawn

    def others(self) -> Iterator[dict[str, Any]]:
        """The pictures that no failure has shown."""
        for name, scene in self._drawn.items():
            if name not in self._shown:
                yield scene

    def _draw(self, name: str, *, is_urgent: bool) -> None:
        try:
            scene = self._scene(name, is_urgent=is_urgent)
        except Exception:  # noqa: BLE001  (our bug costs a picture, never the page)
            self.broken.append(name)
            return
        if scene:
            self._all[name] = scene

    def _scene(self, name: str, *, is_urgent: bool) -> dict[str, Any]:
        """All that the template shows of a scenario; nothing where no process was seen."""
        most = MOST if is_urgent else FEW
        recording: Recording = self._result.recordings[name]
        seen = space_time(recording)
        if not seen.lanes:
            return {}
        latency = crowd_waits.latency(recording)
        return {
            "name": name,
            "anchor": anchor(name),
            "drawing": diagram_svg.drawing(seen, most),
            "legend": diagram_signs.legend(seen, most) if is_urgent else (),
            "signs": diagram_signs.signs(seen, most) if is_urgent else (),
            "rows": diagram_in_words.rows(seen, most),
            "words": diagram_in_words.summary(seen, with_waits=latency is None),
            "crowds": seen.crowds,
            "latency": latency,
            "ids": [r.id for r in self._result.requirements if r.scenario == name],
        }
