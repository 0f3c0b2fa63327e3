"""termios(3), VEOF: the user has nothing to say, and types ^D at the prompt."""

from __future__ import annotations

from harness.judge.requirement import requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.record.client_run import SERVER, how_it_ended, is_killed, talks
from harness.record.events import HalfClosed
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import ClientStage, client_scenario

MUCH = 10_000


@client_scenario
async def end_of_input(stage: ClientStage) -> None:
    """A person starts the client and types ^D."""
    await stage.server.listen()
    await stage.start()
    if stage.is_running:
        await stage.person.end_input()
    if stage.server.is_connected and stage.contract.closes:
        await stage.server.hang_up()


@requirement(
    "client/end-of-input",
    scenario=end_of_input,
    slide="beyond; read(2), fgets(3)",
    tier="robust",
    says="When its input ends, the client ends.",
    why="Every read from the terminal returns nothing then; who does not look sends the "
    "old line once more, for ever.",
    by_hand="`nc -l 54321` in one window, `./tcpclient localhost 54321` in another: type ^D there",
    needs=("client/sends-line",),
)
def the_end_of_input_ends_it(seen: Recording) -> Verdict:
    talk = talks(seen)[0]
    if talk.typed is None:
        raise Missing("the client had ended before anybody typed")
    sent = len(talk.sent)
    if sent > MUCH:
        return failed(
            f"it sent {sent} bytes that nobody typed", expected="its end", cause="resends-for-ever"
        )
    if not talk.has_ended:
        closed = talk.first(HalfClosed, SERVER)
        ours = "" if closed is None else ", and so has our server"
        of_ours = "loops-on-eof" if talk.spins_after(closed) else ""
        return failed(
            f"its input has ended{ours}; it goes on: it is {talk.doing}",
            expected="its end",
            cause="resends-for-ever" if talk.spins_after(talk.typed) else of_ours,
        )
    if is_killed(talk.end):
        return failed(f"its input has ended, and it {how_it_ended(talk.end)}", expected="its end")
    return passed(f"it ended: it {how_it_ended(talk.end)}")
