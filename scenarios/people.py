"""Slides 8 and 14: many windows with tcpclient2, in which people type when they like."""

from __future__ import annotations

from harness.judge import order, wording
from harness.judge.patience import LONG_S
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, failed, not_applicable, passed
from harness.record.client import Client
from harness.record.events import Branched, ClientKilled, Prompted
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import spell
from harness.stage import Stage, scenario

PEOPLE = 20
EXPECTED = "an answer to each person at their own Enter"


@scenario(clients=PEOPLE)
async def people(stage: Stage) -> None:
    """Twenty people start tcpclient2; the last types first, the others in random order."""
    if stage.server.speaks_v6:
        stage.branch("the lecture's tcpclient2 speaks IPv4 alone")
        return
    if not stage.contract.is_the_clients:
        stage.branch("the lecture's tcpclient2 does not speak as this contract wants")
        return
    seated = await stage.clients.people.seat(PEOPLE)
    if not seated:
        return
    others = seated[:-1]
    stage.random.shuffle(others)
    typing = [seated[-1], *others]  # the last to connect types first: no queue and no pool hides it
    waiting = []
    for person in typing:
        before = person.shown
        await person.press_enter(f"{person.name} is here\n".encode())
        if person.shown == before:
            waiting.append(person)
            stage.branch(f"{person.name} waits: everybody else types at once, to release them")
            break
    for person in typing[typing.index(waiting[0]) + 1 :] if waiting else []:
        person.type_line(f"{person.name} is here\n".encode())
    await stage.quiet()
    await stage.clients.people.note_killed(seated)


@requirement(
    "concurrency/people",
    scenario=people,
    slide="8, 14",
    tier="lecture",
    says="Twenty people sit at keyboards, and each is answered when they press Enter.",
    why="This is what the lecture shows: with tcpserver2 the service delay has vanished.",
    by_hand="`for i in $(seq 19); do sleep 9 | timeout 9 nc 127.0.0.1 54321 & done; sleep 1; echo "
    "hello | nc 127.0.0.1 54321`: the reply must come at once, not after 9 s; so it must "
    "in twenty windows with `./tcpclient2 localhost`, whichever you type in first",
    needs=(LISTENS, ANSWERS, "concurrency/silent-client"),
)
def each_person_is_answered_at_their_enter(seen: Recording) -> Verdict:
    if not seen.contract.is_the_clients:
        return not_applicable("the lecture's tcpclient2 speaks otherwise than this contract")
    folk = seen.clients("person ")
    typed = sorted((p for p in folk if p.asked is not None), key=lambda p: p.asked or 0)
    prompted = [p for p in folk if seen.first(Prompted, p.name) is not None]
    if (hindered := _hindered(seen, prompted, typed)) is not None:
        return hindered
    for person, following in zip(typed, [*typed[1:], None], strict=True):
        until = following.asked if following else None
        if person.was_answered(until):
            continue
        if not seen.rest_is_proven_between(person.asked, until):
            raise Missing("the wait was not proven to be one")
        screen = f"; on the screen: {spell(person.refusal)}" if person.refusal else ""
        answered = sum(1 for p in typed if p.was_answered(until))
        place = f"when {answered} had been answered," if answered else "first,"
        came = "answered only after others had typed" if person.answer else "never answered"
        return failed(
            f"{len(prompted)} people sat before their prompts; {person.name} pressed Enter {place} and "
            f"was {came}{screen} (seed {seen.seed})",
            expected=EXPECTED,
            cause=_cause(seen, person, is_last_seated=person is typed[0]),
            seated=len(prompted),
        )
    if len(prompted) < PEOPLE:
        seen.last().proven()
        return failed(
            f"only {len(prompted)} of {PEOPLE} people got a prompt (seed {seen.seed})",
            expected=f"{PEOPLE} people at once",
            cause="limited-workers",
            seated=len(prompted),
        )
    spans = [_from_enter_ns(seen, person) for person in typed]
    return passed(
        f"{len(typed)} people, each answered at their Enter: {wording.milliseconds(spans)} "
        f"(seed {seen.seed})",
        latency_ns=spans,
    )


def _hindered(seen: Recording, prompted: list[Client], typed: list[Client]) -> Verdict | None:
    """The verdict where people could not sit and type: the server has gone, or they were killed."""
    sat = f"{len(prompted)} people sat before their prompts"
    if killed := [event.actor for event in seen.every(ClientKilled)]:
        return failed(
            f"{sat}; a signal has ended the client programs of {', '.join(killed)}, and it was none of "
            f"forkspec's: something in the cell kills what is not its own (seed {seen.seed})",
            expected=EXPECTED,
            killed=len(killed),
        )
    if not any(process.listens for process in seen.last().living):
        sat = f"{sat} (seed {seen.seed})"
        return blocked("service/again", otherwise=order.gone(seen, sat, EXPECTED))
    if not typed:
        if seen.first(Branched) is not None:
            return blocked("contract/address")
        raise Missing("nobody typed")
    return None


def _cause(seen: Recording, waiting: Client, *, is_last_seated: bool) -> str:
    """The cause: closed; accepted and never read; a line that was read and not answered, or not read.

    Who is accepted beyond a number of places is the last one who sat down, and types first.
    """
    if waiting.refusal:
        if thrown_out := _thrown_out(seen, waiting):
            if max(thrown_out) >= LONG_S:
                raise Missing("it was thrown out for a silence that was this machine's, not a person's")
            return "throws-out-silent"
        ended = (each.state == "FIN_WAIT2" for each in seen.before(waiting.asked).connections.values())
        return "turns-away" if any(ended) else ""
    connections = seen.after(waiting.asked).connections.values()
    if not waiting.answer and connections and all(each.accepted for each in connections):
        if not is_last_seated and _is_given_up(seen, waiting):
            raise Missing("it was given up for a silence that was this machine's, not a person's")
        return "drops-beyond-16" if is_last_seated else ""
    read = [each.accepted and not each.unread for each in connections]
    return "reply-at-next-event" if read and all(read) else "limited-workers"


def _is_given_up(seen: Recording, waiting: Client) -> bool:
    """Whether nobody reads from any client when this one types, after a long silence."""
    sat, typed = waiting.connected, waiting.asked
    if sat is None or typed is None or seen.seconds_between(sat, typed) < LONG_S:
        return False
    serving = [process for process in seen.after(typed).living if process.serves]
    return not any(process.reads_in or process.waiting_for_any for process in serving)


def _thrown_out(seen: Recording, waiting: Client) -> list[float]:
    """For how long, in seconds, the server was seen to hold connections that it ended unasked.

    They ended before their person typed. A connection that is closed at once is held at no look, or
    at the one that saw it come.
    """
    typed = seen.before(waiting.asked)
    looks = seen.looks(stop=typed.index)
    ended = [port for port, each in typed.connections.items() if each.state == "FIN_WAIT2"]
    held = [[at.index for at in looks if at.holds(port)] for port in ended]
    return [seen.seconds_between(each[0], each[-1]) for each in held if len(each) > 1]


def _from_enter_ns(seen: Recording, person: Client) -> int:
    if person.answered is None or person.asked is None:
        raise Missing(f"{person.name} was not answered")
    return seen.events[person.answered].at_ns - seen.events[person.asked].at_ns
