"""Beyond the lecture: the server is started again while an old connection is still in TIME_WAIT."""

from __future__ import annotations

from harness.judge import wording
from harness.judge.requirement import requirement
from harness.judge.verdict import Verdict, blocked, failed, not_applicable, passed
from harness.record.events import Branched, Died, End, Listens, Started
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Listener
from harness.record.spelling import ending
from harness.stage import Stage, scenario

SHARED = "the port is the machine's here: a connection in TIME_WAIT would hold it for a minute"
ANEW = "started again while an old connection was in TIME_WAIT"
EXPECTED = "the server listening on its port again"
NEXT = 16  # a server that tries one port after the other has tested what bind() returned
TAKEN = ("ddress already in use", "EADDRINUSE")


@scenario(clients=1)
async def restarting(stage: Stage) -> None:
    """A client is answered; the server is killed; the client leaves, and the server is started again."""
    if stage.ports_are_shared:
        stage.branch(SHARED)
        return
    client = await stage.peer("client")
    if not (stage.contract.at_half_close or stage.contract.unasked):
        # the server must end first, and get TIME_WAIT: who has been answered unasked says nothing
        await client.ask(b"hello\n")
    await stage.server.end()
    client.hang_up()  # after the server's end: its side of the connection waits in TIME_WAIT (tcp(7))
    await stage.quiet()
    await stage.server.launch()


@requirement(
    "lifecycle/restart",
    scenario=restarting,
    slide="beyond; socket(7), SO_REUSEADDR; Stevens, UNIX Network Programming, section 7.5",
    tier="robust",
    says="The server can be started again at once on its port.",
    why="A connection that the server has ended first stays in TIME_WAIT for a minute, and without "
    "SO_REUSEADDR bind() is refused for that long.",
    by_hand="in bash: `(exec 3<>/dev/tcp/127.0.0.1/54321; { echo hello; } >&3; cat <&3)`, end the "
    "server with ^C, and start it again at once: it must start; `ss -tan` shows what is in TIME-WAIT",
)
def it_can_be_restarted_at_once(seen: Recording) -> Verdict:
    if any(event.cause == SHARED for event in seen.every(Branched)):
        return not_applicable(SHARED)
    starts = list(seen.all(Started))
    if len(starts) < 2:  # noqa: PLR2004
        raise Missing("the server was not started a second time")
    again = starts[1][0]
    if not seen.before(again).time_wait:
        if seen.client("client").end is not End.RST:
            raise Missing("no connection was in TIME_WAIT when the server was started again")
        return blocked("service/closes")  # who resets a connection leaves none in TIME_WAIT
    at = seen.after(again)
    return _listening(seen, at.listener, starts[0][1].told) if at.listener else _refused(seen, again)


def _listening(seen: Recording, listener: Listener, told: int | None) -> Verdict:
    """The verdict on a server that listens once more: at the same port, or at another."""
    before = seen.first(Listens)
    port = before.port if before is not None else 0
    if listener.port == port:
        return passed(f"it listened on port {port} again, an old connection being in TIME_WAIT")
    if seen.contract.may_listen_anywhere:
        return passed(f"{ANEW}, it listens on port {listener.port}: any is right")
    if port != told:
        return blocked("contract/address")
    tried_next = 0 < listener.port - port <= NEXT
    return failed(
        f"{ANEW}, it listens on port {listener.port}",
        expected=EXPECTED,
        cause="" if tried_next else "bind-refused-again",
    )


def _refused(seen: Recording, again: int) -> Verdict:
    seen.after(again).proven()
    died = next((event for index, event in seen.all(Died) if index > again), None)
    how = f"it {ending(died.status)}" if died else "it does not listen"
    words = wording.last_words(seen, 1)
    said = f', saying "{words}"' if words else ""
    cause = "no-reuseaddr" if any(word in words for word in TAKEN) else ""
    return failed(f"{ANEW}, {how}{said}", expected=EXPECTED, cause=cause)
