"""Plays a crash once more under AddressSanitizer, which names the line that wrote out of bounds.

Source: gcc(1), -fsanitize=address. No verdict changes by it: the first run's evidence gains the line.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from harness.judge import endings, service_calls
from harness.record.events import Sanitized, Signalled
from harness.record.recording import Recording
from harness.record.role import Role
from harness.stage import Scenario
from harness.subject.build import sanitized
from harness.subject.subject import Subject
from harness.subject.submission import files_of

from .machine_lock import Exclusivity, machine_lock

MOST: Final = 6
_SAYS: Final = re.compile(
    rb"AddressSanitizer: (?:attempting )?(free on address which was not malloc\(\)-ed|\S+)"
)
_ACCESS: Final = re.compile(rb"^(READ|WRITE) of size (\d+)", re.MULTILINE)
_NULL: Final = b"address points to the zero page"
_FRAME: Final = re.compile(rb"^ +#\d+ 0x[0-9a-f]+ in (\S+)[^\n]* (\S+?):(\d+)", re.MULTILINE)
_INNER: Final = re.compile(r"^(?:__GI_|__interceptor_|_IO_|__)+")  # names within the C library
_NOT_OURS: Final = (b"/usr/", b"../", b"nptl/", b"/build/gcc")


async def tell_overflows(
    subject: Subject,
    scenarios: Mapping[str, Scenario],
    recordings: dict[str, Recording],
    play: Callable[[Subject, Scenario], Awaitable[Recording]],
) -> None:
    """Play the scenarios with a crash again, and add what the sanitizer says to their recordings.

    Six scenarios at most: which requirement will tell the crash is not known here.

    Does nothing where no C or C++ compiler of ours built the subject, or where it has no sanitizer.
    """
    crashed = [name for name, recording in recordings.items() if _has_crashed(recording)][:MOST]
    if not crashed or subject.role is not Role.SERVER:
        return
    async with machine_lock(Exclusivity.SHARED):
        told = await asyncio.to_thread(sanitized, subject)
    if told is None:
        return
    own = {Path(name).name for name in files_of(subject.source)}
    for name in crashed:
        again = await play(told, scenarios[name])
        if found := overflow(again.all_printed, own):
            said = partial(Sanitized, actor="server", what=found["what"], where=found["where"])
            recordings[name] = recordings[name].with_told(said)


def overflow(printed: bytes, own: Collection[str] = ()) -> dict[str, str]:
    """`what` happened by a sanitizer's report, and `where`, in its `own` files first; {} without one."""
    said = _SAYS.search(printed)
    if said is None:
        return {}
    report = printed[said.end() :]
    what = said[1].decode("latin-1")
    if access := _ACCESS.search(report):
        what += f", a {access[1].decode().lower()} of {access[2].decode()} bytes"
    if _NULL in report:
        what += ", through a NULL pointer"
    stack = [frame for frame in _FRAME.finditer(report) if not frame[2].startswith(_NOT_OURS)]
    chosen = [frame for frame in stack if Path(frame[2].decode("latin-1")).name in own] or stack
    if not chosen:
        return {}
    if chosen[0] is not stack[0]:
        what += f", in {_INNER.sub('', stack[0][1].decode('latin-1'))}()"
    function, file, line = (part.decode("latin-1") for part in chosen[0].groups())
    return {"what": what, "where": f"{function}() at {Path(file).name}:{line}"}


def _has_crashed(recording: Recording) -> bool:
    """Whether a process died of a mistake of its own, and not of a signal that we sent."""
    if service_calls.has_crashed(recording):
        return True
    ours = {event.pid for event in recording.every(Signalled)}
    statuses = endings.statuses(recording).items()
    return any(endings.is_crash(status) and pid not in ours for pid, status in statuses)
