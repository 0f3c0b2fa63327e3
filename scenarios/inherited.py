"""A new process has a copy of every descriptor that is open at that moment (fork(2), execve(2))."""

from __future__ import annotations

from typing import Final

from harness.judge import design
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, failed, passed
from harness.record.client import Client
from harness.record.events import Reads
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot
from harness.stage import Stage, scenario

LONG_LINE: Final = b"a reply that nobody reads " * (5 << 10) + b"\n"
EXPECTED: Final = "its end at once, though another is connected who does not read"


@scenario(clients=2)
async def inherited(stage: Stage) -> None:
    """A client connects; another asks for much and does not read; meanwhile the first one is served."""
    first = await stage.peer("first")
    slow = await stage.peer("slow", reads=False)
    slow.send(LONG_LINE)
    await stage.settle()
    await first.ask(b"hello\n")
    if not stage.contract.closes:
        first.half_close()
    await stage.quiet(unless=lambda: first.end is not None)
    slow.read_on()  # the release
    await stage.quiet(unless=lambda: slow.is_served)
    slow.hang_up()
    await stage.quiet(unless=lambda: first.end is not None)
    await stage.part([first])


@requirement(
    "concurrency/inherited",
    scenario=inherited,
    slide="12; beyond: fork(2), execve(2)",
    tier="robust",
    says="When the server closes a connection, its client sees the end, whoever else is being served.",
    why="A connection is closed when its last copy is: a process that was born for somebody else and "
    "holds a copy too, keeps the client waiting for an end that has long been meant.",
    by_hand="`(sleep 5; echo hello) | nc 127.0.0.1 54321` in one window; at once `(head -c "
    "16000000 /dev/zero | tr '\\0' y; echo) | nc 127.0.0.1 54321 | sleep 30` in another: "
    "the first nc must end with its reply, not half a minute later; in between `ss -tnp "
    "'sport = :54321'` shows which process holds its connection",
    needs=(LISTENS, ANSWERS, "service/closes", "concurrency/silent-client", "concurrency/last-first"),
)
def a_connection_ends_whoever_else_is_served(seen: Recording) -> Verdict:
    first, slow = seen.client("first"), seen.client("slow")
    release = seen.place_of(Reads, "slow")
    if first.asked is None or release is None:
        raise Missing("not both of them came and spoke")
    if not first.was_answered(before=release):
        if first.answer:  # that it had to wait for its reply is judged by concurrency/slow-reader
            return passed("the connection ended with its reply, which came once the other had read")
        if not seen.is_alive(seen.last()):
            return blocked("concurrency/slow-reader")
        raise Missing("the first client was not answered")
    if first.ended is not None and first.ended < release:
        return passed("the connection ended at once, while another one's reply lay unread")
    at = seen.before(release).proven()
    if first.ended is None:
        seen.last().proven()
        return failed(
            "a client was answered while another was connected, and its connection did not end, also "
            "when the other had gone; where a client is alone, its connection ends",
            expected=EXPECTED,
            cause="closes-latest" if design.has_started_threads(seen, first) else "",
        )
    heirs = _heirs(seen, first, slow, at)
    holds = f": process {heirs[0]}, which was born after it, holds a copy" if heirs else ""
    return failed(
        f"a client was answered, and its connection did not end before another had gone{holds}",
        expected=EXPECTED,
        cause="inherited" if heirs else "",
        heirs=len(heirs),
    )


def _heirs(seen: Recording, first: Client, slow: Client, at: Snapshot) -> list[int]:
    """The processes that were born after the first client had connected, and hold its connection."""
    there = {process.key for process in seen.before(slow.connected).living}
    return [p.pid for p in at.holders(first.port) if p.key not in there]
