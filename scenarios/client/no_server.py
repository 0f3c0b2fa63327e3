"""connect(2), ECONNREFUSED: no server listens, and the client must tell its user."""

from __future__ import annotations

from harness.judge.requirement import requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.record.client_run import how_it_ended, is_failure, is_killed, talks, words
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import ClientStage, client_scenario

EXPECTED = "a message, and an exit status other than 0"


@client_scenario
async def no_server(stage: ClientStage) -> None:
    """A person starts the client while no server listens, and types a line if the client asks for it."""
    await stage.start_and_type(b"hello\n")


@requirement(
    "client/no-server",
    scenario=no_server,
    slide="beyond; connect(2)",
    tier="robust",
    says="When its connection is refused, the client says so and ends with a status other than 0.",
    why="Whoever waits for a reply that cannot come should be told, and a script reads the status.",
    by_hand="`./tcpclient localhost 54321; echo $?` with no server running",
    needs=("client/sends-line",),
)
def a_refused_connection_is_reported(seen: Recording) -> Verdict:
    talk = talks(seen)[0]
    if not talk.has_ended and talk.typed is None:
        raise Missing("nobody had typed yet")
    if not talk.has_ended:
        return failed(
            f"nobody listens, and it goes on: it is {talk.doing}",
            expected=EXPECTED,
            cause="ignores-refusal",
        )
    since = 0 if talk.typed is None else talk.typed
    status, said = talk.end, talk.shown(since)
    if is_failure(status) and said.strip():
        return passed(f"it says {words(said)}, and {how_it_ended(status)}")
    cause = "ignores-refusal" if is_killed(status) or talk.typed is not None else "says-nothing"
    return failed(
        f"nobody listens; it says {words(said)}, and {how_it_ended(status)}",
        expected=EXPECTED,
        cause=cause,
    )
