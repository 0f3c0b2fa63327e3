"""Finds out from the first scenario how a subject takes its port, and which role it has."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from harness.judge.our_limits import met_our_limit, wanted_more_tasks
from harness.record.client_run import CLIENT
from harness.record.events import Connected, Died, Listens, Printed, Shown, Started, Typed
from harness.record.recording import Recording
from harness.record.role import Role
from harness.subject import lacks
from harness.subject.subject import Subject
from harness.subject.submission import handed_in
from harness.subject.tools import NoTool
from harness.subject.ways import Way, by_usage

FIRST: Final = {Role.SERVER: "starting", Role.CLIENT: "conversation", Role.PAIR: "together"}
_OTHER: Final = {Role.SERVER: Role.CLIENT, Role.CLIENT: Role.SERVER}
_WORDS: Final = (Shown, Printed)
_MANY: Final = 64
_LARGEST_POOL: Final = 1024
Begin = Callable[[Subject], Awaitable[Recording]]


async def set_out(
    subject: Subject, begin: Begin, known: Mapping[str, Recording]
) -> tuple[Subject, Recording]:
    """The subject with the role that it shows and the arguments that it takes, and the recording.

    Each known way to tell a program its port is tried until the program listens or connects. Where
    nobody said its role, the ways of the other role are tried too. A program that does neither keeps the
    role that its source suggests. A recording in `known` is used instead of a run. Of a pair, the client
    is started first.

    Raises:
        NoTool: it ended for want of a package that this machine lacks.
    """
    if subject.client_beside is not None:
        subject = replace(subject, client_beside=(await set_out(subject.client_beside, begin, {}))[0])
    if (seen := _seen_already(subject, known)) is not None:
        return seen
    found = await started(subject, begin)
    is_known = subject.is_role_told or has_begun(found[1]) or _waits_for_clients(found[1])
    if is_known or not _does_nothing(found[1]):
        return found
    other = await started(subject.in_role(_OTHER[subject.role]), begin)
    return other if has_begun(other[1]) else found


def has_begun(first: Recording) -> bool:
    """Whether the subject does what its role does: a server listens, a client connects."""
    if first.scenario == FIRST[Role.CLIENT]:
        return first.first(Connected, CLIENT) is not None
    return first.first(Listens) is not None


def _seen_already(subject: Subject, known: Mapping[str, Recording]) -> tuple[Subject, Recording] | None:
    roles = [subject.role] if subject.is_role_told else [subject.role, _OTHER[subject.role]]
    for role in roles:
        if (first := known.get(FIRST[role])) is not None:
            started = first.first(Started)
            told = _way_of(started) if started is not None else Way()
            return (subject.in_role(role) if role != subject.role else subject).started_with(told), first
    return None


def _way_of(started: Started) -> Way:
    by_variables = started.by_variables is not False  # an older recording does not say: it had them
    return Way(started.arguments or (), started.typed or "", by_variables)


async def started(subject: Subject, begin: Begin) -> tuple[Subject, Recording]:
    """The subject started in the first way in which it begins, else in the way that got furthest.

    A server that listens on another port may have been given its port in the wrong way. One that works
    without an end and never listens may lack its port: it gets the usual argument, with the
    variables, and no other.
    """
    tried: list[tuple[Subject, Recording]] = []
    is_late = False
    for way in subject.ways or [None]:
        if way is not None and way.typed and (is_late or not _asks(tried[0][1])):
            continue
        if is_late and way == Way():
            continue
        told = subject if way is None else subject.started_with(way)
        recording = await begin(told)
        if (roomy := _with_a_large_pool(told, recording)) is not None:
            told, recording = roomy, await begin(roomy)
        tried.append((told, recording))
        _machine_has_all(told, recording)
        if _is_where_it_was_told(recording):
            break
        if has_begun(recording):
            continue
        if is_late or recording.starved or not _does_nothing(recording):
            break  # (it has something to do, and waits for no word)
        if _waits_for_clients(recording):
            break
        is_late = _has_used_its_time(recording)
    best = max(tried, key=lambda each: _how_far(each[1]))
    return await _by_its_usage(subject, best[1], begin) or best


async def _by_its_usage(
    subject: Subject, first: Recording, begin: Begin
) -> tuple[Subject, Recording] | None:
    """The server started by a word that its usage names (start, serve), if it begins then; else None."""
    if has_begun(first) or not subject.ways or subject.role is not Role.SERVER:
        return None
    for way in by_usage(_words(first).decode(errors="replace"), subject.port):
        told = subject.started_with(way)
        recording = await begin(told)
        if has_begun(recording):
            return told, recording
    return None


def _with_a_large_pool(subject: Subject, first: Recording) -> Subject | None:
    """The subject with room for many tasks, where what it starts by itself has met our limit.

    Its threads, or the processes that listen, are as many as we allow; or one more could not be started,
    and it ended.
    """
    has_met = wanted_more_tasks(first)
    if met_our_limit(first):
        has_met = any(
            sum(process.listens for process in at.processes) >= _MANY
            or any(process.threads >= _MANY for process in at.processes)
            for at in first.snapshots()
        )
    return replace(subject, pool=_LARGEST_POOL) if has_met else None


def _machine_has_all(subject: Subject, first: Recording) -> None:
    """Raise NoTool where it ended for want of a package that this machine lacks."""
    printed = first.final(Printed)
    if first.first(Died) is None or has_begun(first) or printed is None:
        return
    said = printed.data.decode(errors="replace")
    promised = subject.source.how.packages if subject.source else None
    if lacks.of_start(said, ()) and (lack := lacks.of_start(said, handed_in(subject.source), promised)):
        raise NoTool(f"{subject.name}: {lack}")


def _is_where_it_was_told(first: Recording) -> bool:
    """Whether it has begun, and a server listens on the port that it was given, or may choose one."""
    listens, started = first.first(Listens), first.first(Started)
    if first.scenario != FIRST[Role.SERVER] or listens is None or started is None:
        return has_begun(first)
    return first.contract.may_listen_anywhere or started.told in {None, listens.port}


def _asks(first: Recording) -> bool:
    """Whether it has printed something and then waits: perhaps for input from its terminal."""
    printed, died = first.final(Printed), first.first(Died)
    is_on = first.first(Listens) is None and died is None
    return is_on and printed is not None and bool(printed.data.strip())


def _does_nothing(first: Recording) -> bool:
    """Whether the program runs and does nothing: it may wait for an argument, or have another role."""
    return first.first(Started) is not None and first.is_finished


def _waits_for_clients(first: Recording) -> bool:
    """Whether it calls accept() on a socket that does not listen: it is a server, and has started."""
    started = first.first(Started)
    return started is not None and bool(started.vain)


def _has_used_its_time(first: Recording) -> bool:
    """Whether its time to start was over before it listened, exited or came to rest."""
    is_over = first.first(Died) is not None or all(s.proof == "quiet" for s in first.snapshots())
    return first.scenario == FIRST[Role.SERVER] and not is_over


def _how_far(first: Recording) -> tuple[bool, ...]:
    """How far a start came: it began; it asked its user; was refused a connection; printed its usage."""
    said = _words(first).lower()
    began = _is_where_it_was_told(first), has_begun(first)
    return *began, first.first(Typed) is not None, b"refused" in said, b"usage" in said


def _words(first: Recording) -> bytes:
    """All that it printed."""
    return b"".join(event.data for kind in _WORDS for event in first.every(kind))
