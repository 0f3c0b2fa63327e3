"""An export for a container, tried: set up and started as there, and its result file watched."""

import contextlib
from pathlib import Path
from typing import Final

from harness.report.formats.format import CourseSystem

from . import scratch_root
from .allowance import allowance
from .bundle import Bundle
from .system import System
from .tried import Tried, Written, end_of, hand_in, run

LECTURE_S: Final = 30.0
ALL_S: Final = 120.0


def try_container(
    system: System,
    bundle: Bundle,
    solution: Path,
    reads: CourseSystem | None,
    scratch: Path,
    tried: Tried,
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
    _tell_result(tried, reads)


def _tell_result(tried: Tried, reads: CourseSystem | None) -> None:
    if not tried.written:
        tried.say("result", "none was written", sound=False)
        return
    slips = [
        f"after {each.after_s:.1f} s: {slip}"
        for each in tried.written
        for slip in (reads.broken_rules(each.text) if reads else [])
    ]
    often = f"{len(tried.written)} times in its place, the first after {tried.written[0].after_s:.1f} s"
    tried.say("result", f"{often}; {'; '.join(slips) or 'valid each time'}", sound=not slips)
    whole = f"all after {tried.took_s:.1f} s (at most {ALL_S:g})"
    if len(tried.written) > 1:
        counted_s = tried.written[1].after_s
        whole = f"what counts was known after {counted_s:.1f} s (at most {LECTURE_S:g}), {whole}"
    else:
        counted_s = 0.0  # the system reads what is printed at the end
    tried.say("time", whole, sound=counted_s <= LECTURE_S and tried.took_s <= ALL_S)
    if not slips and reads:
        told = reads.points_in(tried.written[-1].text)
        tried.say("points", told or "not published", sound=bool(told))
