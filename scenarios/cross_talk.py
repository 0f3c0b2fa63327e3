"""Slide 4: a client's reply is its own line, also while other clients talk to the server."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from harness.judge import reply, uncaught, unheard, wording
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, failed, passed
from harness.record.client import Client
from harness.record.contract import Contract
from harness.record.events import Left, Sent
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot
from harness.record.spelling import spell
from harness.stage import Peer, Stage, scenario

PAIR = ("anna", "otto")
NEWCOMER = "emma"
QUEUED = 16
INTERRUPTED = frozenset({"epoll_wait", "epoll_pwait", "epoll_pwait2"})  # by SIGCONT (signal(7))


@scenario(clients=QUEUED)
async def cross_talk(stage: Stage) -> None:
    """Two clients send their lines by halves, in turns; then many clients ask from the queue.

    When one of the two has left, another comes, who gets its descriptor or its place in a table.
    """
    alone = await stage.peer("alone")
    await alone.ask(b"all alone\n")
    pair = [await stage.peer(name) for name in PAIR]
    for talker in pair:
        talker.send(f"{talker.name} begins and ".encode())
        await stage.rest.consumed(talker)
    for number, talker in enumerate(pair, start=1):
        talker.send(f"{talker.name} ends\n".encode())
        await stage.quiet(unless=partial(all_served, pair[:number]))
        if number == 1:
            await talker.leave()
            newcomer = await stage.peer(NEWCOMER)
    await stage.part([alone, *pair, newcomer])
    root = stage.look().find(stage.server.root)
    freezes = root is not None and INTERRUPTED.isdisjoint(root.calls)
    if freezes:
        await stage.server.freeze(stage.server.root)
    else:
        stage.branch("nobody is there to be stopped, or its call would not outlive that")
    places = min(stage.server.backlog + 1, QUEUED)
    queue = [await stage.clients.dial(f"queued {number:02}") for number in range(1, places + 1)]
    for client in queue:
        client.send(f"{client.name} asks while it stands in the queue\n".encode())
    if freezes:
        await stage.server.thaw(stage.server.root)
    await stage.quiet(unless=lambda: all_served(queue))
    await stage.part(queue)


def all_served(clients: Sequence[Peer]) -> bool:
    """True once all clients have their answer and the end of their connection."""
    return all(client.is_served for client in clients)


@requirement(
    "concurrency/cross-talk",
    scenario=cross_talk,
    slide="4; beyond: pthread_create(3)",
    tier="robust",
    says="Every client gets the answer to its own line, also when many ask at once.",
    why="Whoever serves one client must share nothing with those who serve the others: neither the "
    "buffer that a line is collected in, nor the variable that holds the connection.",
    by_hand="`(printf 'anna '; sleep 9; echo ends) | nc 127.0.0.1 54321` in one window, the same "
    "with otto in another: each must get its own name; then: `kill -STOP PID`; in ten "
    "windows `echo hello | nc 127.0.0.1 54321`; `kill -CONT PID`: each must get its reply",
    needs=(LISTENS, ANSWERS, "service/again", "concurrency/silent-client"),
)
def every_client_gets_its_own_answer(seen: Recording) -> Verdict:
    alone, pair = seen.client("alone"), [seen.client(name) for name in PAIR]
    if not alone.came:
        raise Missing("a client alone got no answer")
    if reply.difference(seen, alone):
        return blocked(ANSWERS)
    if mixed := _mixed(pair, seen.contract):
        return mixed
    if (forgotten := _forgotten(seen)) is not None:
        return forgotten
    queue = [client for client in seen.clients("queued ") if client.asked is not None]
    if mixed := _mixed(queue, seen.contract):
        return mixed
    if not queue:
        raise Missing("nobody stood in the queue")
    if all(client.answer for client in queue):
        return passed(f"each of {len(pair) + len(queue)} clients got its own line back, and only that")
    left = [index for index, _ in seen.all(Left, queue[0].name)]
    at = seen.before(left[0] if left else None)
    if at.index < max(client.asked or 0 for client in queue):
        raise Missing("nobody looked after the server had gone on")
    if not seen.is_alive(at):
        raise Missing("the server did not outlive being stopped and continued")
    return _unanswered(seen, queue, at.proven())


def _forgotten(seen: Recording) -> Verdict | None:
    """The failure of a server that serves the first of the two, and then is idle beside the second."""
    first, second = map(seen.client, PAIR)
    newcomer = next(iter(seen.clients(NEWCOMER)), None)
    is_over = second.came or second.ended is not None or not second.sent.endswith(b"\n")
    if newcomer is None or newcomer.connected is None or is_over:
        return None
    at = seen.after(max(index for index, _ in seen.all(Sent, second.name)))
    if not (first.answer and at.is_proof and seen.is_alive(at) and at.holds(second.port)):
        return None
    return failed(
        f"{first.name!r} had been served and had left, {NEWCOMER!r} had come; then {second.name!r} said "
        f"the rest of its line, and got no reply: {wording.where_it_stood(seen, at)}, "
        f"{wording.whereabouts(at, second)}",
        expected=f"{spell(seen.contract.replies(second.sent)[0])}, whoever else comes and goes",
        cause="unwatched-since" if unheard.is_unwatched(seen, at, second) else "",
    )


def _mixed(clients: Sequence[Client], terms: Contract) -> Verdict | None:
    """The failure of an answer with another client's words, or that does not begin as its own line."""
    odd = [client for client in clients if not _is_own(client, terms)]
    is_swallowed = any(not client.came for client in clients)
    for client in odd:
        others = [c.name for c in clients if c is not client and _word(c) in client.came.upper()]
        if others:
            own = _word(client) in client.came.upper() and client.name in PAIR
            of_another = any(_has_reply_of(c, client, terms) for c in clients if c is not client)
            cause = "shared-connection" if is_swallowed and (of_another or not own) else ""
            cause = "shared-buffer" if own and not cause else cause
            cause = "line-left-behind" if _lost_when_another_left(clients, client, terms) else cause
            return _odd(client, terms, whose=f": there are words of {others[0]!r} in it", cause=cause)
    ended = [client for client in odd if client.ended is not None]
    if not ended:
        return None
    if _lost_when_another_left(clients, ended[0], terms):
        return _odd(ended[0], terms, cause="line-left-behind")
    is_last_piece = any(terms.is_reply(f"{name} ends\n".encode(), ended[0].came) for name in PAIR)
    return _odd(ended[0], terms, cause="keeps-last-piece" if is_last_piece else "")


def _has_reply_of(other: Client, client: Client, terms: Contract) -> bool:
    """Whether this client got the whole reply of another, which got none: a buffer would mix the two."""
    replies = terms.replies(other.sent) if other.sent and not other.came else ()
    return any(reply in client.came for reply in replies)


def _lost_when_another_left(clients: Sequence[Client], client: Client, terms: Contract) -> bool:
    """Whether the beginning of its line is lost, and the end is there, since another was served rightly.

    In a buffer that both fill, the other's line would hold its beginning.
    """
    if client.name != PAIR[1]:
        return False
    first, came = clients[0], client.came.upper()
    served = terms.is_reply(first.sent, first.came) and first.answered is not None
    begins, ends = (f"{client.name} {word}".upper().encode() for word in ("begins", "ends"))
    return served and begins not in came and came.rstrip().endswith(ends)


def _is_own(client: Client, terms: Contract) -> bool:
    right, begun = terms.is_reply(client.sent, client.came), terms.may_begin(client.sent, client.came)
    return right or (begun and terms.is_literal) or not client.came


def _odd(client: Client, terms: Contract, *, whose: str = "", cause: str) -> Verdict:
    return failed(
        f"{client.name!r} got {client.came_in_words()}{whose}",
        expected=f"{spell(terms.replies(client.sent)[0])}, and nothing else",
        cause=cause,
    )


def _word(client: Client) -> bytes:
    """The word that only this client's line has: the client's name."""
    return client.name.upper().encode()


def _unanswered(seen: Recording, queue: Sequence[Client], at: Snapshot) -> Verdict:
    """The failure: clients were accepted from the queue together with others, and got no answer."""
    without = [client for client in queue if not client.answer]
    ports = [client.port for client in without]
    held = [process for process in at.living if set(ports).intersection(process.serves)]
    unread = all(at.unread(port) for port in ports)
    nobody = unread and len(held) == 1 and len(ports) > held[0].threads
    ended = all(client.end is not None for client in without)
    where = "their lines were never read" if unread else "nothing came"
    where = "their connections were ended" if ended else where
    each_its_thread = len(without) < len(queue) and _started_a_thread_for_each(seen, queue, at)
    return failed(
        f"{len(queue)} clients stood in the queue and asked; {len(queue) - len(without)} got their "
        f"reply, {len(without)} got none: {where}; the server is idle{wording.printed_too(seen)}",
        expected=f"{len(queue)} replies, to each its own",
        cause="connfd-pointer" if nobody and each_its_thread else uncaught.of_acceptor(seen, at),
        unanswered=len(without),
    )


def _started_a_thread_for_each(seen: Recording, queue: Sequence[Client], at: Snapshot) -> bool:
    """Whether a thread was started for each of these clients: a full pool or a limit starts none.

    Threads take numbers from the cell's pid namespace; without one, a thread for the first client is
    enough.
    """
    before = seen.before(queue[0].connected)
    if before.last_pid is not None and at.last_pid is not None:
        return at.last_pid - before.last_pid >= len(queue)
    alone = seen.client("alone").connected
    return _threads(seen.after(alone)) > _threads(seen.before(alone))


def _threads(at: Snapshot) -> int:
    return sum(process.threads for process in at.living)
