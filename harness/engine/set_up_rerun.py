"""Starts a server that listens at another port once more under strace: what did bind() and listen() get?

Source: strace(1). No verdict changes by it: the first run's evidence gains what the calls returned.
"""

import re
import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from os import defpath
from typing import Final

from harness.record.events import Listens, Printed, SetUp, SetUpCall
from harness.record.recording import Recording
from harness.record.role import Role
from harness.stage import Scenario
from harness.subject.subject import Subject

from .outset import FIRST

_TRACED: Final = (  # what is at home begins with no ./, and strace looks for that in PATH
    'own=$0; [ ! -e "./$0" ] || own="./$0"; '
    'exec strace -f -qq -e signal=none -e trace=bind,listen "$own" "$@"'
)
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
    play: Callable[[Subject, Scenario], Awaitable[Recording]],
) -> None:
    """Add the calls to the first recording, where the kernel has chosen the server's port.

    Does nothing where strace is not installed.
    """
    name = FIRST[Role.SERVER]
    first, has_strace = recordings.get(name), shutil.which("strace", path=defpath) is not None
    if subject.role is not Role.SERVER or first is None or not (has_strace and _is_the_kernels(first)):
        return
    traced = replace(subject, argv=("/bin/sh", "-c", _TRACED, *subject.argv))
    again = await play(traced, scenarios[name])
    if calls := seen_in(b"".join(event.data for _, event in again.all(Printed))):
        *before, last = first.events
        told = SetUp(last.at_ns, "server", calls)
        recordings[name] = replace(first, events=(*before, told, last))


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


def _is_the_kernels(first: Recording) -> bool:
    """Whether it listens on another port at each start."""
    return len({event.port for _, event in first.all(Listens)}) > 1
