"""Every error that the server's calls are documented to return, met once (ERRORS of each man page)."""

from __future__ import annotations

from functools import partial

from harness.judge import design, survival
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, inconclusive, not_applicable, passed
from harness.record.client import Client
from harness.record.events import Branched, Injected
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import called
from harness.stage import Peer, Stage, scenario

ACCEPT = ("accept", "accept4")
FORK = ("clone", "clone3", "fork", "vfork")
READ = ("read", "readv", "recvfrom", "recvmsg")
SEND = ("sendto", "sendmsg")
WRITE = ("write", "writev")
WAIT = ("wait4", "waitid")
ERRORS = (
    *((ACCEPT, error) for error in ("ECONNABORTED", "EINTR", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM")),
    (ACCEPT, "EPROTO"),
    (FORK, "EAGAIN"),
    (FORK, "ENOMEM"),
    (READ, "EINTR"),
    (READ, "ECONNRESET"),
    (WAIT, "EINTR"),
    (SEND, "EINTR"),
    (SEND, "EPIPE"),
    (WRITE, "EINTR"),  # last: the error may hit what the server prints, and end the server there
    (WRITE, "EPIPE"),
)
OF_WHO_SERVES = (READ, SEND, WRITE)
UNSAFE = "kill(-1) would reach beyond this cell: it has no processes of its own"


@scenario(clients=2)
async def every_error(stage: Stage) -> None:
    """While the server rests, one call is set to fail once; a client asks; then another client asks.

    Who reads and writes is found first, by a client who is let in and silent: others read files, too,
    and pipes of their own.
    """
    for number, (calls, error) in enumerate(ERRORS, start=1):
        if calls is FORK and stage.ports_are_shared:
            stage.branch(UNSAFE)
            continue
        name = f"unlucky {number}"
        served = await stage.peer(name) if calls in OF_WHO_SERVES else None
        async with stage.server.injecting(calls, error, at=served) as attached:
            if not attached:
                return
            unlucky = served or await stage.clients.dial(name)
            if not served:  # traced, fork() returns late to the parent: its child must not end by then
                await stage.settle()
            unlucky.send(b"hello\n")
            await stage.settle()
        await stage.quiet(unless=partial(is_over, unlucky))
        unlucky.hang_up()
        after = await stage.peer(f"after {number}")
        await after.ask(b"still there?\n")
        await after.leave()
        if not after.reply:
            return


def is_over(client: Peer) -> bool:
    """True once the client is served, or its connection has ended."""
    return client.is_served or client.end is not None


@requirement(
    "abuse/every-error",
    scenario=every_error,
    slide="beyond; accept(2), fork(2), pthread_create(3), read(2), write(2), wait(2)",
    tier="robust",
    says="When a system call fails as its manual page says, at most one connection ends.",
    why="What can fail will fail once a year; a server that ends then is down until somebody notices.",
    by_hand="`strace -f -p PID -e inject=accept,accept4:error=ECONNABORTED:when=1` in one window; "
    "`echo hello | nc 127.0.0.1 54321` in another; end strace; once more: `echo hello | nc "
    "127.0.0.1 54321`: the second must be answered",
    needs=(LISTENS, ANSWERS, "service/again", "fork/child-exits"),
)
def an_error_met_once_ends_at_most_one_connection(seen: Recording) -> Verdict:
    met = list(seen.every(Injected))
    afters = seen.clients("after ")
    refused = [e.cause for e in seen.every(Branched) if e.refused]
    if refused and not met:
        return not_applicable(f"no error can be injected here: {refused[0]}")
    for number, (event, after) in enumerate(zip(met, afters, strict=False)):
        if after.answer:
            continue
        after.require_attempt()
        if event.call in SEND + WRITE and (event.beside or not _is_on_connection(event)):
            met = met[:number]  # what the server prints, or sends to its own processes, is not judged
            break
        return _ended(seen, event, after)
    if refused or not met or len(afters) < len(met):
        raise Missing(": ".join(["not every error was followed by a client", *refused[:1]]))
    outlived: dict[str, list[str]] = {event.call: [] for event in met if event.call}
    for event in met:
        if event.call:
            outlived[event.call].append(event.error)
    if not outlived:
        return not_applicable("it was seen to make none of these calls")
    told = "; ".join(f"{call}(): {', '.join(errors)}" for call, errors in outlived.items())
    return passed(f"each was met once and outlived: {told}", errors=sum(map(len, outlived.values())))


def _is_on_connection(event: Injected) -> bool:
    return "<socket:" in event.on or "<TCP" in event.on


def _ended(seen: Recording, event: Injected, after: Client) -> Verdict:
    """The failure after an injected error; raises Missing where the injection itself did the harm."""
    call, on, times = event.call, event.on, event.times
    if not call:  # to be traced breaks off a sleep, as to be stopped does
        return blocked(
            "lifecycle/suspend",
            inconclusive("the server ended while it was traced, and no error had been met"),
        )
    if call in READ and not _is_on_connection(event):
        raise Missing(f"{call}() failed on {on}, which is no connection")
    if call in READ and event.beside:
        raise Missing(f"{call}() failed on {on}, and on what is no connection, too")
    if call in WAIT and "WNOHANG" in on:
        raise Missing(f"{call}() with WNOHANG cannot be interrupted: that error was ours alone")
    if times > 1:
        raise Missing(f"{call}() failed {times} times at once: more than was to be shown")
    by_call = {ACCEPT: "accept", FORK: "fork", READ: "read", SEND: "write", WRITE: "write", WAIT: "wait"}
    kind = next(kind for calls, kind in by_call.items() if call in calls)
    by_thread = kind == "fork" and design.is_by_thread(seen, "after 1")
    made = "pthread_create()" if by_thread else "fork()"
    failed_call = f"{made} (its system call is {call}())" if kind == "fork" else called(call)
    died = "thread-failure-is-fatal" if by_thread else f"{kind}-error-is-fatal"
    named = {"ECONNRESET": "reset-is-fatal", "EMFILE": "emfile-is-fatal", "ENFILE": "emfile-is-fatal"}
    if kind == "fork" and not by_thread:
        named["EAGAIN"] = "fork-failure-is-fatal"
    end = survival.failure(
        seen,
        after,
        f"{failed_call} failed with {event.error}",
        expected="one connection ended at most, and the next client answered",
        died=named.get(event.error, died),
    )
    facts = {"call": call, "error": event.error}
    return end.with_facts(**facts)
