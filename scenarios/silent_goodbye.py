"""Slide 10, `if (rx > 0)`: a client may leave without a word."""

from __future__ import annotations

from harness.judge import branches, children, survival
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.record.client import Client
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process
from harness.record.spelling import called
from harness.stage import Stage, scenario

VISITS = 3


@scenario(clients=1)
async def silent_goodbye(stage: Stage) -> None:
    """Three clients ask and leave; three leave without a word; one more asks."""
    for number in range(1, VISITS + 1):
        talker = await stage.peer(f"talker {number}")
        await talker.ask(b"hello\n")
        await talker.leave()
    await stage.quiet()
    for number in range(1, VISITS + 1):
        mute = await stage.peer(f"mute {number}")
        await mute.leave()
    await stage.quiet()
    last = await stage.peer("last")
    await last.ask(b"still there?\n")
    await last.leave()


@requirement(
    "stream/silent-goodbye",
    scenario=silent_goodbye,
    slide="10",
    tier="lecture",
    says="When a client leaves without sending anything, no process and no load of it stays.",
    why="read() then returns 0, and that is no line to wait for: connections that are opened and "
    "closed again would eat the server up.",
    by_hand="`for i in 1 2 3; do nc -z 127.0.0.1 54321; done; sleep 1; ps --ppid PID; top`: no "
    "child may be left, and none may be at the top of the list",
    needs=(LISTENS, ANSWERS, "service/again"),
)
def a_silent_goodbye_costs_nothing(seen: Recording) -> Verdict:
    mutes, last = seen.clients("mute "), seen.client("last")
    expected = "nothing left of a client that sent nothing and closed: no process, load or zombie"
    goodbyes = [(mute, index) for mute in mutes if (index := mute.left) is not None]
    for mute, goodbye in goodbyes:
        at = seen.after(goodbye)
        stays = [p for p in at.living if p.key in {b.key for b in children.born_for(seen, mute)}]
        if at.proof == "spin":
            return failed(
                "a client connected, sent nothing and closed; since then the server uses the processor "
                "all the time",
                expected=expected,
                cause=branches.why_it_spins(seen, "spins-on-goodbye"),
            )
        if stays:
            at.proven()
            return failed(
                "a client connected, sent nothing and closed, and its child is still there, "
                f"asleep in {called(stays[0].call)}",
                expected=expected,
                cause=_why_it_stays(seen, mute, stays[0]),
            )
    if not last.answer:
        last.require_attempt()
        return survival.failure(
            seen,
            last,
            "clients connected, sent nothing and closed",
            expected=expected,
            died="goodbye-is-fatal",
        )
    if len(goodbyes) < VISITS:
        raise Missing(f"only {len(goodbyes)} clients sent nothing and closed")
    ends = _first(seen, "talker 1"), _first(seen, "mute 1"), _first(seen, "last")
    looks = [seen.before(index) for index in ends]
    if looks[2].proof == "spin" != looks[1].proof:
        return failed(
            f"{VISITS} clients connected, sent nothing and closed, one after the other, and then the "
            "server used the processor all the time",
            expected=expected,
            cause=_why_threads_spin(seen, mutes),
        )
    for at in looks[1:]:
        at.proven()
    start, middle, end = (len(at.zombies) for at in looks)
    if end - middle > 1 and middle - start <= 1:
        return failed(
            f"{end - middle} of {VISITS} clients that left without a word left a zombie; those that "
            "were served left none",
            expected=expected,
            cause="zombie-on-goodbye",
        )
    return passed(f"{VISITS} clients sent nothing and closed, and nothing stayed of them")


def _why_it_stays(seen: Recording, mute: Client, child: Process) -> str:
    """The known fault of a child that is still there; "" of one that did not have the client."""
    if child.may_let_in and child.listens:
        return "child-in-accept"
    holders = [process.pid for process in seen.after(mute.connected).holders(mute.port)]
    return "child-waits-for-ever" if not holders or child.pid in holders else ""


def _why_threads_spin(seen: Recording, mutes: list[Client]) -> str:
    """The cause of a server that runs for those who have gone, and was met at rest at first."""
    asks = any(
        at.proof == "spin"
        for mute in mutes
        if mute.connected is not None and mute.left is not None
        for at in seen.looks(mute.connected, mute.left)
    )
    return "spins-on-eagain" if asks else branches.why_it_spins(seen, "spins-on-goodbye")


def _first(seen: Recording, name: str) -> int:
    return next(index for index, event in enumerate(seen.events) if event.actor == name)
