"""Beyond the lecture: a server is asked to end, by signal or Ctrl-C, while somebody is connected."""

from __future__ import annotations

import re
import signal
from collections.abc import Awaitable, Callable, Sequence

from harness.judge import children, wording
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, not_applicable, passed
from harness.record.events import Signalled, Started
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process
from harness.signal_mask import bit
from harness.stage import Stage, scenario

_INTERRUPTED = re.compile(r"^KeyboardInterrupt\b", re.MULTILINE)  # as Python reports it when uncaught
_STAYS = frozenset({"ignores-sigterm", "ignores-sigint", "blocks-sigint", "catches-sigint"})
EXPECTED = "no process of it left, and the port free, once the last client has gone"


async def _with_a_client(stage: Stage, ask_to_end: Callable[[], Awaitable[None]]) -> None:
    """Send the signal while a silent client is connected; then the client asks, and leaves."""
    silent = await stage.peer("silent")
    await ask_to_end()
    await silent.ask(b"late\n")
    silent.hang_up()
    await stage.quiet()


@scenario(clients=1)
async def terminating(stage: Stage) -> None:
    """SIGTERM comes to the server, while a silent client is connected."""
    await _with_a_client(stage, lambda: stage.server.signal(stage.server.root, signal.SIGTERM))


@scenario(clients=1)
async def interrupting(stage: Stage) -> None:
    """SIGINT comes to the server's process group, as by Ctrl-C, while a silent client is connected."""
    await _with_a_client(stage, stage.server.interrupt)


@requirement(
    "lifecycle/terminate",
    scenario=terminating,
    slide="beyond; signal(7)",
    tier="advisory",
    says="SIGTERM ends the server: nothing of it lives on, and its port is free.",
    why="It is how a machine that shuts down, or a supervisor, ends a server: who stays is killed, or "
    "holds the port against the next one.",
    by_hand="`nc 127.0.0.1 54321` in one window, typing nothing; `kill PID` in another; end nc; "
    "then `ps -e; ss -tlnp`: no process of the server may be left, and its port must be free",
    needs=(LISTENS, ANSWERS, "service/again"),
)
def sigterm_ends_it(seen: Recording) -> Verdict:
    return _still_held(seen) or _ends(seen, signal.SIGTERM)


@requirement(
    "lifecycle/interrupt",
    scenario=interrupting,
    slide="beyond; signal(7), termios(3)",
    tier="advisory",
    says="Ctrl-C ends the server: nothing of it lives on, and its port is free.",
    why="It is how you end it yourself, many times a day; what stays holds the port against your next "
    "try.",
    by_hand="start it in one window (not with & from a script: a shell starts those with SIGINT "
    "ignored); `nc 127.0.0.1 54321` in another, typing nothing; Ctrl-C in the first; end "
    "nc; then `ps -e; ss -tlnp`: no process of the server may be left, and its port must be free",
    needs=(LISTENS, ANSWERS, "service/again"),
)
def ctrl_c_ends_it(seen: Recording) -> Verdict:
    if seen.require(Started).stays is False:
        return not_applicable("it has left its terminal, where Ctrl-C is typed: see contract/foreground")
    return _ends(seen, signal.SIGINT)


def _still_held(seen: Recording) -> Verdict | None:
    """The failure of a server whose port was not free after SIGTERM: a new server cannot start.

    None where the port was free; None also where the server never ends: another requirement says so.
    """
    signalled = seen.place_of(Signalled)
    if signalled is None:
        raise Missing("no SIGTERM was sent")
    first, last = seen.after(signalled), seen.after(seen.client("silent").left)
    holders = [process for process in first.living if process.listens]
    if not holders or any(process.pid == seen.root for process in last.living):
        return None
    first.proven()
    stay = {process.key for process in last.living}
    orphans = all(process.pid != seen.root and process.key in stay for process in holders)
    serving = {process.key for process in children.born_for(seen, seen.client("silent"))}
    child = "child-keeps-listener" if {process.key for process in holders} <= serving else ""
    return failed(
        "SIGTERM was sent while one client was connected, and the port is still held, by "
        f"{_whom(holders, seen.root)}",
        expected="the port free at once, and no process left once the last client has gone",
        cause="orphans-keep-listener" if orphans else child,
        holders=len(holders),
    )


def _ends(seen: Recording, sent: signal.Signals) -> Verdict:
    """Judge which processes are left, and which one holds the port, when all clients have left."""
    name = sent.name
    if seen.first(Signalled) is None:
        raise Missing(f"no {name} was sent")
    root, last = seen.root, seen.after(seen.client("silent").left)
    if not last.living:
        return passed(f"{name} ended it; the port is free, and no process is left")
    last.proven()
    if (first := last.find(root)) is not None and not first.is_zombie:
        return failed(
            f"{name} was sent, the last client has gone, and the server is still there, "
            f"{wording.listener_state(seen, last)}",
            expected=EXPECTED,
            cause="threads-outlive-interrupt"
            if _INTERRUPTED.search(seen.printed)
            else _why_it_stays(first, sent),
        )
    if holders := [process for process in last.living if process.listens]:
        return failed(
            f"{name} ended the server and the client has gone; the port is still held, by "
            f"{_whom(holders, root)}",
            expected=EXPECTED,
            holders=len(holders),
        )
    return failed(
        f"{name} ended the server and the client has gone; left behind: {_whom(last.living, root)}",
        expected=EXPECTED,
        left=len(last.living),
    )


def _why_it_stays(process: Process, sent: signal.Signals) -> str:
    """Why a process goes on after this signal, by its signal masks; "" where they do not say."""
    masks = {
        "blocks": (process.blocked or 0) & process.pending,
        "ignores": process.ignored or 0,
        "catches": process.caught or 0,
    }
    told = next((does for does, mask in masks.items() if mask & bit(sent)), "")
    if told == "catches" and process.is_in_wait:
        return ""  # in no call that was begun again: it waits for a child that outlived the signal
    cause = f"{told}-{sent.name.lower()}"
    return cause if cause in _STAYS else ""


def _whom(processes: Sequence[Process], root: int) -> str:
    if any(process.pid == root for process in processes):
        return "the server itself"
    return "a process it had started" if len(processes) == 1 else f"{len(processes)} of its processes"
