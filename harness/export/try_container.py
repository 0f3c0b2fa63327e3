"""An export for a container, tried: set up and started as there, and its result file watched."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from . import scratch_root
from .allowance import allowance
from .bundle import Bundle
from .system import System
from .tried import Tried, Written, end_of, hand_in, run

LECTURE_S: Final = 30.0
ALL_S: Final = 120.0
Rules = Callable[[str], list[str]]


def try_container(
    system: System, bundle: Bundle, solution: Path, rules: Rules, scratch: Path, tried: Tried
) -> None:
    """Lay it out, set it up, start it on the solution, and look at the result file all the while."""
    tops = {place.split("/")[1] for place in (system.source, system.submission, system.result)}
    folders = {f"/{top}": scratch / top for top in ("opt", "var", *sorted(tops))}
    for each in folders.values():
        each.mkdir()
    bundle.lay_out(scratch / system.source[1:])
    hand_in(solution, scratch / system.submission[1:])
    system.arrange(scratch)
    log = scratch / "log"
    setup = scratch_root.words(
        folders, ["/bin/bash", system.setup], environment={}, folder="/", as_in_docker=False
    )
    took_s, status = run(setup, log, lambda _: None)
    if status:
        tried.say("setup", f"failed after {took_s:.1f} s: {end_of(log)}", sound=False)
        return
    tried.say("setup", f"{took_s:.1f} s, without network; the interpreter is this machine's")
    result, written = scratch / system.result[1:], tried.written

    def look(after_s: float) -> None:
        with contextlib.suppress(FileNotFoundError):
            text = result.read_text(encoding="utf-8")
            if not written or written[-1].text != text:
                written.append(Written(after_s, text))

    with allowance(system.cpus, system.memory_bytes) as limits:
        start = scratch_root.words(
            folders, ["/bin/bash", system.start], environment={}, folder="/", as_in_docker=True
        )
        tried.took_s, status = run([*limits.prefix, *start], log, look)
        used = limits.most_bytes()
    held = "; ".join(limits.missing) or f"{system.cpus:g} processors, {system.memory_bytes >> 20} MiB"
    held += f" ({used >> 20} used)" if used else ""
    tried.say("limits", f"{held}; no namespaces, no network")
    if status:
        tried.say("start", f"status {status}: {end_of(log)}", sound=False)
    _tell_result(tried, rules)


def _tell_result(tried: Tried, rules: Rules) -> None:
    if not tried.written:
        tried.say("result", "none was written", sound=False)
        return
    slips = [
        f"after {each.after_s:.1f} s: {slip}" for each in tried.written for slip in rules(each.text)
    ]
    often = f"{len(tried.written)} times in its place, the first after {tried.written[0].after_s:.1f} s"
    tried.say("result", f"{often}; {'; '.join(slips) or 'valid each time'}", sound=not slips)
    counted_s = next((each.after_s for each in tried.written[1:]), tried.took_s)
    tried.say(
        "time",
        f"what counts was known after {counted_s:.1f} s (at most {LECTURE_S:g}), "
        f"all after {tried.took_s:.1f} s (at most {ALL_S:g})",
        sound=counted_s <= LECTURE_S and tried.took_s <= ALL_S,
    )
    if slips:
        return
    told: dict[str, Any] = json.loads(tried.written[-1].text)
    is_published = told.get("gradable", True) and told.get("visibility") != "hidden"
    points = f"{told.get('score', 0):g}"
    if "stdout_visibility" in told:
        points += f" of {sum(test.get('max_score', 0) for test in told['tests']):g}"
    elif told.get("gradable"):
        points = f"{100 * told['score']:g} %"
    why = told.get("message") or told.get("output") or "; ".join(told.get("format_errors", []))
    hidden = "" if is_published else "not published: "
    tried.say(
        "points", f"{hidden}{points}  {why.splitlines()[0] if why else ''}".rstrip(), sound=is_published
    )
