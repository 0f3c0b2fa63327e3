"""Slide 17: a parent that calls wait() too early sleeps, and accepts no client."""

from __future__ import annotations

from harness.judge import children, wording
from harness.judge.order import of_a_parent
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, failed, not_applicable, passed
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import Stage, scenario


@scenario(clients=3)
async def never_blocks(stage: Stage) -> None:
    """One client is silent, a second is served and goes, a third comes and asks."""
    silent = await stage.peer("silent")
    done = await stage.peer("done")
    await done.ask(b"served and gone\n")
    await done.leave()
    third = await stage.peer("third")
    await third.ask(b"is anybody there?\n")
    await silent.ask(b"late\n")
    await stage.part([silent, third])


@requirement(
    "reaping/never-blocks",
    scenario=never_blocks,
    slide="17",
    tier="lecture",
    says="When a child has exited while another still serves, the server accepts the next client.",
    why="wait() sleeps until a child exits; with a slow client that may be never.",
    by_hand="`nc 127.0.0.1 54321` in one window, typing nothing; then twice in another: `echo "
    "hello | nc 127.0.0.1 54321`: both replies must come at once",
    needs=(LISTENS, ANSWERS, "reaping/survives-signal"),
)
def reaping_does_not_stop_accepting(seen: Recording) -> Verdict:
    silent, done, third = (seen.client(name) for name in ("silent", "done", "third"))
    if not children.born_for(seen, silent):
        return not_applicable(children.none_seen(seen, silent))
    if third.was_answered(silent.asked):
        seen.require_patience(third.answered)
        return passed("a child was reaped while another lived, and the next client was answered")
    if third.refusal or third.was_sent_away(silent.asked):
        return blocked("concurrency/silent-client")
    if silent.asked is None or not (
        third.asked is None or seen.rest_is_proven_between(third.asked, silent.asked)
    ):
        raise Missing("the wait was not proven to be one")
    third.require_attempt()
    at = seen.before(silent.asked)
    if not seen.is_alive(at):
        return failed("the server was gone", expected="the third client answered")
    at.proven()
    seen.after(silent.asked)
    state = wording.listener_state(seen, at)
    parent = at.find(seen.root)
    waits = parent is not None and parent.is_in_wait
    came = "answered only after the silent one had spoken" if third.answer else "never answered"
    in_handler = done.answer and waits and third.answer
    who = "the second was served and left; the third" if done.answer else "the third"
    return failed(
        f"one client was connected and silent; {who} was {came}: the server was {state}",
        expected="the third client answered while the first says nothing",
        cause="wait-loop-in-handler" if in_handler else of_a_parent(parent),
    )
