"""Slides 2 and 3: the server creates its socket, binds it, and listens."""

from __future__ import annotations

import os
import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from signal import SIGALRM
from typing import Final

from harness.judge import ports, set_up, uncaught, wording
from harness.judge.our_limits import found_nobody, wanted_more_tasks
from harness.judge.requirement import LISTENS, requirement
from harness.judge.unbuilt import unbuilt
from harness.judge.verdict import Verdict, failed, passed
from harness.record.contract import FAILS
from harness.record.events import Died, Ended, Listens, Started
from harness.record.host import LOOPBACK
from harness.record.last_words import report_of_error
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot
from harness.record.spelling import ending
from harness.stage import Stage, scenario

A_MINUTE_S: Final = 65.0  # PHP waits 60 s for a client
_NAMES_A_PORT: Final = re.compile(r"^(?!.*[Uu]sage).*\b\d{4,5}\b", re.MULTILINE)
_SAYS: Final = {
    "no-interpreter": re.compile(
        r"\\r\W|^env: .*: No such|\b(?:execvp|cannot run) \S+: No such", re.MULTILINE
    ),
    "unreadable": re.compile(r"\b(?:Syntax|Indentation|Tab)Error\b|\bsyntax error\b|Parse error:"),
}
_MANY: Final = 64  # processes: no server begins with so many, and forks on
_USAGE: Final = re.compile(
    r"^\s*(usage\b|((eg|e\.g\.|example)\W*)?\./[\w.-]+( +[\[<]?\w+[\]>]?)+\s*$)",
    re.IGNORECASE | re.MULTILINE,
)
_STANDARD: Final = {0, 1, 2}  # stdin(3)
_ERROR_SAYS: Final = {
    "EADDRNOTAVAIL": "address-not-here",
    "EADDRINUSE": "port-taken",
    "EACCES": "port-of-root",  # or it is of a file
    "EPERM": "not-permitted",
}
_OF_A_PORT: Final = re.compile(r"\bbind|\blisten", re.IGNORECASE)
HIDES = "it hides from whoever looks at it (PR_SET_DUMPABLE 0, or set-uid: prctl(2))"
FIRST_HAS_LEFT = (
    "its first thread has ended, and others run (pthread_exit(3)): what it has open was not seen"
)


@scenario(clients=0)
async def starting(stage: Stage) -> None:
    """The server is started, and no client comes; if it listens on another port, it is started again.

    Where it sleeps with a time limit of up to a minute, that runs out; so does an alarm, which nobody
    can see, where it has called alarm() and would die of it.
    """
    await stage.quiet()
    await stage.rest.outlast_a_clock(A_MINUTE_S)
    if _may_die_of_an_alarm(stage):
        await stage.rest.outlast_an_alarm(A_MINUTE_S, is_over=lambda: not _is_there(stage))
    if stage.server.port != stage.server.told:  # a port that the kernel chooses is another one each time
        await stage.server.restart()


def _may_die_of_an_alarm(stage: Stage) -> bool:
    """Whether the program itself calls alarm() or setitimer(), and does not catch SIGALRM."""
    return stage.rest.may_set_alarms and not stage.look().heeds(SIGALRM) and _is_there(stage)


def _is_there(stage: Stage) -> bool:
    return stage.look().find(stage.look().root) is not None


@requirement(
    "contract/starts",
    scenario=starting,
    slide="2",
    tier="lecture",
    says="The program can be built and started, and keeps running.",
    why="A server that is not there when the first client comes can serve nobody.",
    by_hand="build and start it; then: `ps -o pid,stat,args -C NAME`: it must be listed",
    needs=(),
)
def it_starts_and_stays(seen: Recording) -> Verdict:
    expected = "a process that keeps running, and waits for clients"
    if (broken := unbuilt(seen)) is not None:
        return broken
    died = seen.first(Died)
    if died is not None and seen.first(Listens) is None and not _has_rested(seen):
        if wanted_more_tasks(seen):
            raise Missing("it wanted to start more threads or processes than its cell allows")
        how, words = ending(died.status), wording.last_words(seen)
        said = f', after printing "{words}"' if words else ", without a word"
        if seen.cell == "plain" and "EADDRINUSE" in wording.errors_named(seen):
            raise Missing("another program, or an old connection, held the port on this machine")
        return failed(
            f"it {how}{said}",
            expected=expected,
            cause=_why_it_ended(seen, words),
            status=died.status,
        )
    if died is not None and (gone := _left_alone(seen, died, expected)) is not None:
        return gone
    _ = seen.root  # where the server was never started, nothing is held against it
    started = seen.require(Started)
    told = " ".join(started.arguments or ())
    if started.typed:
        told = f"{' and '.join(started.typed.split())} typed, as it asks"
    return passed(f"it runs, started with {told}" if told else "it runs")


def _left_alone(seen: Recording, died: Died, expected: str) -> Verdict | None:
    """The failure of a server that has listened, and ended though no client came."""
    ended = seen.place_of(Ended)
    looks = [at for at in seen.snapshots() if ended is None or at.index < ended]
    if seen.first(Listens) is None or not looks or seen.is_alive(looks[-1].settled()):
        return None
    if wanted_more_tasks(seen):
        raise Missing("it wanted to start more threads or processes than its cell allows")
    by_clock = any(at.proof == "until" for at in looks)
    by_alarm = os.WIFSIGNALED(died.status) and os.WTERMSIG(died.status) == SIGALRM
    return failed(
        f"it listened, nobody came, and it {ending(died.status)}{wording.said(seen)}",
        expected=expected,
        cause="alarm-ends-server" if by_alarm else "ends-unvisited" if by_clock else "",
        breaks_baseline=False,
    )


def _why_it_ended(seen: Recording, words: str) -> str:
    """The cause by what it said at its end; "" where that is none that is known."""
    if "rotocol not supported" in words:
        return "slide-10-slip"
    if told := next((cause for cause, says in _SAYS.items() if says.search(seen.printed)), ""):
        return told
    if uncaught.shadows_module(seen):
        return "shadows-module"
    if found_nobody(seen):
        return "would-block-is-fatal"
    return _by_error(seen) or _by_status(seen, words)


def _by_error(seen: Recording) -> str:
    """The cause by the error that its words name."""
    named = wording.errors_named(seen)
    if "ENOTSOCK" in named:
        return "compares-first"
    if "EACCES" in named and not _OF_A_PORT.search(seen.printed):
        named -= {"EACCES"}
    return next((cause for error, cause in _ERROR_SAYS.items() if error in named), "")


def _by_status(seen: Recording, words: str) -> str:
    """The cause where it has ended by itself, with its usage or with what a server says at its start."""
    status = seen.require(Died).status
    if _USAGE.search(seen.printed):
        return "wants-arguments"
    is_over = status == 0 and _NAMES_A_PORT.search(words) and not report_of_error(seen.printed)
    return "no-loop" if is_over else ""


def _has_rested(seen: Recording) -> bool:
    """Whether it was proven that it cannot end by itself: a signal of ours ends a pause(), say."""
    root = seen.require(Started).root
    return any(at.proof == "quiet" and root in {p.pid for p in at.living} for at in seen.snapshots())


@requirement(
    "contract/listens",
    scenario=starting,
    slide="3",
    tier="lecture",
    says="The server listens for TCP connections.",
    why="Only a listening socket receives connection requests; all clients depend on it.",
    by_hand="start it; then: `ss -tlnp`: its port must be listed",
    needs=("contract/starts",),
)
def it_listens(seen: Recording) -> Verdict:
    if (listens := seen.first(Listens)) is not None:
        return passed(f"it listens on port {listens.port}", port=listens.port)
    if (begun := seen.first(Started)) is not None and begun.vain is not None:
        return _waits_in_vain(seen, begun)
    if begun is not None and begun.hides and seen.contract.unseen == FAILS:
        return failed(
            f"{HIDES}, and the assignment does not allow that where it cannot be seen",
            expected="a program that can be looked at, as any is that does not ask for the contrary",
        )
    start = seen.snapshots()[:1]
    if not start:
        raise Missing("the server never came to rest after its start")
    if start[0].listener is not None:
        return passed("it listens")
    started = seen.require(Started)
    if started.hides:
        raise Missing(f"{HIDES}; to see it all the same forkspec must run as root, with CAP_SYS_PTRACE")
    if any(each.is_zombie and each.threads > 1 for at in seen.snapshots() for each in at.processes):
        raise Missing(FIRST_HAS_LEFT)
    state, words = wording.listener_state(seen, start[0]), wording.last_words(seen)
    family = len(start[0].processes)
    children = f", with {family - 1} child processes" if family > 1 else ""
    said = f'; it printed "{words}"' if words else ""
    runaway = start[0].proof == "spin" and started.runaway
    if start[0].proof != "quiet" and not runaway:
        raise Missing(f"it does not listen within its time to start, and may still: it is {state}{said}")
    return failed(
        f"no process of it holds a listening socket; it is {state}{children}{said}",
        expected="a TCP socket in state LISTEN, held by the server",
        cause="slide-10-runaway" if runaway else _why_mute(started, start[0]),
        runaway=runaway,
    )


def _waits_in_vain(seen: Recording, started: Started) -> Verdict:
    """The verdict on a server that no client can reach, and that calls accept() already."""
    words = wording.last_words(seen, 1)
    born = max((len(at.processes) for at in seen.snapshots()), default=1) - 1
    runaway = born >= _MANY
    return failed(
        f"nobody listens: accept() of descriptor {started.vain_on} fails again and again, "
        f"with {started.vain}"
        + (f", with {born} child processes" if runaway else "")
        + (f'; it printed "{words}"' if words else ""),
        expected="a TCP socket in state LISTEN, held by the server",
        cause="slide-10-runaway" if runaway and started.vain_on == -1 else _why_in_vain(started),
        runaway=runaway,
    )


def _why_in_vain(started: Started) -> str:
    """Whether it takes its terminal for its socket, as by `if (sock = socket(...) < 0)`; has it any."""
    has = started.imports or ()
    if started.vain_on == -1:
        return "socket-failed"
    if started.vain_on in _STANDARD and started.vain == "ENOTSOCK":
        return "compares-first"
    if "socket" in has and "listen" not in has:
        return "no-listen"
    return "accepts-closed" if started.vain == "EBADF" else "accepts-in-vain"


def _why_mute(started: Started, at: Snapshot) -> str:
    """Whether it sleeps in recv() with nobody connected, as by UDP; whether it has no call of listen().

    Of TCP recv() returns at once then (recv(2), ENOTCONN). Who sleeps in accept() listens (accept(2),
    EINVAL), and no socket of TCP does.
    """
    first = at.find(started.pid) if started.pid is not None else None
    if first is not None and not at.connections and first.call in {"recvfrom", "recvmsg"}:
        return "datagrams"
    if first is not None and first.call in {"accept", "accept4"}:
        return "not-tcp"
    has = started.imports or ()
    return "no-listen" if "socket" in has and "listen" not in has else "never-listens"


@requirement(
    "contract/address",
    scenario=starting,
    slide="2, 8",
    tier="robust",
    says="The server listens on the port that it was given, and is reached over 127.0.0.1.",
    why="A client knows a server by its address alone; at another one nobody looks for it.",
    by_hand="start it; then: `ss -tlnp`: the port that clients use must "
    "be listed, at 0.0.0.0, * or 127.0.0.1; start it again, and look once more",
    needs=(LISTENS,),
)
def it_listens_where_it_was_told(seen: Recording) -> Verdict:
    told, where = seen.require(Started).told, seen.require(Listens)
    if told is None:
        raise Missing("the recording does not say which port it was told")
    if where.address is None:
        raise Missing("the recording does not say at which address it listens")
    port, address = where.port, ip_address(bytes.fromhex(where.address))
    if port != told and not seen.contract.may_listen_anywhere:
        return _other_port(seen, told, port)
    alone = "" if not where.v6_only else ", for IPv6 alone"
    found = f"it listens on {address}, port {port}{alone}"
    if alone or not (address.is_unspecified or str(address) == LOOPBACK):
        return failed(
            f"{found}: a client that connects to {LOOPBACK} is refused",
            expected=f"reachable over {LOOPBACK}",
            cause=_why_not_loopback(address, is_v6_alone=bool(alone)),
        )
    return passed(found)


def _why_not_loopback(address: IPv4Address | IPv6Address, *, is_v6_alone: bool) -> str:
    if isinstance(address, IPv4Address):
        return "one-address"
    if address.is_loopback:
        return "only-v6"
    return "v6-only" if is_v6_alone and address.is_unspecified else ""


def _other_port(seen: Recording, told: int, port: int) -> Verdict:
    """The verdict on another port. One that the kernel has chosen changes at the next start."""
    listens = [event.port for event in seen.every(Listens)]
    again, printed, cause, like = listens[1:], seen.printed, "", ""
    if any(each != port for each in again):
        cause = "bind-unchecked" if seen.imports is None or "bind" in seen.imports else "no-bind"
        calls, known = set_up.why(seen)
        cause = known or cause
        like = f"; started again it listens on port {again[0]}: the kernel has chosen both{calls}"
    elif ports.reads_swapped(port, told, printed):
        cause = "htons-forgotten"
        like = f": the same two bytes, swapped, are port {ports.swapped(port)}"
    elif again or port not in ports.DRAWN_BY_THE_KERNEL or ports.is_named(port, printed):
        cause = "wrong-port"
        like = "; started again it does the same" if again else ""
    return failed(
        f"it listens on port {port}, not on port {told}{like}",
        expected=f"port {told}, reachable over {LOOPBACK}",
        cause=cause,
        port=port,
    )


@requirement(
    "contract/foreground",
    scenario=starting,
    slide="8",
    tier="advisory",
    says="The process that was started is itself the server.",
    why="Whoever started it, a person or a supervisor, can only end or restart what they started.",
    by_hand="start it: the shell must not prompt again before ^C; if it does, `ss -tlnp` shows the "
    "number of the process that serves, for kill to end it",
    needs=(LISTENS,),
)
def the_started_process_is_the_server(seen: Recording) -> Verdict:
    stays = seen.require(Started).stays
    if stays is None:
        raise Missing("the recording does not say what became of the started process")
    seen.require(Listens)
    if not stays:
        return failed(
            "the process that was started has ended, and another one listens in its place",
            expected="the started process there as long as the server",
            cause="daemonises",
        )
    return passed("the process that was started is there, and the server listens")


@requirement(
    "contract/backlog",
    scenario=starting,
    slide="10",
    tier="advisory",
    says="The accept queue has room for more than two clients.",
    why="Who comes while the queue is full is not told so: the kernel drops the request, and the client "
    "tries again a second later (listen(2), tcp(7)).",
    by_hand="start it; then: `ss -tln`, column Send-Q: it must be 5 or more",
    needs=(LISTENS,),
)
def the_accept_queue_is_deep_enough(seen: Recording) -> Verdict:
    backlog = seen.require(Listens).backlog
    if backlog is None:
        raise Missing("the recording does not say how deep its accept queue is")
    if backlog <= 1:
        return failed(
            f"the backlog is {backlog}: Linux then has room for {backlog + 1} in the queue, and the "
            "next must try again later",
            expected="listen(sock, 5), as on slide 10, or more",
            cause="small-backlog",
            backlog=backlog,
        )
    return passed(f"the backlog is {backlog}", backlog=backlog)
