"""Out of descriptors: accept() returns EMFILE while clients wait in the queue (accept(2))."""

from __future__ import annotations

from harness.judge import survival
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, not_applicable, passed
from harness.record.events import Limited
from harness.record.recording import Recording
from harness.stage import Stage, scenario

WAITING = 3


@scenario(clients=WAITING + 1)
async def no_descriptors(stage: Stage) -> None:
    """One is served; three come while the server gets no more descriptors; then it does, and one comes.

    A run-time loads much of itself with its first client: what it then lacks it may lack for ever, and
    that is no fault of the program.
    """
    first = await stage.peer("first")
    await first.ask(b"the first of all\n")
    await first.leave()
    await stage.quiet()
    async with stage.server.short_of("descriptors"):
        waiting = []
        for number in range(1, WAITING + 1):
            client = await stage.clients.dial(f"waiting {number}")
            client.send(b"hello\n")
            waiting.append(client)
        await stage.settle()
    await stage.quiet(unless=lambda: all(each.is_served or each.end is not None for each in waiting))
    await stage.part(waiting)
    after = await stage.peer("after")
    await after.ask(b"is it over?\n")
    await after.leave()


@requirement(
    "abuse/no-descriptors",
    scenario=no_descriptors,
    slide="beyond; accept(2)",
    tier="robust",
    says="When no descriptor is left for a new client, the server goes on.",
    why="Every process has a limit on open files; a crowd reaches it, and goes again.",
    by_hand="`echo hello | nc 127.0.0.1 54321; prlimit --pid PID --nofile=4:1024` (as many as `ls "
    "/proc/PID/fd` shows); three windows with `nc 127.0.0.1 54321`; `prlimit --pid PID --nofile=1024; "
    "echo hello | nc 127.0.0.1 54321`: the reply must come",
    needs=(LISTENS, ANSWERS, "service/again"),
)
def out_of_descriptors_is_not_out_of_service(seen: Recording) -> Verdict:
    limited, after = seen.first(Limited), seen.client("after")
    if limited is not None and not limited.bound:
        return not_applicable("it polls more places than there would be descriptors (poll(2), EINVAL)")
    if after.answer:
        return passed("with no descriptor left three clients came; afterwards the next was answered")
    after.require_attempt()
    return survival.failure(
        seen,
        after,
        "for a while there were no descriptors left",
        expected="the next client answered once there are descriptors again",
        died="emfile-is-fatal",
    )
