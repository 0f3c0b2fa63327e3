"""Slides 6-8 and 14, both halves of one student's work: the client with the server."""

from __future__ import annotations

from harness.judge.requirement import requirement
from harness.judge.unbuilt import unbuilt
from harness.judge.verdict import Verdict, failed, not_applicable, passed
from harness.record.events import Listens, Shown, Typed
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import spell
from harness.stage import Stage, scenario

PEOPLE = 3


@scenario(clients=PEOPLE)
async def together(stage: Stage) -> None:
    """Three people start the client, against the server; the last types first, the first types last."""
    seated = await stage.clients.people.seat(PEOPLE)
    for person in reversed(seated):
        await person.press_enter(f"{person.name} is here\n".encode())
    await stage.quiet()


@requirement(
    "pair/together",
    scenario=together,
    slide="6-8, 14",
    tier="lecture",
    says="Their client and their server work together, for several people at once.",
    why="Each half may keep to a contract of its own; a service is both halves.",
    by_hand="`./tcpserver & ./tcpclient localhost`, and the client in two windows more; type in "
    "the last one first",
    needs=(),
)
def client_and_server_work_together(seen: Recording) -> Verdict:
    if (broken := unbuilt(seen)) is not None:
        return broken
    if seen.contract.dialogue or "{any}" in seen.contract.transform:
        return not_applicable("what is on the screen cannot be told from this contract")
    if seen.first(Listens) is None:
        if not seen.is_finished:
            raise Missing("nobody saw it start")
        return failed("their server does not listen", expected="a server for their client")
    folk = [client for client in seen.clients("person ") if client.asked is not None]
    if not folk:
        raise Missing("nobody typed")
    for number, person in enumerate(sorted(folk, key=lambda each: each.asked or 0)):
        typed = seen.bytes_at(person.asked or 0)
        shown = _shown(seen, person.name, _next_asked(seen, person.asked or 0))
        if _is_told(seen, typed, shown):
            continue
        seen.after(person.asked).proven()
        later = _is_told(seen, typed, _shown(seen, person.name, len(seen.events)))
        waits = "only when somebody else had typed" if later else "never"
        return failed(
            f"{len(folk)} people sat at their client; {number} were answered when they pressed Enter; "
            f"{person.name} {waits}; on the screen: {spell(shown) if shown else 'nothing'}",
            expected="the reply on each screen at that person's own Enter",
            cause="iterative" if later else "",
        )
    if len(folk) < PEOPLE:
        raise Missing(f"only {len(folk)} of {PEOPLE} people could type")
    return passed(f"{len(folk)} people, each with the reply on their screen at their own Enter")


def _next_asked(seen: Recording, asked: int) -> int:
    """The index at which the next person typed; the recording's end where none did."""
    return min((i for i, _ in seen.all(Typed) if i > asked), default=len(seen.events))


def _shown(seen: Recording, name: str, until: int) -> bytes:
    """What one person's screen showed before an event, without the prompt."""
    return b"".join(event.data for i, event in seen.all(Shown, name) if i < until)


def _is_told(seen: Recording, typed: bytes, shown: bytes) -> bool:
    """Whether the screen shows a right reply to what was typed."""
    return any(reply.rstrip() in shown for reply in seen.contract.replies(seen.contract.line(typed)))
