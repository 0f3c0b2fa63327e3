"""Words that several judgements share: where the server stood, what it printed."""

import errno
import os
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from harness.call_kinds import READS, WRITES
from harness.record.client import Client
from harness.record.events import Died, Stood
from harness.record.last_words import telling
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot
from harness.record.spelling import called, ending

NEXT: Final = "the next client's"
_FIRST: Final = "the server's first process"
_WAITS_FOR_WORK: Final = frozenset({"futex", "accept", "accept4", "epoll_wait", "epoll_pwait"})
_TALKS: Final = READS | WRITES
_ERRORS: Final = {
    **{name: name for name in errno.errorcode.values()},
    **{os.strerror(number): name for number, name in errno.errorcode.items()},
    "Connection reset": "ECONNRESET",  # as Java says it
}
_BANNER: Final = re.compile(r"listening", re.IGNORECASE)


def said(seen: Recording) -> str:
    """The server's last words, for the end of a sentence; "" for none, and for a banner."""
    words = last_words(seen, 1)
    return f', saying "{words}"' if words and not _BANNER.search(words) else ""


def printed_too(seen: Recording) -> str:
    """The server's last words, as a further part of a sentence about a server that goes on."""
    words = last_words(seen, 1)
    return f'; it printed "{words}"' if words and not _BANNER.search(words) else ""


def its_end(seen: Recording, at: Snapshot) -> str:
    """How the server had ended by then, as a further part of a sentence; "" of one that lives."""
    died = seen.final(Died)
    if died is None or seen.is_alive(at):
        return ""
    return f", and the server {ending(died.status)}{said(seen)}"


def last_words(seen: Recording, lines: int = 3) -> str:
    """The most telling line that the server printed, else its last lines, joined; "" without any."""
    return telling(seen.printed, lines)


def errors_named(seen: Recording) -> set[str]:
    """The errors (errno(3)) that what the server said at last names, by name or in words."""
    words = last_words(seen, 1)
    return {
        name
        for text, name in _ERRORS.items()
        if re.search(rf"\b{re.escape(text)}\b", words, re.IGNORECASE if " " in text else 0)  # Go's
    }


def no_answer(client: Client) -> str:
    """The refusal that a client got, or nothing, as the end of a sentence: "got no answer"."""
    return f"got {client.came_in_words()}, no reply to its line" if client.refusal else "got no answer"


def thrown_out(seen: Recording, client: Client, silent_s: float) -> str:
    """The end of a silent client's connection, in words, and the call in which the server waited."""
    looks = seen.looks(client.connected or 0)
    holders = looks[0].holders(client.port) if looks else ()
    calls = {p.call for p in holders if p.call and p.threads == 1}
    waited = f", for which it had waited in {called(*calls)}" if len(calls) == 1 else ""
    return (
        f"the server ended the connection of a client that had been silent for about {silent_s:.1f} s"
        f"{waited}"
    )


def whereabouts(at: Snapshot, client: Client, whose: str = "the client's") -> str:
    """The fate of a client's connection, in words; `whose` says whose it was."""
    its = f"{whose} connection"
    if client.was_refused:
        return f"{its} was refused"
    if client.connected is None:
        return f"{its} was not even completed: the queue was full"
    if client.refusal:
        return f"it was told {client.came_in_words()}, which is no reply to its line"
    connection = at.connection(client.port)
    if connection is None:
        return f"{its} had been closed" if client.was_sent_away() else f"{its} was gone"
    if not connection.accepted:
        return f"{its} was not accepted"
    return f"{its} was accepted{_how_read(connection.unread, client)}"


def _how_read(unread: int, client: Client) -> str:
    """How much of a client's line was read, as the end of a sentence."""
    if not unread:
        return " and the line was read"
    return (
        ", but only a part of the line was read"
        if unread < len(client.sent)
        else ", but nobody read the line"
    )


def listener_state(seen: Recording, at: Snapshot) -> str:
    """The state of the server's first process, in words: "asleep in accept()"."""
    process = at.find(seen.root)
    if process is None or process.is_zombie:
        return "gone"
    if at.proof == "spin" and not process.call:
        return "using the processor all the time"
    if process.state in {"T", "t"}:
        return "stopped"
    call = _joins(seen, process.pid) if process.call == "futex" else ""
    if process.at_keyboard is True and process.call == "read":
        return f"asleep in {called(process.call)} from its own keyboard"
    return f"asleep in {called(call or process.call)}" if process.call else "running"


def _joins(seen: Recording, pid: int) -> str:
    """How the process's source waits for a thread, where that was seen when it did not go on."""
    standing = [each for event in seen.every(Stood) for each in event.standing if each.pid == pid]
    return next((each.call for each in standing[:1] if each.call.endswith("join")), "")


def where_all_stood(seen: Recording, at: Snapshot) -> str:
    """The state of the first process, and of those that serve clients, if these are others."""
    others = _those_who_serve(seen, at)
    if not others:
        return where_it_stood(seen, at)
    return f"{_FIRST} was {listener_state(seen, at)}, {others}"


def where_it_stood(seen: Recording, at: Snapshot) -> str:
    """The state of the server, "the server was asleep in accept()", or of its first process."""
    is_alone = all(process.pid == seen.root for process in at.living)
    return f"{'the server' if is_alone else _FIRST} was {listener_state(seen, at)}"


def _those_who_serve(seen: Recording, at: Snapshot) -> str:
    """The state of the processes and threads that serve clients beside the first; "" without any."""
    root = seen.root
    first = at.find(root)
    processes = Counter(p.call for p in at.living if p.pid != root and p.serves and p.call)
    threads = Counter(first.calls) - Counter([first.call]) if first is not None and first.serves else {}
    told = [_others(count, "process", "es", call, serve=True) for call, count in processes.items()]
    told += [
        _others(count, "thread", "s", call, serve=call in _TALKS)
        for call, count in threads.items()
        if call not in _WAITS_FOR_WORK
    ]
    return ", ".join(told)


def _others(count: int, one: str, plural: str, call: str, *, serve: bool) -> str:
    many = count > 1
    does = f", which {'serve clients' if many else 'serves a client'}," if serve else ""
    return f"and {count} other {one}{plural if many else ''}{does} in {called(call)}"


def milliseconds(spans_ns: Sequence[int]) -> str:
    """Median and worst of some durations, in words."""
    if not spans_ns:
        return "none measured"
    ordered = sorted(spans_ns)
    return f"median {ordered[len(ordered) // 2] / 1e6:.1f} ms, worst {ordered[-1] / 1e6:.1f} ms"
