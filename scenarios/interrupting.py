"""Beyond the lecture: somebody types Ctrl-C at the server, while a client is connected."""

from __future__ import annotations

from harness.judge import views
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.record.recording import Kind, Missing, Recording
from harness.stage import Stage, scenario

EXPECTED = "no process of it left, and the port free, once the last client has gone"


@scenario(clients=1)
async def interrupting(stage: Stage) -> None:
    """A silent client is connected when SIGINT comes to the whole group; then it asks, and goes."""
    silent = await stage.peer("silent")
    await stage.interrupt()
    await silent.ask(b"late\n")
    silent.hang_up()
    await stage.quiet()


@requirement(
    "lifecycle/interrupt",
    scenario=interrupting,
    slide="beyond; signal(7), termios(3)",
    tier="advisory",
    says="Ctrl-C ends it, frees the port and takes the children along.",
    why="It is how you end it yourself, many times a day; what stays holds the port against your next "
    "try.",
    by_hand="start it in one window (not with & from a script: a shell starts those with SIGINT "
    "ignored); `nc 127.0.0.1 54321` in another, typing nothing; Ctrl-C in the first; `ps -e; ss -tlnp`",
    needs=(LISTENS, ANSWERS, "service/again"),
)
def ctrl_c_ends_it(seen: Recording) -> Verdict:
    if seen.first(Kind.SIGNALLED) is None:
        raise Missing("no SIGINT was sent")
    root, last = views.server(seen), seen.after(views.left(seen, seen.client("silent")))
    if any(process.pid == root for process in last.living):
        last.proven()
        return failed(
            f"SIGINT was sent, the last client has gone, and the server is still there, "
            f"{views.listener_state(seen, last)}",
            expected=EXPECTED,
            cause="ignores-sigint",
        )
    if last.living:
        last.proven()
        many = len(last.living)
        who = "a process it had started is" if many == 1 else f"{many} processes it had started are"
        port = ", and hold the port" if any(process.listens for process in last.living) else ""
        return failed(f"SIGINT ended the server; {who} left behind{port}", expected=EXPECTED, left=many)
    return passed("SIGINT ended it; the port is free, and no process is left")
