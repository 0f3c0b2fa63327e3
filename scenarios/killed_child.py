"""Slide 15, with a child that a signal kills: it becomes a zombie too."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from typing import Final

from harness.judge import children, crew, uncaught, wording
from harness.judge.interrupted import NEVER_ENDS
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.unreaped import spins_in_handler
from harness.judge.verdict import Verdict, failed, not_applicable, passed
from harness.record.events import Branched, Died, Signalled, Thawed
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process
from harness.record.spelling import ending
from harness.stage import Stage, scenario

AT_ONCE: Final = 2  # workers of a pool that end together
SIGNALS: Final[Mapping[str, signal.Signals]] = {"killed": signal.SIGKILL, "crashed": signal.SIGSEGV}


@scenario(clients=1)
async def killed_child(stage: Stage) -> None:
    """One child is killed, another one crashes; then one more client asks.

    Where workers stand ready, one of them is killed, and then two at once.
    """
    for name, number in SIGNALS.items():
        client = await stage.peer(name)
        if not client.is_connected:
            break
        child = stage.look().child_serving(client)
        if child is None:
            stage.branch("no process was born for a client: none can be killed")
            if name == next(iter(SIGNALS)):
                await client.leave()
                await kill_workers(stage)
                return
            break  # the server may hang since the first was killed
        await stage.server.signal(child.pid, number, unless=lambda: True)
        await client.leave()
    third = await stage.peer("third")
    await third.ask(b"is anybody left?\n")
    await third.leave()
    await stage.quiet(unless=stage.server.family_is_back)


async def kill_workers(stage: Stage) -> None:
    """Kill one idle worker; if another one takes its place, kill two while their parent is stopped."""
    before = len(stage.look().idle_workers())
    if before <= AT_ONCE:
        return
    await stage.server.signal(stage.look().idle_workers()[0].pid, SIGNALS["killed"])
    again = stage.look().idle_workers()
    if len(again) < before:
        return
    await stage.server.freeze(stage.server.root)
    for worker in again[:AT_ONCE]:
        await stage.server.signal(worker.pid, SIGNALS["killed"], unless=lambda: True)
    await stage.server.thaw(stage.server.root)
    await stage.quiet()


@requirement(
    "reaping/killed-child",
    scenario=killed_child,
    slide="15, 16; beyond: wait(2), WIFSIGNALED",
    tier="robust",
    says="A child that is killed by a signal, as in a crash, is reaped too.",
    why="One bad line may crash a child; its zombie is as lasting as any other, and the parent is to "
    "serve on.",
    by_hand="`nc 127.0.0.1 54321` in one window; `kill -KILL CHILD` in another; connect again; "
    "`kill -SEGV CHILD`; then `ps --ppid PID -o pid,stat,args; echo hello | nc 127.0.0.1 "
    "54321`: no <defunct> may be listed, and the reply must come",
    needs=(LISTENS, ANSWERS, "reaping/sequential"),
)
def a_child_that_crashes_is_reaped_too(seen: Recording) -> Verdict:
    kills = list(seen.all(Signalled))
    branch = seen.place_of(Branched)
    if branch is not None and (not kills or branch < kills[0][0]):
        return _workers_stay(seen, kills) or not_applicable(
            children.none_seen(seen, seen.client("killed"))
        )
    if not kills:
        raise Missing("no child was killed")
    if crew.of(seen):
        return not_applicable(children.A_CREW)
    for index, kill in kills:
        if not seen.is_alive(seen.after(index)):
            return _gave_up(seen, kill)
    third = seen.client("third")
    if not third.answer:
        third.require_attempt()
        at = seen.unanswered(third)
        who = "a child" if len(kills) == 1 else f"{len(kills)} children"
        return failed(
            f"after {who} had been killed the next client got no answer: the server "
            f"was {wording.listener_state(seen, at)}",
            expected="the killed children reaped, and the next client served",
            cause=NEVER_ENDS
            if spins_in_handler(seen, at)
            else ""
            if seen.is_alive(at)
            else uncaught.of_server(seen),
        )
    last = seen.last()
    killed = [(kill.signal, _victim(seen, index, kill)) for index, kill in kills]
    zombies = {process.key for process in last.zombies}
    stay = [name for name, victim in killed if victim.key in zombies]
    if stay:
        last.proven()
        others = len(zombies - {victim.key for _, victim in killed})
        too = "; and whoever has exited by itself since then is a zombie, too" if others else ""
        return failed(
            f"{len(stay)} of {len(kills)} children killed by a signal ({', '.join(stay)}) are still "
            f"zombies, though another client has come and gone since{too}",
            expected="no zombie left, however the child ended",
            cause="ignores-killed-children",
            zombies=len(stay),
        )
    names = " and ".join(name for name, _ in killed)
    return passed(f"{names} killed one child each: none stayed a zombie, and the next client was served")


def _workers_stay(seen: Recording, kills: Sequence[tuple[int, Signalled]]) -> Verdict | None:
    """The failure of a parent that has reaped one worker, and of two at once only one."""
    if len(kills) <= AT_ONCE or seen.first(Thawed) is None or seen.first(Died) is not None:
        return None
    last, pids = seen.last(), {kill.pid for _, kill in kills}
    stay = [each for each in last.zombies if each.pid in pids and each.ppid == seen.root]
    if not stay or last.proven().proof == "until":
        return None
    return failed(
        f"a worker was killed, and another one took its place; then {AT_ONCE} were killed while their "
        f"parent was stopped, and {len(stay)} of them stayed a zombie when it went on",
        expected="each worker reaped, and another one in its place",
        cause="once-per-signal",
        zombies=len(stay),
    )


def _victim(seen: Recording, index: int, kill: Signalled) -> Process:
    victim = seen.before(index).find(kill.pid)
    if victim is None:
        raise Missing("the child was not seen before it was killed")
    return victim


def _gave_up(seen: Recording, kill: Signalled) -> Verdict:
    died = seen.first(Died)
    how = ending(died.status) if died else "was gone"
    return failed(
        f"when {kill.signal} had killed a child, the server {how}",
        expected="the killed child reaped, and the server as before",
        cause="gives-up-on-crash",
    )
