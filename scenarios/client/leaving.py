"""RFC 9293, 3.6: a server may close early; read() then returns 0, and what is sent is reset."""

from __future__ import annotations

from harness.judge.requirement import requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.record.client_run import how_it_ended, is_failure, is_killed, talks, words
from harness.record.events import Connected
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import ClientStage, client_scenario

FLOOD = 100_000
EXPECTED = "a word to its user, and an end"


@client_scenario
async def leaving(stage: ClientStage) -> None:
    """Our server closes each connection at once; then the person types a line, and ^D."""
    await stage.server.listen(leaves_at_once=True)
    await stage.start_and_type(b"hello\n")
    if stage.is_running:
        await stage.person.end_input()


@requirement(
    "client/server-leaves",
    scenario=leaving,
    slide="beyond; read(2), signal(7) on SIGPIPE",
    tier="robust",
    says="When the server closes too early, the client says so and ends.",
    why="read() returns 0 for ever then; and who writes to one who has gone is killed by SIGPIPE, "
    "without a word.",
    by_hand="`nc -l 54321` in one window, `./tcpclient localhost 54321; echo $?` in another; type ^C "
    "into the first, and then a line into the second: a word for its user must come, and an end",
    needs=("client/sends-line",),
)
def a_server_that_leaves_is_reported(seen: Recording) -> Verdict:
    talk = talks(seen)[0]
    if talk.first(Connected) is None:
        raise Missing("it never connected")
    said = talk.shown(talk.typed or 0)
    if len(said) > FLOOD:
        return failed(f"it printed {len(said)} bytes", expected=EXPECTED, cause="loops-on-eof")
    if not talk.has_ended and talk.typed is None:
        raise Missing("nobody had typed yet")
    if not talk.has_ended:
        spins = talk.at_the_end.proof == "spin"
        return failed(
            f"our server has closed, and the client goes on: it is {talk.doing}",
            expected=EXPECTED,
            cause="loops-on-eof" if spins else "",
        )
    status = talk.end
    if is_killed(status):
        return failed(
            f"our server had closed, and the client {how_it_ended(status)}",
            expected=EXPECTED,
            cause="client-dies-of-sigpipe",
        )
    if said.strip() or is_failure(status):
        return passed(f"our server had closed; it says {words(said)}, and {how_it_ended(status)}")
    return failed(
        f"our server had closed; the client says nothing, and {how_it_ended(status)}",
        expected=EXPECTED,
        cause="silent-about-eof",
    )
