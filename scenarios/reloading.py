"""Beyond the lecture: SIGHUP asks a server to read its settings anew, while a client is served."""

from __future__ import annotations

import os
import signal

from harness.judge import endings, mid_line, survival
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, not_applicable, passed
from harness.record.client import Client
from harness.record.events import Branched, Died, Signalled
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import ending, spell
from harness.stage import Stage, scenario

FIRST, REST = b"he", b"llo\n"
NOT_HEEDED = "it does not catch SIGHUP, and so promises no reload"
EXPECTED = "who was being served answered, the next client too; then as many processes as before"


@scenario(clients=2)
async def reloading(stage: Stage) -> None:
    """A client sends half its line; SIGHUP comes; another client asks; then comes the rest of the line.

    The same is done once before without the signal: what grows with its clients has grown by then.
    """
    if not stage.look().heeds(signal.SIGHUP):
        stage.branch(NOT_HEEDED)
        return
    await _two_come(stage, "first", "second")
    await _two_come(stage, "talking", "fresh", reloads=True)
    await stage.rest.outlast_clocks(unless=stage.server.family_is_back)


async def _two_come(stage: Stage, slow: str, quick: str, *, reloads: bool = False) -> None:
    """One client sends half a line, and the rest when another has asked."""
    talking = await stage.peer(slow)
    talking.send(FIRST)
    await stage.settle()
    if reloads:
        await stage.server.signal(stage.server.root, signal.SIGHUP)
    fresh = await stage.peer(quick)
    await fresh.ask(b"hello\n")
    talking.send(REST)
    await stage.quiet(unless=lambda: talking.is_served and fresh.is_served)
    await stage.part([talking, fresh])


@requirement(
    "lifecycle/reload",
    scenario=reloading,
    slide="beyond; signal(7)",
    tier="advisory",
    says="A server that catches SIGHUP drops nobody when it comes, serves who comes then, and leaves no "
    "old worker behind.",
    why="Daemons read their settings anew on SIGHUP (daemon(7)), so that nobody need end them; what "
    "drops its clients or grows each time is no better than a restart.",
    by_hand="`(printf he; sleep 5; echo llo; sleep 1) | nc 127.0.0.1 54321` in one window; at once "
    "`kill -HUP PID; sleep 1; echo hello | nc 127.0.0.1 54321` in another: both replies must come; then "
    "`ps --ppid PID -o pid,stat,args`: as many as before, and no <defunct>",
    needs=(LISTENS, ANSWERS, "service/again"),
)
def a_reload_drops_nobody(seen: Recording) -> Verdict:
    if any(event.cause == NOT_HEEDED for event in seen.every(Branched)):
        return not_applicable(NOT_HEEDED)
    sent = seen.place_of(Signalled)
    if sent is None:
        raise Missing("no SIGHUP was sent")
    if _has_ended(seen):
        return _ended(seen)
    talking, fresh = seen.client("talking"), seen.client("fresh")
    return (
        mid_line.answered_already(talking, sent)
        or _dropped(seen, talking)
        or _turned_away(seen, fresh)
        or _left_over(seen)
    )


def _has_ended(seen: Recording) -> bool:
    """Whether none of it lives, or SIGHUP has killed its first process, as where it is not caught."""
    died = seen.final(Died)
    is_killed = died is not None and os.waitstatus_to_exitcode(died.status) == -signal.SIGHUP
    return is_killed or not seen.is_alive(seen.last())


def _ended(seen: Recording) -> Verdict:
    """SIGHUP has ended it: a crash is a failure; else it takes it for what it means to a terminal."""
    died = seen.final(Died)
    if died is None:
        raise Missing("it was not seen how the server ended")
    if not endings.is_crash(died.status):
        return not_applicable("it ends at SIGHUP, and so promises no reload")
    return failed(f"SIGHUP came, and the server {ending(died.status)}", expected=EXPECTED)


def _dropped(seen: Recording, talking: Client) -> Verdict | None:
    """The failure where the client that was being served got no answer."""
    if mid_line.is_finished(seen, talking):
        return None
    return failed(
        f"SIGHUP came when a client had sent {spell(FIRST)}, and the rest of the line was not answered",
        expected=EXPECTED,
        cause="reload-drops-clients" if talking.ended is not None else "",
    )


def _turned_away(seen: Recording, fresh: Client) -> Verdict | None:
    """The failure where a client that came after SIGHUP got no answer."""
    if fresh.answer:
        return None
    fresh.require_attempt()
    at = seen.unanswered(fresh)
    gone = "reload-loses-listener" if at.listener is None else ""
    return survival.failure(seen, fresh, "SIGHUP came", expected=EXPECTED, mute=gone)


def _left_over(seen: Recording) -> Verdict:
    """Judge what is left of the processes that were there before SIGHUP, when all clients have gone."""
    before, last = seen.after(seen.client("second").left), seen.last()
    old = {process.key for process in before.living}
    if zombies := [process for process in last.zombies if process.key in old]:
        last.proven()
        return failed(
            f"SIGHUP came, and {len(zombies)} of {len(old)} processes from before are zombies",
            expected=EXPECTED,
            cause="reload-leaves-zombies",
            zombies=len(zombies),
        )
    if len(last.living) > len(before.living):
        last.proven()
        return failed(
            f"SIGHUP came, and there are {len(last.living)} processes where there were "
            f"{len(before.living)}, though all clients have gone",
            expected=EXPECTED,
            living=len(last.living),
        )
    replaced = len(old - {process.key for process in last.living})
    how = f"{replaced} processes were replaced" if replaced else "no process was replaced"
    return passed(f"SIGHUP came: nobody was dropped, the next client was served; {how}")
