"""Slides 18 and 19: many children exit, and the signal that tells of them does not queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from harness.judge import children, unreaped
from harness.judge.patience import require_patience
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, failed, not_applicable, passed
from harness.record.events import Branched, Frozen, Left, Thawed
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot
from harness.record.spelling import called
from harness.stage import Peer, Stage, scenario

SIZES = (10, 50)
GOES_ON = (
    "who forks could not be stopped: another process traces it, and keeps SIGSTOP from it (ptrace(2))"
)


@scenario(clients=max(SIZES))
async def burst(stage: Stage) -> None:
    """Ten clients, then fifty: their children exit while the parent is stopped, then it goes on."""
    for size in SIZES:
        clients = await stage.peers(size, f"of {size}, client")
        child = stage.look().child_serving(clients[0]) if clients else None
        if child is None:
            stage.branch("no process was born for a client: none will exit")
            return
        parent = stage.look().parent_of(child)
        await stage.server.freeze(parent)
        for client in clients:
            client.send(f"{client.name}\n".encode())
        await stage.quiet(unless=partial(all_served, clients))
        await stage.part(clients)
        nobody_exits = stage.look().living > size
        await stage.server.thaw(parent)
        one_more = await stage.peer(f"after {size}")
        await one_more.ask(b"one more\n")
        await one_more.leave()
        await stage.quiet()
        if nobody_exits:
            stage.branch("no child exits when its client has left: fifty would not either")
            return


def all_served(clients: Sequence[Peer]) -> bool:
    """True once all clients have their answer and the end of their connection."""
    return all(client.is_served for client in clients)


@requirement(
    "reaping/burst",
    scenario=burst,
    slide="18, 19",
    tier="robust",
    says="When many children exit at once, all are reaped, at the latest when the next client comes.",
    why="Signals of one kind do not queue: while SIGCHLD is pending, further exits are not counted "
    "(signal(7)).",
    by_hand="`for i in $(seq 50); do (sleep 4; echo hello) | timeout 7 nc 127.0.0.1 54321 & done; "
    "sleep 2; kill -STOP PID; sleep 6; kill -CONT PID; sleep 1; ps --ppid PID -o "
    "pid,stat,args`: no <defunct> may be listed",
    needs=(LISTENS, ANSWERS, "reaping/sequential"),
)
def every_child_of_a_burst_is_reaped(seen: Recording) -> Verdict:
    bursts = _bursts(seen)
    if (why := _why_not(seen, bursts)) is not None:
        return why
    for each in reversed(bursts):
        if each.left > 1 and each.left_later > 1:
            each.later.proven()
            return _failure(seen, each)
    require_patience(seen, _last_freeze(seen))
    if _went_on(seen):
        return not_applicable(GOES_ON)
    reaped = sum(each.exited for each in bursts)
    return passed(
        f"{reaped} children had exited behind the stopped parent; none stayed a zombie"
        if reaped
        else "the kernel or init reaps: no zombie even while the parent was stopped",
        by_kernel=not reaped,
    )


@requirement(
    "reaping/promptly",
    scenario=burst,
    slide="18",
    tier="robust",
    says="When many children exit at once, they are reaped before the next client comes.",
    why="The next client may be hours away, and until then the zombies keep their places in the "
    "process table.",
    by_hand="`for i in 1 2 3 4 5; do (sleep 1; echo hello) | timeout 2 nc 127.0.0.1 54321 & done; "
    "sleep 4; ps --ppid PID -o pid,stat,args`: no <defunct> may be listed, though nobody has come "
    "since",
    needs=(LISTENS, ANSWERS, "reaping/sequential", "reaping/burst"),
)
def nobody_waits_for_the_next_client(seen: Recording) -> Verdict:
    bursts = _bursts(seen)
    if (why := _why_not(seen, bursts)) is not None:
        return why
    for each in reversed(bursts):
        if each.left <= 1:
            continue
        if each.left_later > 1:
            return blocked("reaping/burst")
        if each.after.proven().proof == "until":
            raise Missing("a clock may yet have them reaped")
        comes = seen.after(seen.client(each.one_more).connected)
        by_coming = len(comes.zombies) - each.zombies_before <= 1
        return failed(
            f"{each.left} of {each.exited} children stayed zombies, though the server was idle; they "
            f"went when one more client came",
            expected="no zombie left once the server is idle again, whether or not another client comes",
            cause=_why_late(seen, each.after) if by_coming else "",
            zombies=each.left,
        )
    require_patience(seen, _last_freeze(seen))
    if _went_on(seen):
        return not_applicable(GOES_ON)
    return passed("once the server was idle after a burst, no zombie waited for the next client")


def _why_late(seen: Recording, idle: Snapshot) -> str:
    """Why a server reaps when the next client comes: it has a handler for SIGCHLD, or it has none."""
    root = idle.find(seen.root)
    has_one = root is not None and root.caught is not None and bool(root.caught & unreaped.SIGCHLD)
    return "handler-put-off" if has_one else "reaps-at-next-accept"


@dataclass(frozen=True, slots=True)
class _Burst:
    """A crowd of children that exited while their parent was stopped, and the zombies among them.

    `left` counts zombies at rest after the thaw, `left_later` after one more client came and left.
    """

    thaw: Thawed
    frozen: Snapshot
    after: Snapshot
    later: Snapshot
    zombies_before: int
    one_more: str

    @property
    def exited(self) -> int:
        return len(self.frozen.zombies) - self.zombies_before

    @property
    def left(self) -> int:
        return len(self.after.zombies) - self.zombies_before

    @property
    def left_later(self) -> int:
        return len(self.later.zombies) - self.zombies_before


def _bursts(seen: Recording) -> list[_Burst]:
    return [_burst(seen, index, thaw) for index, thaw in seen.all(Thawed)]


def _last_freeze(seen: Recording) -> int:
    return max(index for index, _ in seen.all(Frozen))


def _went_on(seen: Recording) -> bool:
    return not all(event.stopped for event in seen.every(Frozen))


def _burst(seen: Recording, index: int, thaw: Thawed) -> _Burst:
    freeze = max(at for at, _ in seen.all(Frozen) if at < index)
    goes = ((at, e.actor) for at, e in seen.all(Left) if at > index and "after" in e.actor)
    gone, one_more = next(goes, (None, ""))
    return _Burst(
        thaw=thaw,
        frozen=seen.before(index),
        after=seen.after(index),
        later=seen.after(gone),
        zombies_before=len(seen.before(freeze).zombies),
        one_more=one_more,
    )


def _why_not(seen: Recording, bursts: Sequence[_Burst]) -> Verdict | None:
    """Why the requirement does not apply: no children exited together."""
    if bursts:
        nobody_exits = len(bursts[0].frozen.living) > SIZES[0]
        return not_applicable(children.NONE_EXITS) if nobody_exits else None
    if seen.first(Branched) is not None:
        return not_applicable(children.none_seen(seen, seen.client(f"of {SIZES[0]}, client 1")))
    raise Missing("no burst took place")


def _failure(seen: Recording, burst: _Burst) -> Verdict:
    after, pid = burst.after.proven(), burst.thaw.pid
    parent, rests = burst.frozen.find(pid), after.find(pid)
    pending = parent is not None and bool(parent.pending & unreaped.SIGCHLD)
    pends = "one SIGCHLD was pending for all of them" if pending else "no SIGCHLD was pending"
    told = "" if unreaped.has_handler(seen) is False else f": {pends},"
    where = f"is waiting in {called(rests.call)}" if rests is not None and rests.call else "goes on"
    stay = {zombie.key for zombie in burst.later.zombies}
    went = sum(zombie.key not in stay for zombie in burst.after.zombies)
    then = (
        ""
        if pending or not went
        else f"; when one more client came, {went} {'was' if went == 1 else 'were'} reaped"
    )
    return failed(
        f"{burst.left} of {burst.exited} children are zombies{told} and the server {where}{then}",
        expected="no zombie left once the server is idle again",
        cause=(_of_handler(seen, burst, pid) if pending else "") or _of_accept(seen, burst),
        zombies=burst.left,
        children=burst.exited,
    )


def _of_handler(seen: Recording, burst: _Burst, parent: int) -> str:
    """The known fault of a parent that got one SIGCHLD for all, by how many children it reaped then.

    Of several, wait() and waitpid(-1, ...) take the oldest first (wait(2)).
    """
    reaped = burst.exited - burst.left
    if reaped == 0:
        told = burst.after.find(parent)
        is_delivered = told is not None and not told.pending & unreaped.SIGCHLD
        return "reaps-no-more" if is_delivered and unreaped.has_handler(seen) else ""
    has_handler = unreaped.has_handler(seen)
    if reaped == 1 and has_handler is False:
        return "once-per-signal"  # signalfd(2) and sigwaitinfo(2) name the child that exited first
    stay = {process.key for process in burst.after.zombies}
    born = sorted((p.started, p.pid) for p in burst.frozen.zombies)
    if has_handler is False or any(key[::-1] not in stay for key in born[reaped:]):
        return ""
    return "once-per-signal" if reaped == 1 else "few-per-signal"


def _of_accept(seen: Recording, burst: _Burst) -> str:
    """The known fault where no handler is there, and one more client has one child reaped."""
    comes = seen.after(seen.client(burst.one_more).connected)
    reaped = burst.left - (len(comes.zombies) - burst.zombies_before)
    is_one = unreaped.has_handler(seen) is False and burst.left == burst.exited and reaped == 1
    return "once-per-accept" if is_one else ""
