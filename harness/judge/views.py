"""Readings of a recording that several judgements share: who overtook whom, who was born for whom."""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from collections.abc import Sequence
from typing import Final

from harness.record.last_words import telling
from harness.record.recording import Client, Event, Kind, Missing, Process, Recording, Snapshot
from harness.record.spelling import ending, spell

from .verdict import Verdict, failed

_COMPLAINTS: Final = ("error", "undefined reference")  # of compilers and linkers
_COMPLAINT_LINES: Final = 6
_WAITS_FOR_WORK: Final = frozenset({"futex", "accept", "accept4", "epoll_wait", "epoll_pwait"})
_BANNER: Final = re.compile(r"listening", re.IGNORECASE)
SHORTEST_LIMIT_S: Final = 0.2  # of patience with a silent client, that anybody would set
MAKES_A_CHILD: Final = ("vfork", "clone", "clone3")


def server(recording: Recording) -> int:
    """The pid of the process that was started.

    Raises:
        Missing: it never was.
    """
    started = recording.first(Kind.STARTED)
    if started is None or started.detail.get("root") is None:
        raise Missing("the server was never started")
    return int(started.detail["root"])


def is_alive(recording: Recording, at: Snapshot) -> bool:
    """True while the first process, or anyone holding the listening socket, lives."""
    pid = server(recording)
    return any(p.pid == pid or p.listens for p in at.living)


def born_for(recording: Recording, client: Client) -> tuple[Process, ...]:
    """The children that live for a client: they appeared between its connecting and its first word.

    Nobody, where one who was there before holds its connection: whoever is born then helps, or is to
    wait for the next. Nor a worker that was born to wait, as others did before anybody came.
    """
    if client.connected is None:
        return ()
    before = {p.key for p in recording.before(client.connected).processes}
    now = recording.after(client.connected)
    born = tuple(p for p in now.living if p.key not in before)
    holders = {p.key for p in now.living if client.port in p.serves}
    if not born or (holders and not any(p.key in holders for p in born)):
        return ()
    parents = {worker.ppid for worker in workers(recording)}
    return tuple(p for p in born if p.ppid not in parents)


def workers(recording: Recording) -> tuple[Process, ...]:
    """The processes that stood ready beside the first one before anybody came, to accept clients.

    Nobody where the first client was seen in other hands: who else holds the listening socket then does
    not accept.
    """
    root = server(recording)
    index, come = next(recording.all(Kind.CONNECTED), (0, None))
    if come is None:
        return ()
    before, now = recording.before(index), recording.after(index)
    ready = tuple(p for p in before.living if p.listens and p.pid != root)
    holders = [p for p in now.living if come.detail.get("port") in p.serves]
    known = {p.key for p in before.processes}
    return ready if all(p.key in known for p in holders) else ()


def left(recording: Recording, client: Client) -> int | None:
    """Where a client went away; None when it never did."""
    return next((index for index, _ in recording.all(Kind.LEFT, client.name)), None)


def require_attempt(client: Client) -> None:
    """Silence counts against a server only if the client asked, or could not even connect.

    Raises:
        Missing: it did neither, as far as the recording goes.
    """
    if client.asked is None and not client.was_refused and not client.hangs:
        raise Missing(f"{client.name!r} never asked")


def was_answered(client: Client, before: int | None) -> bool:
    """Whether a client got its answer before a given event; ever, if that is None."""
    return client.answered is not None and (before is None or client.answered < before)


def was_sent_away(client: Client, before: int | None = None) -> bool:
    """Whether its connection was closed without its answer before a given event: none can come."""
    if client.answer or client.end is not Kind.FIN or client.ended is None:
        return False
    return before is None or client.ended < before


def no_answer(client: Client) -> str:
    """What a client got that was not answered, as the end of a sentence: "got no answer"."""
    return f"got {spell(client.refusal)}, no reply to its line" if client.refusal else "got no answer"


def seconds_between(recording: Recording, start: int, stop: int) -> float:
    """From one event to another."""
    return (recording.events[stop].at_ns - recording.events[start].at_ns) / 1e9


def is_held(at: Snapshot, client: Client) -> bool:
    """Whether the server had let a client in by then, and neither side had ended the connection."""
    connection = at.connections.get(str(client.port), {})
    return bool(connection.get("accepted")) and connection.get("state") == "ESTABLISHED"


def silent_for_s(recording: Recording, client: Client) -> float | None:
    """After how much silence the server ended a connection that it had held; None when it did not.

    It must have ended before the client said a word, and after a look at which the server had it; what
    ends at once (SHORTEST_LIMIT_S) was ended by something else than a clock.
    """
    start, end = client.connected, client.ended
    if start is None or end is None or (client.asked is not None and client.asked < end):
        return None
    was_let_in = any(start < index < end for index, _ in recording.all(Kind.ACCEPTED, client.name))
    looks = (each for each in recording.snapshots() if start < each.index < end)
    silent_s = seconds_between(recording, start, end)
    was_held = was_let_in or any(is_held(each, client) for each in looks)
    return silent_s if was_held and silent_s >= SHORTEST_LIMIT_S else None


def require_patience(recording: Recording, until: int | None) -> None:
    """Nobody who was to keep the server waiting was thrown out before an event: the assignment's limit.

    Raises:
        Missing: somebody was, and no longer kept it waiting.
    """
    if gone := recording.thrown_out(before=until):
        raise Missing(
            f"{gone[0].name!r} was thrown out for its silence too early for this to be seen, as the "
            "assignment wants"
        )


def silence_is_proven(recording: Recording, asked: int | None, until: int | None) -> bool:
    """Whether rest was proven between two events: only then is "no answer" a fact."""
    if asked is None:
        return False
    return any(
        snapshot.is_proof and asked < snapshot.index and (until is None or snapshot.index < until)
        for snapshot in recording.snapshots()
    )


def outlived(
    recording: Recording, client: Client, what: str, *, expected: str, died: str = "", mute: str = ""
) -> Verdict:
    """The failure of a server that something should not have ended: a later client was not answered.

    `died` is the cause if the server has ended itself, `mute` if it lives and does not answer.

    Raises:
        Missing: it was not proven that no answer can come.
    """
    asked = client.asked
    at = (recording.last() if asked is None else recording.after(asked)).proven()
    if not is_alive(recording, at):
        end = recording.final(Kind.DIED)
        how = ending(end.detail["status"]) if end else "is gone"
        told = f"{what}, and the server {how}{said(recording)}"
        if end and os.WIFSIGNALED(end.detail["status"]):
            by_sigpipe = os.WTERMSIG(end.detail["status"]) == signal.SIGPIPE
            died = "dies-of-sigpipe" if by_sigpipe else ""
        return failed(told, expected=expected, cause=died, died=True)
    state = listener_state(recording, at)
    return failed(
        f"{what}; the next one got no answer: the server was {state}, {whereabouts(at, client)}"
        f"{printed_too(recording)}",
        expected=expected,
        cause="one-accept-per-edge" if at.overlooks_the_queue else mute,
    )


def said(recording: Recording) -> str:
    """What the server said at last, for the end of a sentence; "" when that was nothing or a banner."""
    words = last_words(recording, 1)
    return f', saying "{words}"' if words and not _BANNER.search(words) else ""


def printed_too(recording: Recording) -> str:
    """The same as a further part of a sentence about one that goes on."""
    words = last_words(recording, 1)
    return f'; it printed "{words}"' if words and not _BANNER.search(words) else ""


def thrown_out(silent_s: float) -> str:
    """What a server does that is not patient, in words."""
    return f"it ended the connection of a client that had been silent for about {silent_s:.1f} s"


def listener_state(recording: Recording, at: Snapshot) -> str:
    """Where the server's first process stood, in words: "asleep in accept()"."""
    process = at.find(server(recording))
    if process is None or process.is_zombie:
        return "gone"
    if at.proof == "spin" and not process.call:
        return "running without rest"
    if process.state in {"T", "t"}:
        return "stopped"
    return f"asleep in {process.call}()" if process.call else "running"


def those_who_serve(recording: Recording, at: Snapshot) -> str:
    """Where others than the first process's first thread stood who serve clients; "" without any."""
    root = server(recording)
    calls = Counter(p.call for p in at.living if p.pid != root and p.serves and p.call)
    first = at.find(root)
    if first is not None and first.serves:
        calls += Counter(first.calls) - Counter([first.call])
        calls -= Counter({call: count for call, count in calls.items() if call in _WAITS_FOR_WORK})
    told = [
        f"{count} that serve{'s' if count == 1 else ''} in {call}()" for call, count in calls.items()
    ]
    return f" ({', '.join(told)})" if told else ""


def is_in_vfork(state: str) -> bool:
    """Whether a state, in words, is a parent's that sleeps until its child has gone (vfork(2))."""
    return state.startswith(tuple(f"asleep in {call}()" for call in MAKES_A_CHILD))


def whereabouts(at: Snapshot, client: Client) -> str:
    """What had become of a client's connection, in words."""
    if client.was_refused:
        return "its connection was refused"
    if client.connected is None:
        return "its connection was not even completed: the queue was full"
    if client.refusal:
        return f"it was told {spell(client.refusal)}, which is no reply to its line"
    connection = at.connections.get(str(client.port))
    if connection is None:
        return "its connection had been closed" if was_sent_away(client) else "its connection was gone"
    if not connection["accepted"]:
        return "its connection was not accepted"
    unread = ", but nobody read its line" if connection["unread"] else " and its line was read"
    return f"its connection was accepted{unread}"


def was_read(recording: Recording, client: Client) -> bool:
    """Whether somebody had read a client's line by the first rest after it, and had not answered."""
    if client.asked is None or client.connected is None:
        return False
    connection = recording.after(client.asked).connections.get(str(client.port))
    return connection is not None and connection["accepted"] and not connection["unread"]


def how_it_went(died: Event | None, served: int) -> str:
    """The cause behind a server that has gone after its first client; "" when that fits none."""
    if died is None or served != 1:
        return ""
    code = os.waitstatus_to_exitcode(died.detail["status"])
    return "one-shot" if code == 0 else "dies-after-first" if code < 0 else ""


def printed(recording: Recording) -> str:
    """All that the server printed in its last life, as far as it is kept."""
    event = recording.final(Kind.PRINTED)
    return "" if event is None else event.data.decode("utf-8", "replace")


def last_words(recording: Recording, lines: int = 3) -> str:
    """What the server printed that tells most, else its last lines, joined; "" without any."""
    return telling(printed(recording), lines)


def milliseconds(spans_ns: Sequence[int]) -> str:
    """Median and worst of some durations, in words."""
    if not spans_ns:
        return "none measured"
    ordered = sorted(spans_ns)
    return f"median {ordered[len(ordered) // 2] / 1e6:.1f} ms, worst {ordered[-1] / 1e6:.1f} ms"


def unbuilt(seen: Recording) -> Verdict | None:
    """The failure of what does not compile, with the compiler's first complaint; None when it does."""
    built = seen.first(Kind.BUILD_FAILED)
    if built is None:
        return None
    log = built.data.decode("utf-8", "replace").strip().splitlines()
    start = next((i for i, line in enumerate(log) if any(map(line.__contains__, _COMPLAINTS))), 0)
    first = "\n".join(log[start : start + _COMPLAINT_LINES])
    return failed(f"it does not compile:\n{first}", expected="a program", cause="does-not-compile")
