"""Slide 9: delays by one task do not affect others, whoever connected first."""

from __future__ import annotations

from harness.call_kinds import POLLS
from harness.judge import design, order, uncaught, unheard, wording
from harness.judge.patience import silent_for_s
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, failed, passed
from harness.record.client import Client
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import Stage, scenario

ORDER = ("third", "second", "first")
EXPECTED = "each answered before the next asks: third, second, first"


@scenario(clients=3)
async def last_first(stage: Stage) -> None:
    """Three clients connect; the last to connect asks first, then the second, then the first."""
    clients = [await stage.peer(name) for name in reversed(ORDER)]
    for client in reversed(clients):
        await client.ask(f"{client.name} to connect\n".encode())
    await stage.part(clients)


@requirement(
    "concurrency/last-first",
    scenario=last_first,
    slide="9",
    tier="lecture",
    says="The client that asks first is answered first, whoever connected first.",
    why="An answer that depends on others' order of arrival is the delay of slide 8 again.",
    by_hand="three windows with `nc 127.0.0.1 54321`; type in the third, then the second, then the "
    "first: each must be answered at its Enter",
    needs=(LISTENS, ANSWERS, "concurrency/silent-client"),
)
def who_asks_first_is_answered_first(seen: Recording) -> Verdict:
    clients = [seen.client(name) for name in ORDER]
    for client, following in zip(clients, [*clients[1:], None], strict=True):
        until = following.asked if following else None
        if client.was_answered(until):
            continue
        if client.was_refused:
            gone = order.gone(seen, "three clients connected", EXPECTED)
            return blocked("service/again", otherwise=gone)
        client.require_attempt()
        sent_away = client.was_sent_away(until)
        if (
            client.connected is not None
            and not sent_away
            and not seen.rest_is_proven_between(client.asked, until)
        ):
            raise Missing("the wait was not proven to be one")
        at = seen.after(client.asked) if client.asked is not None else seen.last().proven()
        where = wording.whereabouts(at, client) + wording.its_end(seen, at)
        return failed(
            f"the {client.name} to connect had asked and was not answered: {where}",
            expected=EXPECTED,
            cause=_cause(seen, client, sent_away=sent_away),
        )
    return passed("third, second, first: each was answered before the next asked")


def _cause(seen: Recording, client: Client, *, sent_away: bool) -> str:
    """Why a client that asked was not answered, though others that came later may have been."""
    if silent_for_s(seen, client) is not None:
        return "throws-out-silent"
    in_order = [seen.client(name) for name in reversed(ORDER)]
    last_is_answered = client is not in_order[-1] and bool(in_order[-1].answer)
    by_tasks = design.has_started_threads(seen, *in_order) or _is_in_go(seen, client)
    if sent_away and not seen.is_alive(seen.last()):
        return uncaught.of_server(seen)
    if sent_away:
        is_heard = client.asked is not None and client.ended is not None and client.asked < client.ended
        return "shared-connection" if is_heard and by_tasks and last_is_answered else "turns-away"
    if client.answer:
        return "limited-workers"
    if unheard.sleeps_for_another(seen, seen.unanswered(client), client):
        return "never-woken"
    is_read_in_vain = seen.was_read(client) and (by_tasks or _is_a_loop(seen, client))
    return "shared-connection" if last_is_answered and is_read_in_vain else ""


def _is_in_go(seen: Recording, client: Client) -> bool:
    """Whether the first process is Go's, and has read this client's line: goroutines are no threads."""
    server = seen.before(client.asked).find(seen.root)
    return server is not None and server.catches_all and seen.was_read(client)


def _is_a_loop(seen: Recording, client: Client) -> bool:
    """Whether the first process waits for all clients at once, this one among them."""
    at = seen.after(client.asked)
    root = at.find(seen.root)
    return root is not None and root in at.holders(client.port) and root.call in POLLS
