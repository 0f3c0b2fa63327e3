"""Whether clients have left anything behind when all of them are gone: what a test asks at its end."""

from collections.abc import Iterator, Sequence
from typing import Final

from harness.record.events import Branched, Connected, Died, Ended, Signalled
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process, Snapshot
from harness.record.spelling import called, ending

from . import children, unreaped, wording
from .growth import new_ones
from .verdict import Verdict, failed, passed

FROM_HERE: Final = "what is left is counted from here"
ONE_MORE: Final = "one more, since zombies were left"
_EXPECTED: Final = "no zombie, and no more processes and descriptors than {since}"
_MOST_NAMED: Final = 3


def nothing_is_left(seen: Recording) -> Verdict:
    """Judge that no zombie, no process more and no descriptor more than at the start is there.

    Counted from the last branch FROM_HERE, if there is one. The client ONE_MORE comes where zombies
    were left: a server may reap when the next client comes, and only a zombie that stays then counts.

    Raises:
        Missing: the server was not proven to be at rest at the end, or what is more may go by the clock.
    """
    here = [index for index, event in seen.all(Branched) if event.cause == FROM_HERE]
    start, since = (seen.after(here[-1]), "before") if here else (seen.snapshots()[0], "after the start")
    last = seen.last().proven()
    zombies, more = _zombies(seen, start, last), len(last.living) - len(start.living)
    opened = sum(now.fds - before.fds for before, now in _grown(start, last))
    told = [_told_of_zombies(zombies)] if zombies else []
    if not seen.is_alive(last) and not (seen.first(Signalled) or seen.first(Ended)):
        told.append(whereabouts(seen, last))
    may_go: list[str] = []  # when a clock strikes
    if more > 0:
        new = _named(last.born_since(start))
        may_go.append(f"{_many(more, 'process', 'es')} more than {since}: {new}")
    if opened:
        leads = new_ones(start, last)
        count = _many(opened, "descriptor")
        may_go.append(f"{count} more than {since}{f', {leads}' if leads else ''}")
    if last.proof != "until":
        told += may_go
    elif may_go and not told:
        raise Missing(f"{'; '.join(may_go)}; a clock is still to strike, and it may go then")
    if not told:
        return passed("nothing is left of the clients that came")
    return failed(
        "; ".join(told),
        expected=_EXPECTED.format(since=since),
        cause=_cause(seen) if zombies else "",
        zombies=len(zombies),
        processes=max(0, more),
        descriptors=opened,
    )


def whereabouts(seen: Recording, at: Snapshot) -> str:
    """How the server has ended, or else where it stood, in words."""
    if seen.is_alive(at):
        return wording.where_all_stood(seen, at)
    died = seen.final(Died)
    return f"the server {ending(died.status) if died else 'is gone'}{wording.said(seen)}"


def _zombies(seen: Recording, start: Snapshot, last: Snapshot) -> list[Process]:
    """The zombies that have come since the start, and were not reaped when one more client came."""
    came = seen.place_of(Connected, ONE_MORE)
    stay = last.zombies if came is None else seen.before(came).zombies
    new = {each.key for each in stay} - {each.key for each in start.zombies}
    return [each for each in last.zombies if each.key in new]


def _cause(seen: Recording) -> str:
    """The known fault that leaves zombies of children that served; "" of helpers, or where not seen."""
    came = [event for event in seen.every(Connected) if event.port is not None]
    if not came or came[0].actor == ONE_MORE:  # those before were a crowd, and are not told apart
        return ""
    if not any(children.is_born(seen, seen.client(event.actor)) for event in came):
        return ""
    return unreaped.cause(seen, len(children.exited(seen)))


def _grown(start: Snapshot, last: Snapshot) -> Iterator[tuple[Process, Process]]:
    """Processes of the start, then and now, that have more descriptors now."""
    for now in last.living:
        before = start.find(now.pid)
        if before is not None and before.key == now.key and now.fds > before.fds:
            yield before, now


def _told_of_zombies(zombies: Sequence[Process]) -> str:
    parents = {each.ppid for each in zombies}
    whose = f" of process {parents.pop()}" if len(parents) == 1 else ""
    one = len(zombies) == 1
    return f"{len(zombies)} child{'' if one else 'ren'}{whose} {'is a zombie' if one else 'are zombies'}"


def _named(processes: Sequence[Process]) -> str:
    told = [
        f"process {each.pid} {f'in {called(each.call)}' if each.call else 'runs'}"
        for each in processes[:_MOST_NAMED]
    ]
    others = len(processes) - _MOST_NAMED
    return ", ".join(told) + (f" and {others} others" if others > 0 else "")


def _many(count: int, what: str, plural: str = "s") -> str:
    return f"{count} {what}{plural if count > 1 else ''}"
