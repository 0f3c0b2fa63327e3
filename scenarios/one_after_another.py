"""Slides 4, 5, 10, 12, 15, 16: one client at a time, and what each client leaves behind."""

from __future__ import annotations

from collections.abc import Sequence

from harness.judge import (
    branches,
    children,
    closing,
    delays,
    design,
    endings,
    interrupted,
    own_program,
    reaped,
    reply,
    tls,
    unheard,
    unreaped,
    wording,
)
from harness.judge.another import CONSTANT
from harness.judge.patience import silent_for_s
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, not_applicable, passed
from harness.record.client import Client
from harness.record.events import Died, Started
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot
from harness.record.spelling import called, ending, spell
from harness.stage import Stage, scenario
from harness.stage.client_hello import greet_as_tls_does

CLIENTS = 8
AND_MORE = ", and more than the next one"
NOT_ITS_WORDS = frozenset({"one-byte", "first-word", "capitalises-all"})  # in any reply
PROVEN = 2
MOST_BIRTHS = 10 * CLIENTS


@scenario(clients=1)
async def one_after_another(stage: Stage) -> None:
    """Eight clients, one after the other: each connects, waits, asks, is answered, and leaves.

    Where not even the first was answered, one more client begins as TLS does.
    """
    await stage.server.note_executed()
    births = 0
    for number in range(1, CLIENTS + 1):
        client = await stage.peer(f"client {number}", proven=number <= PROVEN)
        births -= stage.look().births
        is_unheard = client.end is not None and not client.received
        await client.ask(f"client{number} says Hello{AND_MORE if number % 2 else ''}\n".encode())
        if number <= PROVEN and not stage.contract.closes:
            await stage.quiet()  # whoever serves it lives on: has it waited for what it has started?
        await client.leave()
        births += stage.look().births
        if not client.reply or tls.is_alert(bytes(client.received)):
            stage.branch(f"client {number} was not answered: no more come")
            if is_unheard:
                await hasty_one(stage)
            if number == 1:
                await greet_as_tls_does(stage, tls.GREETS)
            break
    await stage.quiet()
    if 0 < births <= MOST_BIRTHS:
        await behind_the_stopped_parent(stage)
    await stage.server.note_executed()


async def hasty_one(stage: Stage) -> None:
    """Where a connection was ended before its client had asked, one more client asks at once."""
    hasty = await stage.clients.hasty(unheard.HASTY, b"At once\n")
    await stage.quiet(unless=lambda: hasty.is_served)
    await hasty.leave()


async def behind_the_stopped_parent(stage: Stage) -> None:
    """Where a process was born after each client's child, one more client shows whose child it is."""
    client = await stage.peer("one more", proven=True)
    child = stage.look().child_serving(client)
    if child is not None:
        parent = stage.look().parent_of(child)
        await stage.server.freeze(parent)
        await client.ask(b"who is born now?\n")
        await stage.server.thaw(parent)
    await client.leave()
    await stage.quiet()


@requirement(
    "service/reply",
    scenario=one_after_another,
    slide="4, 10",
    tier="lecture",
    says="The reply is the line, capitalised (slide 4) or as it came (slide 10).",
    why="The client shows the user what comes back; a wrong byte is a wrong answer.",
    by_hand="`echo hello | nc 127.0.0.1 54321 | xxd`: the reply must be HELLO or hello, with its "
    "newline or without, and no other byte",
    needs=(LISTENS,),
)
def the_reply_is_the_line(seen: Recording) -> Verdict:
    clients = seen.clients("client ")
    if not clients or clients[0].asked is None:
        raise Missing("no client asked")
    if tls.is_wanted(seen):
        seen.after(clients[0].asked).proven()
        return failed(
            "a plain line got no reply; a client that began as TLS does (ClientHello) got one",
            expected=reply.wanted(seen.contract, clients[0].sent),
            cause=tls.CAUSE,
        )
    if not any(client.answer for client in clients):
        at = seen.after(clients[0].asked).proven()
        cause = unheard.cause(seen, at, clients[0])
        return failed(
            f"no answer: {unheard.told(seen, at, clients[0])}",
            expected=reply.wanted(seen.contract, clients[0].sent),
            cause=cause,
            answered=False,
            hasty=unheard.answers_the_hasty(seen) and cause != "status-taken",  # that one had luck
            silent_s=round(silent_for_s(seen, clients[0]) or 0, 1),
        )
    if (early := reply.unasked(seen, clients)) is not None:
        return early
    for number, client in enumerate(clients):  # a refusal is judged by service/again
        if client.answer and (difference := reply.difference(seen, client)):
            observed, expected, cause = difference
            cause = _cause_by_all(seen, clients, number) or cause
            if not cause and seen.contract.depends_on_line and reply.is_constant(clients):
                cause = CONSTANT
                observed = f"clients who said different things all got {client.came_in_words()}"
            breaks = cause in NOT_ITS_WORDS
            return failed(observed, expected=expected, cause=cause, breaks_baseline=breaks)
    first = next(client for client in clients if client.answer)
    return passed(f"{spell(first.sent)} came back as {spell(first.answer)}")


def _cause_by_all(seen: Recording, clients: Sequence[Client], number: int) -> str:
    """The cause of the wrong reply of client `number`, by what the other clients got."""
    if reply.is_stale(clients[number], clients[:number], seen.contract):
        return "stale-bytes"
    if reply.has_a_pointers_size(clients, seen.contract):
        return "pointer-size"
    if reply.has_one_byte(clients, seen.contract):
        return "one-byte"
    return "first-word" if reply.has_first_word(clients, seen.contract) else ""


@requirement(
    "service/closes",
    scenario=one_after_another,
    slide="5",
    tier="lecture",
    says="The connection ends after the reply. Where the contract keeps it open, it ends after the "
    "client has closed.",
    why="A client that reads until the end waits for ever if the end never comes.",
    by_hand="in bash: `(exec 3<>/dev/tcp/127.0.0.1/54321; { echo hello; } >&3; cat <&3 && echo end)`: "
    "the reply must come, and then the word end, and no 'Connection reset by peer'",
    needs=(LISTENS, ANSWERS, "fork/parent-closes-connection"),
)
def the_connection_ends_after_the_reply(seen: Recording) -> Verdict:
    clients = [client for client in seen.clients("client ") if client.answer]
    if not clients:
        raise Missing("no client was answered")
    if seen.contract.closes:
        return closing.server_ends(seen, clients[0])
    return closing.client_ends(seen, clients)


@requirement(
    "service/again",
    scenario=one_after_another,
    slide="13",
    tier="lecture",
    says="Eight clients, one after the other, are all served.",
    why="A server is a loop: it serves until somebody ends it.",
    by_hand="`for i in 1 2 3 4 5 6 7 8; do echo hello | timeout 9 nc 127.0.0.1 54321; done`: eight "
    "replies must come",
)
def the_next_client_is_served_too(seen: Recording) -> Verdict:
    clients = seen.clients("client ")
    for number, client in enumerate(clients, start=1):
        if client.answer:
            continue
        client.require_attempt()
        at = seen.unanswered(client)
        died = seen.first(Died)
        if not seen.is_alive(at):
            how = ending(died.status) if died else "is gone"
            return failed(
                f"client {number} of {CLIENTS} was refused: the server {how}{wording.said(seen)}",
                expected=f"{CLIENTS} answers",
                cause=branches.why_it_ended(seen, clients[0], served=number - 1),
                served=number - 1,
            )
        listens = any(p.listens for p in at.living)
        why = wording.where_all_stood(seen, at) if listens else "nobody listens any more"
        got = wording.no_answer(client)
        return failed(
            f"client {number} of {CLIENTS} {got}: {why}{wording.printed_too(seen)}",
            expected=f"{CLIENTS} answers",
            cause=_why_it_goes_no_further(seen, at, clients[number - 2 : number - 1])
            or ("never-woken" if unheard.sleeps_for_another(seen, at, client) else ""),
            served=number - 1,
            listens=listens,
        )
    if len(clients) < CLIENTS:
        raise Missing(f"only {len(clients)} clients came")
    return passed(f"{CLIENTS} of {CLIENTS} clients in a row were answered")


@requirement(
    "contract/design",
    scenario=one_after_another,
    slide="beyond; the assignment",
    tier="lecture",
    says="The server has the design that the assignment demands.",
    why="An assignment that is to teach fork() is not met by threads, however well they serve.",
    by_hand="`ps -o pid,ppid,nlwp,args -C NAME`, before a client connects with nc, and while it is "
    "silent: fork() shows one process more, a thread a higher NLWP",
    needs=(LISTENS, ANSWERS, "service/again"),
    unless=lambda contract: "" if contract.design else "the assignment demands no design",
)
def it_serves_in_the_way_demanded(seen: Recording) -> Verdict:
    demanded = seen.contract.design or ""
    found = design.seen_in(seen)
    if design.meets(found, demanded):
        return passed(f"the assignment demands {demanded!r}; seen: {found}", design=found)
    if not design.is_certain(seen):
        raise Missing("nobody was seen to hold the first clients' connections")
    return failed(
        f"the first client was served by {design.in_words(found)}",
        expected=f"{demanded!r}, as the assignment demands: {design.in_words(demanded)}",
        cause="not-by-fork" if demanded == "fork" else "",
        design=found,
    )


@requirement(
    "contract/own-program",
    scenario=one_after_another,
    slide="beyond; execve(2)",
    tier="advisory",
    says="What listens is a program that was handed in, not one that comes with the system.",
    why="An assignment to write a server is not met by starting one that others have written.",
    by_hand="start it; then: `ss -tlnp`: the program that is listed must be yours, or the "
    "interpreter of your language; `ps -o args -C NAME` says what that runs",
    needs=(LISTENS,),
)
def it_is_a_program_of_its_own(seen: Recording) -> Verdict:
    looks = own_program.looks(seen)
    if not looks:
        raise Missing("the recording does not say what the server executes")
    start = seen.first(Started)
    named = (start and start.named) or ()
    for look in looks:
        try:
            found = [own_program.ready_made(each) for each in look]
        except Missing:
            if own_program.names_a_server(named):
                return not_applicable("the assignment's own command starts a program of the system")
            raise
        if all(found) and (first := found[0]):
            if start is not None and start.no_hand_in:
                return not_applicable("nothing was handed in: a command line was given to judge")
            if first.is_named(named):
                return not_applicable("the assignment's own command starts what listens")
            return failed(
                f"what listens is {first.program}, started as '{first.command}'",
                expected="a program that was handed in, or an interpreter that runs one",
                cause="ready-made",
                program=first.program,
            )
    return passed(f"what listens is {own_program.in_words(looks[-1])}")


def _why_it_goes_no_further(seen: Recording, at: Snapshot, before: Sequence[Client]) -> str:
    """The cause of a server that lives and serves no client after `before`, the last that it served."""
    if not any(process.listens for process in at.living):
        return branches.why_nobody_listens(seen, before)
    passed_over = bool(before) and _is_passed_over(seen, at, before[0])
    if passed_over or unreaped.spins_in_handler(seen, at):
        return "errno-is-stale" if passed_over else interrupted.NEVER_ENDS
    if ready := children.workers(seen):
        return "" if any(at.find(each.pid) for each in ready) else "workers-end"
    unwatched = unheard.why_unwatched_since(seen, at, before)
    if known := unwatched or delays.of_one_for_several(seen, at):
        return known
    root, earlier = at.find(seen.root), seen.before(before[0].connected) if before else None
    waited = earlier.find(seen.root) if earlier is not None else None
    spins = at.proof == "spin" and root is not None and root.state == "R" and len(at.living) == 1
    if before and branches.reads_past_the_end(seen, before[0], at):
        return "spins-on-goodbye"
    is_closed = bool(before) and not at.holders(before[0].port)
    return "closed-in-set" if spins and is_closed and waited and waited.waiting_for_any else ""


def _is_passed_over(seen: Recording, at: Snapshot, before: Client) -> bool:
    """Whether the client after this one, for whom a child was born, is let in and forgotten."""
    clients = seen.clients("client ")
    after = next((each for each in clients if (each.connected or 0) > (before.connected or 0)), None)
    is_first = after is not None and interrupted.passes_over(seen, after, at)
    return is_first and children.is_born(seen, before)


def _nobody_to_look_at(seen: Recording) -> Verdict:
    """Why it does not apply: no child is born, or none lives long enough to be seen."""
    return not_applicable(children.none_seen(seen, seen.client("client 1")))


@requirement(
    "fork/one-child",
    scenario=one_after_another,
    slide="9, 10",
    tier="lecture",
    says="Each client is served by one new child, and not by two.",
    why="Every process costs memory and a place in the process table.",
    by_hand="`nc 127.0.0.1 54321` in one window, typing nothing; then: `ps --ppid PID`: one "
    "process must be listed",
)
def one_client_makes_one_child(seen: Recording) -> Verdict:
    served = children.proven(seen)
    if not served:
        return _nobody_to_look_at(seen)
    for client, pids in served:
        if len(pids) > 1:
            return failed(
                f"{len(pids)} children were born for {client.name}",
                expected="one new process while a client is connected",
                cause="forks-twice",
            )
    return passed(f"one new process for each of {len(served)} clients")


@requirement(
    "fork/parent-closes-connection",
    scenario=one_after_another,
    slide="12",
    tier="lecture",
    says="After fork() the parent closes the connected socket.",
    why="While the parent holds it, the child's close() does not end the connection, and the "
    "parent runs out of descriptors.",
    by_hand="`nc 127.0.0.1 54321` in one window, typing nothing; `ss -tnp 'sport = :54321'` in "
    "another: one pid must be listed, that of the child",
)
def the_parent_closes_the_connection(seen: Recording) -> Verdict:
    if branches.are_swapped(seen, seen.client("client 1")):
        return failed(
            "the parent served client 1 and then ended; its child sleeps in accept() and goes on",
            expected="the child serves, and the parent goes back to accept()",
            cause="swaps-branches",
        )
    served = children.proven(seen)
    if not served:
        return _nobody_to_look_at(seen)
    parent = seen.root
    holding, in_vfork = 0, False
    for client, _ in served:
        at = seen.after(client.connected)
        process = at.find(parent)
        holding += process is not None and client.port in process.serves
        in_vfork = in_vfork or (process is not None and process.is_in_vfork)
    if holding:
        return failed(
            f"in {holding} of {len(served)} cases the parent still held the connection "
            "while its child served it",
            expected="only the child has the connection open",
            cause="waits-in-vfork" if in_vfork else _why_the_parent_has_it(seen, served),
        )
    return passed("only the child holds the connection")


def _why_the_parent_has_it(seen: Recording, served: Sequence[children.Served]) -> str:
    both = any(branches.both_serve(seen, client) for client, _ in served)
    return "both-serve" if both else "parent-keeps-connection"


@requirement(
    "fork/child-closes-listener",
    scenario=one_after_another,
    slide="12",
    tier="lecture",
    says="After fork() the child closes the listening socket.",
    why="A child that keeps it holds the port after the server has ended.",
    by_hand="`nc 127.0.0.1 54321` in one window, typing nothing; `ss -tlnp 'sport = :54321'` in "
    "another: one pid must be listed, that of the parent",
)
def the_child_closes_the_listener(seen: Recording) -> Verdict:
    served = children.proven(seen)
    if not served:
        return _nobody_to_look_at(seen)
    for client, pids in served:
        at = seen.after(client.connected)
        if any((p := at.find(pid)) is not None and p.listens for pid in pids):
            return failed(
                f"the child that serves {client.name} still holds the listening socket",
                expected="only the parent has the listening socket open",
                cause="child-keeps-listener",
            )
    return passed("no child holds the listening socket")


@requirement(
    "fork/child-exits",
    scenario=one_after_another,
    slide="10",
    tier="lecture",
    says="The child exits when its client has been served.",
    why="A child that stays is a leak; one that falls back into accept() competes with its parent.",
    by_hand="`echo hello | timeout 3 nc 127.0.0.1 54321; sleep 1; ps --ppid PID -o "
    "pid,stat,wchan,args`: no child may be listed",
)
def the_child_exits_when_its_client_is_served(seen: Recording) -> Verdict:
    served = children.served(seen)
    if not served:
        return _nobody_to_look_at(seen)
    if (endless := children.forks_on(seen)) is not None:
        client, number = endless
        return failed(
            f"when {client.name} had been served, its child forked {number} processes",
            expected="the child has exited",
            cause="child-forks-on",
            runaway=True,
        )
    statuses = endings.statuses(seen)
    for client, pids in served:
        ended = next((statuses[pid] for pid in pids if pid in statuses), 0)
        if endings.is_crash(ended):
            return failed(
                f"the child that served {client.name} {ending(ended)}{wording.printed_too(seen)}",
                expected="the child ends by itself",
                breaks_baseline=False,
            )
        at = seen.after(client.left)
        alive = [p for p in at.living if p.pid in pids]
        if alive:
            at.proven()
            spins = at.proof == "spin"
            doing = "using the processor all the time" if spins else f"asleep in {called(alive[0].call)}"
            return failed(
                f"{client.name} had been served and had left, but its child was {doing}",
                expected="the child has exited",
                cause=branches.why_it_stays(seen, client, at, alive[0]),
            )
    return passed("every child exited after its client")


@requirement(
    "reaping/sequential",
    scenario=one_after_another,
    slide="15, 16",
    tier="lecture",
    says="A child that exits after serving is reaped, at the latest when the next client comes.",
    why="A zombie keeps its place in the process table until its parent waits for it; a full "
    "table means that nobody can start anything.",
    by_hand="`for i in 1 2 3; do echo hello | nc 127.0.0.1 54321; done; sleep 1; ps --ppid PID -o "
    "pid,stat,args`: no <defunct> may be listed",
)
def a_child_that_exits_is_reaped(seen: Recording) -> Verdict:
    return reaped.one_after_another(seen)


@requirement(
    "reaping/survives-signal",
    scenario=one_after_another,
    slide="18, 19",
    tier="lecture",
    says="When SIGCHLD interrupts accept(), the server goes back to accept() and forks no child for it.",
    why="A handler interrupts the call the server sleeps in; unless the call is restarted, it "
    "returns -1 with EINTR, and that is no error.",
    by_hand="`echo hello | nc 127.0.0.1 54321`, and its child exits; once more: `echo hello | nc "
    "127.0.0.1 54321`: the reply must come again",
)
def an_interrupted_accept_is_not_the_end(seen: Recording) -> Verdict:
    return interrupted.goes_on(seen, seen.clients("client "))
