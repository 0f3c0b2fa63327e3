"""A scenario and a requirement of the project's own."""

from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.record.recording import Recording
from harness.stage import Stage, scenario


@scenario(clients=1)
async def two_lines_at_once(stage: Stage) -> None:
    """One client sends two lines in one piece."""
    hasty = await stage.peer("hasty one")
    hasty.send(b"one\ntwo\n")
    await stage.quiet()
    await stage.part([hasty])


@requirement(
    "stream/two-lines-at-once",
    scenario=two_lines_at_once,
    slide="beyond; tcp(7)",
    tier="robust",
    says="Two lines that come in one piece get two replies.",
    why="TCP keeps no borders between messages.",
    by_hand="`printf 'one\\ntwo\\n' | nc 127.0.0.1 54321`: two replies must come",
    needs=(LISTENS, ANSWERS),
)
def both_are_answered(seen: Recording) -> Verdict:
    client = seen.client("hasty one")
    if client.came == b"250 one\n250 two\n":
        return passed("two lines came in one piece, and two replies came back")
    seen.after(client.asked).proven()
    return failed(f"to two lines in one piece came {client.came!r}", expected="two replies")
