"""A second run of one scenario under strace, and what it adds to the recording of the first.

Source: strace(1). No verdict changes by it: the first run's evidence gains what calls returned.
"""

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from os import defpath
from typing import Final

from harness.record.recording import Recording
from harness.stage import Scenario
from harness.subject.subject import Subject

Play = Callable[[Subject, Scenario], Awaitable[Recording]]
# What is at home begins with no ./, and strace looks for that in PATH.
_TRACED: Final = (
    'own=$0; [ ! -e "./$0" ] || own="./$0"; exec strace -f -qq -e signal=none {options} "$own" "$@"'
)
_START_S: Final = 10
# For one wait: whenever a server that naps wakes, strace does, and neither is ever seen at rest.
GUARD_S: Final = 3.0


def is_possible() -> bool:
    """Whether strace is installed."""
    return shutil.which("strace", path=defpath) is not None


async def traced(subject: Subject, scenario: Scenario, options: str, play: Play) -> bytes:
    """All that a run under strace prints; the options of strace are as a shell's words."""
    words = ("/bin/sh", "-c", _TRACED.format(options=options), *subject.argv)
    limits = {**subject.limits, "start_s": min(subject.limits.get("start_s", _START_S), _START_S)}
    return (await play(replace(subject, argv=words, limits=limits), scenario)).all_printed
