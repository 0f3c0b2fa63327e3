"""Out of processes: fork() returns -1 (fork(2), EAGAIN)."""

from __future__ import annotations

from harness.judge import design, survival, wording
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.unreaped import SIGCHLD
from harness.judge.verdict import Verdict, failed, not_applicable, passed
from harness.record.client import Client
from harness.record.events import Branched, Limited, Witness
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import called
from harness.stage import Stage, scenario

OF_A_THREAD = ("start new thread", "create native thread", "spawn thread")  # Python, Java, Rust
UNSAFE = "kill(-1) would reach beyond this cell: it has no processes of its own"


@scenario(clients=2)
async def no_processes(stage: Stage) -> None:
    """A client is served; the server gets no more processes while another comes; then one more comes.

    Some keep that client, and try again a few seconds later.
    """
    if stage.ports_are_shared:
        stage.branch(UNSAFE)
        return
    before = await stage.peer("before")
    await before.ask(b"hello\n")
    await before.leave()
    async with stage.server.beside_bystander():
        async with stage.server.short_of("processes"):
            unlucky = await stage.clients.dial("unlucky")
            unlucky.send(b"hello\n")
            await stage.settle()
        await stage.rest.outlast_clocks(unless=lambda: unlucky.is_served or unlucky.end is not None)
    unlucky.hang_up()
    after = await stage.peer("after")
    await after.ask(b"is it over?\n")
    await after.leave()


@requirement(
    "abuse/no-processes",
    scenario=no_processes,
    slide="beyond; fork(2)",
    tier="robust",
    says="When no process or thread can be started, the server goes on and harms nobody else.",
    why="fork() fails on a full machine; what it returns then, -1, is no child: to kill(2) it means "
    "everybody.",
    by_hand="not as root, who has no such limit; and not if your program passes what fork() returned to "
    "kill(): kill(-1) ends all that you run. `prlimit --pid PID --nproc=1:; echo hello | timeout 9 "
    "nc 127.0.0.1 54321; prlimit --pid PID --nproc=1000:; echo hello | timeout 9 nc 127.0.0.1 54321`: "
    "the second must be answered",
    needs=(LISTENS, ANSWERS, "service/again", "fork/parent-closes-connection"),
)
def out_of_processes_is_not_out_of_service(seen: Recording) -> Verdict:
    if any(event.cause == UNSAFE for event in seen.every(Branched)):
        return not_applicable(UNSAFE)
    limited, witness = seen.first(Limited), seen.first(Witness)
    if limited is not None and not limited.bound:
        raise Missing("the limit on its processes could not be lowered")
    if witness is None:
        raise Missing("nobody looked after the bystander")
    if not witness.lives:
        return failed(
            "fork() failed once, and a process that does not belong to the server was killed",
            expected="nobody else harmed",
            cause="kills-minus-one",
        )
    unlucky, after = seen.client("unlucky"), seen.client("after")
    threads = design.is_by_thread(seen, "before") or any(
        words in wording.said(seen) for words in OF_A_THREAD
    )
    what = "when no thread could be started" if threads else "when fork() had failed once"
    if not after.answer:
        after.require_attempt()
        return survival.failure(
            seen,
            after,
            what,
            expected="the next client answered once there are processes again",
            died="thread-failure-is-fatal" if threads else "fork-failure-is-fatal",
        )
    if unlucky.answer:
        return passed("the client who came when there were no processes was answered all the same")
    return _blocks_since(seen, what) or _of_the_unlucky(seen, unlucky, what, threads=threads)


def _of_the_unlucky(seen: Recording, unlucky: Client, what: str, *, threads: bool) -> Verdict:
    """Judge what became of the client for whom there was no process; the next one was answered."""
    if unlucky.end is None:
        at = seen.before(unlucky.left).proven()
        holders = at.holders(unlucky.port)
        if holders:
            who = "the server" if holders[0].pid == seen.root else "one of its processes"
            return failed(
                f"{what}, that client's connection is still held by {who}, in "
                f"{called(holders[0].call)}, and nobody serves it",
                expected="the connection closed, so that the client knows",
                cause="leaks-on-thread-failure" if threads else "leaks-on-fork-failure",
            )
    return passed(f"{what}, one client was turned away, the next was answered")


def _blocks_since(seen: Recording, what: str) -> Verdict | None:
    """The failure of a parent that has SIGCHLD blocked and pending since then, beside a zombie."""
    first = seen.before(seen.place_of(Limited)).find(seen.root)
    last = seen.last().find(seen.root)
    if first is None or last is None or first.blocked is None or first.blocked & SIGCHLD:
        return None
    zombies = [each for each in seen.last().zombies if each.ppid == seen.root]
    if not (zombies and (last.blocked or 0) & last.pending & SIGCHLD):
        return None
    seen.last().proven()
    return failed(
        f"{what}, one client was turned away, and the next answered; its child has exited and is a "
        "zombie: the server has SIGCHLD blocked since",
        expected="children reaped as before",
        cause="mask-kept-on-failure",
        zombies=len(zombies),
    )
