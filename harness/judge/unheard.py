"""A client that asked and got no answer at all: what became of its connection, and what was printed."""

from collections.abc import Sequence
from typing import Final

from harness.call_kinds import LETS_IN, POLLS
from harness.record.client import Client
from harness.record.events import Died, End
from harness.record.imports import READS_INPUT, writes_by_stream
from harness.record.recording import Recording
from harness.record.snapshot import Process, Snapshot
from harness.record.spelling import ending

from . import branches, children, design, endings, service_calls, uncaught, wording
from .patience import silent_for_s
from .unreaped import SIGCHLD

HASTY: Final = "hasty"
_CLOSED: Final = (  # what read() says of a closed one, in C and Python, Java, Ruby, Go
    *("Bad file descriptor", "EBADF", "Socket is closed", "Socket closed", "closed stream"),
    "use of closed network connection",
)
_LOCK: Final = "futex"
_OF_A_JVM: Final = 8  # threads at the start, and more
_WOULD_BLOCK: Final = ("Resource temporarily unavailable", "WouldBlock", "would block")
_NOT_CONNECTED: Final = ("not connected", "ENOTCONN")  # what read() says of a listening socket


def told(seen: Recording, at: Snapshot, client: Client) -> str:
    """How the connection ended, or else where the server was; and what the program printed."""
    died = seen.first(Died)
    crash = _crash(seen)
    again = "" if crash else service_calls.why(seen)[0]
    if not seen.is_alive(at) and died is not None:
        return f"the server {ending(died.status)}{wording.said(seen)}{again}"
    fell = f"; a process of it {crash}" if crash else ""
    became = _end(seen, at, client) or (
        f"{wording.where_all_stood(seen, at)}; {wording.whereabouts(at, client)}"
    )
    return f"{became}{fell}{wording.printed_too(seen)}{again}"


def cause(seen: Recording, at: Snapshot, client: Client) -> str:
    """The known fault by which a client is not accepted, or its connection ends without a reply."""
    if _is_at_keyboard(seen, at, client):
        by_read = seen.imports is not None and READS_INPUT.isdisjoint(seen.imports)
        return "reads-standard-input" if by_read else "waits-for-keyboard"
    connection = at.connection(client.port)
    if connection is not None and not connection.accepted:
        return _of_unaccepted(seen, at)
    if _is_closed_for_its_thread(seen, client):
        return "closes-for-thread"
    root = at.find(seen.root)
    is_there = connection is not None and connection.unread and client.end is None
    reported = uncaught.in_service(seen) if is_there else ""
    if is_there and root is not None and root.threads == 1 and root.call in LETS_IN:
        return reported or _of_ready(root, at, client)
    if not seen.is_alive(at):
        killed = "kills-own-group" if endings.by_own_signal(seen) else ""
        return killed or uncaught.in_service(seen) or service_calls.why(seen)[1]
    return "" if client.refusal or _crash(seen) else reported or _of_an_end(seen, at, client)


def why_unwatched_since(seen: Recording, at: Snapshot, before: Sequence[Client]) -> str:
    """The known fault of a loop that has served `before`, and sleeps while the next client waits."""
    waits = at.listener is not None and at.listener.queue > 0
    if not before or not waits or at.overlooks_the_queue or not _waits_elsewhere(seen, at):
        return ""
    root = at.find(seen.root)
    if root is not None and root.call.startswith("epoll") and children.is_born(seen, before[0]):
        return "child-removes-listener"
    return "listener-lost"


def _is_at_keyboard(seen: Recording, at: Snapshot, client: Client) -> bool:
    """Whether the process that holds the connection, or has not accepted it, reads from a terminal.

    Where another thread of the process waits for input too, that one may serve.
    """
    holders = at.holders(client.port)
    root = at.find(seen.root)
    charged = holders or ([root] if root is not None else [])
    return any(each.reads_keyboard for each in charged)


def _of_an_end(seen: Recording, at: Snapshot, client: Client) -> str:
    """The known fault that ends a connection without a reply, or lets it stay so."""
    if uncaught.is_never_awaited(seen):
        return "never-awaited"
    known = service_calls.why(seen)[1]
    if uncaught.in_service(seen) and not (known == "reads-too-early" and _says_would_block(seen)):
        known = ""
    if known == "reads-too-early" and silent_for_s(seen, client) is not None:
        known = ""  # a time limit ends read() with EAGAIN, too: socket(7), SO_RCVTIMEO
    if known:
        is_late = (
            known == "closes-too-early" and client.end is End.FIN and writes_by_stream(seen.imports)
        )
        return "reply-in-stream" if is_late else known
    if client.end is None:
        on = "expects-own-form" if uncaught.wants_own_form(seen) else "reads-on"
        if _reads_on(at, client):
            return on
        is_asleep = sleeps_for_another(seen, at, client)
        return "never-woken" if is_asleep else uncaught.in_service(seen)
    return _of_unread(seen, client) if _was_unread(client) else _of_read(seen, at, client)


def _says_would_block(seen: Recording) -> bool:
    """Whether the error that it reports is the EAGAIN that its read() has met."""
    said = wording.said(seen)
    return "EAGAIN" in wording.errors_named(seen) or any(word in said for word in _WOULD_BLOCK)


def _of_unaccepted(seen: Recording, at: Snapshot) -> str:
    """The known fault by which no client is accepted."""
    root = at.find(seen.root)
    if at.proof == "spin" and root is not None and not root.call:
        return "never-gets-to-accept"
    return "listener-unwatched" if _waits_elsewhere(seen, at) else "accepts-on-wrong-socket"


def _of_ready(root: Process, at: Snapshot, client: Client) -> str:
    """The known fault that leaves a line unread, by the call in which its one thread sleeps."""
    if root not in at.holders(client.port):
        return ""
    return "not-watched" if root.call in POLLS else "accepts-before-reading"


def _reads_on(at: Snapshot, client: Client) -> bool:
    """Whether the line was read, and the process that holds its connection waits for more of it."""
    holders = at.holders(client.port) if at.has_read(client.port) else ()
    return at.is_proof and any(each.reads_in or each.waiting_for_any for each in holders)


def is_unwatched(seen: Recording, at: Snapshot, client: Client) -> bool:
    """Whether a loop in one process sleeps until something comes, and this client's line has come."""
    root = at.find(seen.root)
    is_loop = root is not None and root.threads == 1 and root.call in POLLS
    return is_loop and at.is_proof and root in at.holders(client.port) and at.unread(client.port) > 0


def sleeps_for_another(seen: Recording, at: Snapshot, client: Client) -> bool:
    """Whether the line was read, and one thread more than before sleeps until another wakes it.

    Of a JVM's and of Go's threads one more may sleep at any time.
    """
    connection, before = at.connection(client.port), seen.snapshots()[0]
    if connection is None or connection.unread or not at.is_proof or not seen.was_read(client):
        return False
    return any(
        each.sleeping.get(_LOCK, 0) > (then.sleeping.get(_LOCK, 0) if then is not None else 0)
        for each in at.holders(client.port)
        for then in [before.find(each.pid)]
        if each.threads > 1 and not each.catches_all and (then is None or then.threads < _OF_A_JVM)
    )


def _waits_elsewhere(seen: Recording, at: Snapshot) -> bool:
    """Whether the server sleeps in poll() or the like, without a time limit."""
    root = at.find(seen.root)
    return at.proof == "quiet" and root is not None and root.threads == 1 and root.call in POLLS


def _of_read(seen: Recording, at: Snapshot, client: Client) -> str:
    """The known fault that reads a line, and ends its connection without a reply."""
    if client.end is not End.FIN or at.unread(client.port):
        return ""
    if wording.said(seen):
        return uncaught.in_service(seen)
    return "reply-in-stream" if writes_by_stream(seen.imports) else "ends-without-a-word"


def _of_unread(seen: Recording, client: Client) -> str:
    """The known fault that ends a connection which it has not read to its end."""
    if silent_for_s(seen, client) is not None:
        return "throws-out-silent"
    if _was_never_asked(client) and branches.both_accept(seen, client):
        return "both-accept"
    if answers_the_hasty(seen):
        by_read = service_calls.has_read(seen, unless_told=True)
        return "read-interrupted" if by_read and _is_interrupted(seen, client) else ""
    said = wording.said(seen)
    is_unasked = _was_never_asked(client)
    if any(word in said for word in _NOT_CONNECTED):
        return "reads-from-listener"
    if said or (is_unasked and service_calls.has_read(seen)):
        return uncaught.in_service(seen)
    is_in_part = not is_unasked and service_calls.has_read(seen, unless_told=True)
    return "reads-from-listener" if is_unasked else "line-left-unread" if is_in_part else ""


def _is_closed_for_its_thread(seen: Recording, client: Client) -> bool:
    """Whether a thread was to read from a connection which its server had closed by then.

    Either a thread sleeps in read() and no descriptor leads to the connection any more, or a thread was
    started, and is over, and the program says EBADF.
    """
    now = seen.after(client.connected)
    if now.holds(client.port):
        return not now.holders(client.port) and design.has_started_threads(seen, client)
    says_so = any(word in wording.said(seen) for word in _CLOSED)
    return says_so and not children.is_born(seen, client) and children.is_over_unseen(seen, client)


def answers_the_hasty(seen: Recording) -> bool:
    """Whether a client that spoke at once was answered: the server reads, but does not wait."""
    return any(client.answer for client in seen.clients(HASTY))


def _is_interrupted(seen: Recording, client: Client) -> bool:
    """Whether a process was born for the client and has ended, and the server handles SIGCHLD."""
    server = seen.before(client.connected).find(seen.root)
    handles = server is not None and bool((server.caught or 0) & SIGCHLD)
    return handles and children.over_at_once(seen, client) > 0


def _was_unread(client: Client) -> bool:
    """Whether a client's connection ended before it had sent a line, or with its line unread (RST)."""
    return _was_never_asked(client) or (client.asked is not None and client.end is End.RST)


def _was_never_asked(client: Client) -> bool:
    """Whether its connection ended before it had said a word."""
    return client.ended is not None and client.asked is not None and client.ended < client.asked


def _end(seen: Recording, at: Snapshot, client: Client) -> str:
    """How the server ended this client's connection, in words; "" where it did not, or answered."""
    if (silent_s := silent_for_s(seen, client)) is not None:
        return wording.thrown_out(seen, client, silent_s)
    if client.ended is None or client.asked is None or client.refusal:
        return ""
    if _was_never_asked(client):
        over = ", and a process that it had started for this client had exited by then"
        interrupted = answers_the_hasty(seen) and _is_interrupted(seen, client)
        return f"the server ended the connection before the client said anything{over * interrupted}"
    if client.end is End.RST:
        return "its connection was reset (RST), as close() does where something is left unread"
    return "" if at.unread(client.port) else "the server read the line, and ended the connection"


def _crash(seen: Recording) -> str:
    """How a process of the server crashed, in words; "" when no crash was seen."""
    crashes = [status for status in endings.statuses(seen).values() if endings.is_crash(status)]
    return ending(crashes[0]) if crashes else ""
