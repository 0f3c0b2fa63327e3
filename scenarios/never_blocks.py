"""Slide 17: a parent that calls wait() too early sleeps, and accepts no client."""

from __future__ import annotations

from harness.judge import children, wording
from harness.judge.delays import of_a_parent
from harness.judge.interrupted import NEVER_ENDS
from harness.judge.patience import require_patience
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.unreaped import spins_in_handler
from harness.judge.verdict import Verdict, blocked, failed, not_applicable, passed
from harness.record.client import Client
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot
from harness.stage import Stage, scenario


@scenario(clients=3)
async def never_blocks(stage: Stage) -> None:
    """One client is silent, a second is served and goes, a third comes and asks.

    Then a younger one is silent while the first is served and goes: of two children now the older one
    exits first, and before it was the younger one.
    """
    silent = await stage.peer("silent")
    done = await stage.peer("done")
    await done.ask(b"served and gone\n")
    await done.leave()
    third = await stage.peer("third")
    await third.ask(b"is anybody there?\n")
    younger = await stage.peer("younger") if third.reply else None
    await silent.ask(b"late\n")
    if younger is None:
        await stage.part([silent, third])
        return
    await silent.leave()
    last = await stage.peer("last")
    await last.ask(b"is anybody there?\n")
    await younger.ask(b"late\n")
    await stage.part([third, younger, last])


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
        require_patience(seen, third.answered)
        return _while_a_younger_one_serves(seen)
    if third.refusal or third.was_sent_away(silent.asked):
        return blocked("concurrency/silent-client")
    at = _waiting(seen, third, silent)
    if not seen.is_alive(at):
        return failed("the server was gone", expected="the third client answered")
    at.proven()
    seen.after(silent.asked)
    parent = at.find(seen.root)
    waits = parent is not None and parent.is_in_wait
    came = "answered only after the silent one had spoken" if third.answer else "never answered"
    in_handler = done.answer and waits and third.answer
    who = "the second was served and left; the third" if done.answer else "the third"
    return failed(
        f"one client was connected and silent; {who} was {came}: {wording.where_it_stood(seen, at)}",
        expected="the third client answered while the first says nothing",
        cause="wait-loop-in-handler" if in_handler else _why(seen, at, of_a_parent(parent)),
    )


def _waiting(seen: Recording, waiting: Client, silent: Client) -> Snapshot:
    """The look at the server while a client waits for its answer, at rest, and another is silent."""
    if silent.asked is None or not (
        waiting.asked is None or seen.rest_is_proven_between(waiting.asked, silent.asked)
    ):
        raise Missing("the wait was not proven to be one")
    waiting.require_attempt()
    return seen.before(silent.asked)


def _while_a_younger_one_serves(seen: Recording) -> Verdict:
    """The verdict on the second half, in which the child that has exited is the older one."""
    holds = passed("a child was reaped while another lived, and the next client was answered")
    if not seen.clients("younger"):  # a recording of before 2026-11-30
        return holds
    younger, last = seen.client("younger"), seen.client("last")
    if last.was_answered(younger.asked):
        require_patience(seen, last.answered)
        return holds
    if last.refusal or last.was_sent_away(younger.asked):
        return blocked("concurrency/silent-client")
    at = _waiting(seen, last, younger)
    if not seen.is_alive(at):
        return failed("the server was gone", expected="the last client answered")
    at.proven()
    seen.after(younger.asked)
    parent = at.find(seen.root)
    waits = parent is not None and parent.is_in_wait and last.answer
    came = "answered only after 'younger' had spoken" if last.answer else "never answered"
    return failed(
        "one client ('younger') was connected and said nothing; an older one ('silent') then spoke, was "
        f"served and left; the next was {came}: {wording.where_it_stood(seen, at)}",
        expected="the next client answered while the other says nothing",
        cause=_why(seen, at, "waits-for-youngest" if waits else ""),
    )


def _why(seen: Recording, at: Snapshot, asleep: str) -> str:
    """The cause of a server that does not sleep, but turns round in its handler; else that given."""
    return NEVER_ENDS if spins_in_handler(seen, at) else asleep
