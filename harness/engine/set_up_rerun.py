"""Starts a server that listens at another port once more under strace: what did bind() and listen() get?

Source: strace(1). No verdict changes by it: the first run's evidence gains what the calls returned.
"""

import re
from collections.abc import Mapping
from typing import Final

from harness.record.events import Listens, SetUp, SetUpCall
from harness.record.recording import Recording
from harness.record.role import Role
from harness.stage import Scenario
from harness.subject.subject import Subject

from . import strace_rerun
from .outset import FIRST

_CALL: Final = re.compile(
    rb"^(?:\[pid +\d+\] )?(bind|listen)\((-?\d+), (.*)\) += -?\d+(?: (E\w+))?", re.MULTILINE
)
_PORT: Final = re.compile(rb"sin6?_port=htons\((\d+)\)")
_SIZE: Final = re.compile(rb", (\d+)$")
_MOST: Final = 8


async def tell_set_up(
    subject: Subject,
    scenarios: Mapping[str, Scenario],
    recordings: dict[str, Recording],
    play: strace_rerun.Play,
) -> None:
    """Add the calls to the first recording, if the kernel chose the port and strace is installed."""
    name = FIRST[Role.SERVER]
    first = recordings.get(name)
    if subject.role is not Role.SERVER or first is None:
        return
    are_drawn = len({event.port for event in first.every(Listens)}) > 1  # another at each start
    if not (strace_rerun.is_possible() and are_drawn):
        return
    printed = await strace_rerun.traced(subject, scenarios[name], "-e trace=bind,listen", play)
    if calls := seen_in(printed):
        recordings[name] = first.with_told(lambda at_ns: SetUp(at_ns, "server", calls))


def seen_in(printed: bytes) -> tuple[SetUpCall, ...]:
    """The first calls of bind() and listen() in what strace has written."""
    calls = []
    for call, descriptor, arguments, error in _CALL.findall(printed)[:_MOST]:
        port, size = _PORT.search(arguments), _SIZE.search(arguments)
        is_bind = call == b"bind"
        calls.append(
            SetUpCall(
                call.decode(),
                int(descriptor),
                port=int(port[1]) if port else None,
                size=int(size[1]) if size and is_bind else None,
                error=error.decode(),
            )
        )
    return tuple(calls)
