"""Where in its source the server stood when something did not happen, or which memory it overran."""

import re
from collections.abc import Sequence
from typing import Final

from harness.call_kinds import READS
from harness.record.events import AtPoint, Connected, Sanitized, Standing, Started, Stood
from harness.record.raised_at import raised_at
from harness.record.recording import Recording
from harness.record.spelling import called
from harness.record.suffixes import HEADERS

from . import wording

_WAITS_FOR_CLIENTS: Final = ("accept", "poll", "ppoll", "select", "pselect6", "epoll", "futex")
_WAITS: Final = ("wait", "pause", "rt_sigsuspend")
_FOR_A_SIGNAL: Final = "rt_sigtimedwait"  # sigwait(3), as a rule of a thread that reaps
ASLEEP: Final = " was then in "
RUNNING: Final = " was then running in "
_LINE: Final = re.compile(r" at (.+?):(\d+)(?: \(|,|$)")
_MOST_FRAMES: Final = 3


def stood(seen: Recording, *, waits_for_a_lock: bool = False) -> str:
    """Function, file and line in words; "" where they are not known, or where the server only waited.

    Where one waits_for_a_lock, it is told of a thread of the first process that does.

    A sanitizer's report goes first; of several processes, the one that uses the processor goes first.
    That a process waited at a line does not say that the line is wrong.
    """
    if (overrun := seen.final(Sanitized)) is not None:
        return f"a second run, with AddressSanitizer, crashed in {overrun.where} ({overrun.what})"
    first = next(seen.all(Stood), None)
    if first is None or seen.first(AtPoint) is not None:  # the sentence says where it was held
        return ""
    index, event = first
    if waits_for_a_lock:
        threads = [each for each in event.standing if each.pid == seen.root][1:]
        waiting = [each for each in threads if each.call == "futex" and each.frames]
        return _told(seen, index, waiting[0]) if waiting else ""
    told = [
        each
        for each in event.standing
        if each.frames
        and not each.call.startswith(_WAITS_FOR_CLIENTS)
        and not (each.call.startswith(_WAITS) and _waits_for_workers(seen, index, each.pid))
        and not (each.call in READS and _waits_for_its_client(seen, index, each.pid))
        and not (each.call == _FOR_A_SIGNAL and _lets_clients_in(seen, index, each.pid))
        and not (each.call.endswith("join") and not _lets_clients_in(seen, index, each.pid))
    ]
    return _told(seen, index, min(told, key=lambda each: bool(each.call))) if told else ""


def raised(seen: Recording, observed: str) -> str:
    """The place where the printed error was raised; "" where that is not known."""
    words = wording.last_words(seen, 1)
    if not words or f'"{words}"' not in observed:
        return ""
    where = raised_at(seen.printed, sorted(set(seen.files)))
    return f"the error was raised at {where}" if where else ""


def line_in(where: str) -> tuple[str, int] | None:
    """The file's name and the line in what `stood` says; None where it says none."""
    found = _LINE.search(where)
    return (found[1], int(found[2])) if found else None


def in_its_words(seen: Recording, text: str) -> str:
    """The text with wait4() called as the program calls it, where that is known."""
    names = [each for each in seen.imports or () if each.startswith("wait")]
    return text.replace(called("wait4"), f"{names[0]}()") if len(names) == 1 else text


def _waits_for_its_client(seen: Recording, index: int, pid: int) -> bool:
    """Whether a child made for a client rightly waits: its client has said nothing, or has its reply."""
    looks = seen.looks(stop=index)
    process = looks[-1].find(pid) if looks else None
    if process is None or pid == seen.root or process.listens or not process.serves:
        return False
    came = [event.actor for event in seen.every(Connected) if event.port in process.clients]
    served = [seen.client(name) for name in came]
    return bool(served) and all(
        each.asked is None or each.asked > index or bool(each.answer) for each in served
    )


def _waits_for_workers(seen: Recording, index: int, pid: int) -> bool:
    """Whether a process rightly waits for its children: they let clients in, and it never did."""
    last = seen.looks(stop=index)[-1:]
    children = [process for at in last for process in at.living if process.ppid == pid]
    return any(each.listens for each in children) and not _lets_clients_in(seen, index, pid)


def _lets_clients_in(seen: Recording, index: int, pid: int) -> bool:
    """Whether the process's first thread was seen to wait for clients, before this event."""
    living = (process for at in seen.looks(stop=index) for process in at.living)
    calls = {process.call for process in living if process.pid == pid}
    return any(call.startswith(_WAITS_FOR_CLIENTS) for call in calls - {"futex"})


def _told(seen: Recording, index: int, standing: Standing) -> str:
    was = f"{ASLEEP}{called(standing.call)}, called in " if standing.call else RUNNING
    frames = [_placed(each, seen.subject) for each in _apart(standing.frames)[:_MOST_FRAMES]]
    return f"{_whose(seen, index, standing.pid)}process {standing.pid}{was}{', called by '.join(frames)}"


def _whose(seen: Recording, index: int, pid: int) -> str:
    """Which of the server's processes it is, where there are several: the first word of its name."""
    started = seen.first(Started)
    looks = seen.looks(stop=index)
    if started is None or started.pid is None or not looks:
        return ""
    process = looks[-1].find(pid)
    if pid != started.pid:
        return "the server's child " if process is not None and process.ppid == started.pid else ""
    return "the server's first " if len(looks[-1].living) > 1 else ""


def _apart(frames: Sequence[str]) -> list[str]:
    """The frames, of a function that calls itself only the innermost."""
    return [
        each
        for n, each in enumerate(frames)
        if n == 0 or each.partition(", ")[0] != frames[n - 1].partition(", ")[0]
    ]


def _placed(frame: str, subject: str) -> str:
    named = frame.replace("<module>()", "the main program").replace(", ", " at ")
    is_header = named.rpartition(":")[0].endswith(HEADERS) and not subject.endswith(HEADERS)
    return named + (f" (included by {subject})" if is_header and "." in subject else "")
