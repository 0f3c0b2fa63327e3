"""Why no client gets an answer: which calls of a second run did something else than was meant."""

import signal
from collections.abc import Sequence
from typing import Final

from harness.call_kinds import READS, WRITES
from harness.record.events import ServiceCall, ServiceCalls
from harness.record.recording import Recording

from . import crashes

_NAMES: Final = {"accept4": "accept", "recvfrom": "recv", "sendto": "send"}
_MARKS: Final = frozenset({"accept", "accept4", "rt_sigreturn"})
_INTERRUPTED: Final = "ERESTARTSYS"  # as strace has it; the call returns EINTR, or is made again
_STANDARD: Final = {0: "standard input", 1: "standard output", 2: "standard error"}
_BAD_ADDRESS: Final = ("EFAULT", "EINVAL")


def why(seen: Recording) -> tuple[str, str]:
    """The call in words, for the end of a sentence, and the cause; "" for each that is not known."""
    if not (made := _made(seen)):
        return "", ""
    accepted, *calls = _from_acceptance(made)
    if accepted.error in _BAD_ADDRESS:
        return _in_words(accepted), "accept-arguments"
    if accepted.result < 0:
        return "", ""
    conn = accepted.result
    if found := _crash(seen, calls):
        return found
    for rule in (
        _kill,
        _early_end,
        _early_read,
        _closed,
        _no_buffer,
        _replaced,
        _nothing,
        _status_taken,
    ):
        if found := rule(conn, calls):
            return found
    return _elsewhere(seen, conn, calls) or _a_part(seen, conn, calls) or ("", "")


def _made(seen: Recording) -> tuple[ServiceCall, ...]:
    """The calls of the second run; none where there was none."""
    told = seen.first(ServiceCalls)
    return told.calls if told is not None else ()


def _from_acceptance(calls: Sequence[ServiceCall]) -> Sequence[ServiceCall]:
    """The calls from the first accept() on that has found a client: one that does not block may not."""
    found = (
        n for n, each in enumerate(calls) if each.call.startswith("accept") and each.error != "EAGAIN"
    )
    return calls[next(found, 0) :]


def exits_in_handler(seen: Recording) -> bool:
    """Whether a second run ended while a handler ran that had interrupted accept()."""
    calls = _made(seen)
    own = [each for each in calls if each.process == calls[0].process]
    end = next((n for n, each in enumerate(own) if each.call == "exit_group"), 0)
    last = next((each for each in reversed(own[:end]) if each.call in _MARKS), None)
    return last is not None and last.error == _INTERRUPTED


def has_read(seen: Recording, *, unless_told: bool = False) -> bool:
    """Whether a second run has read from a client's connection; `unless_told` where there was none."""
    if seen.first(ServiceCalls) is None:
        return unless_told
    return any(each.call in READS and each.kind == "connection" for each in _made(seen))


def _kill(_: int, calls: Sequence[ServiceCall]) -> tuple[str, str] | None:
    killed = next((each for each in calls if each.call == "kill" and not each.error), None)
    if killed is None or killed.descriptor > 0:
        return None
    return f"; in another run it called kill({killed.descriptor}, ...)", "kills-own-group"


def has_crashed(seen: Recording) -> bool:
    """Whether a process of a second run has died of its own mistake."""
    return _crash(seen, _made(seen)) is not None


def _crash(seen: Recording, calls: Sequence[ServiceCall]) -> tuple[str, str] | None:
    """A process that died of its own mistake, sooner than anybody could look.

    A run-time that handles SIGSEGV, as Java's does, is sent it in its ordinary course.
    """
    looks = [at.find(seen.root) for at in seen.snapshots()] if calls else []
    if any(root is not None and root.handles(signal.SIGSEGV) for root in looks):
        return None
    for each in calls:
        if crashes.is_of_a_crash(each.call):
            return f"; in another run a process of it was {each.call}", crashes.why(seen, each.call)
    return None


def _early_end(conn: int, calls: Sequence[ServiceCall]) -> tuple[str, str] | None:
    """shutdown() of the connection before anything was written to it.

    A process that has read the line, and tries to write nothing, may mean its close(): Java's calls it.
    """
    readers: set[int] = set()
    for at, each in enumerate(calls):
        if not _is_on(each, conn):
            continue
        if each.call in WRITES and each.result > 0:
            return None
        if each.call in READS and each.result > 0:
            readers.add(each.process)
        if each.call == "shutdown" and not each.error:
            later = calls[at:]
            if each.process in readers and not any(c.call in WRITES and _is_on(c, conn) for c in later):
                return None
            return (
                "; in another run shutdown() of the connection was called before the reply",
                "shuts-down-early",
            )
    return None


def _early_read(conn: int, calls: Sequence[ServiceCall]) -> tuple[str, str] | None:
    """Reading from a connection that does not block, before anything has come, and closing it then."""
    first = next((each for each in calls if each.call in READS and _is_on(each, conn)), None)
    if first is None or first.error != "EAGAIN":
        return None
    own = (each for each in calls if each.process == first.process and _is_on(each, conn))
    later = next((each for each in own if each.call == "close" or each.result > 0), None)
    return (_in_words(first), "reads-too-early") if later and later.call == "close" else None


def _closed(conn: int, calls: Sequence[ServiceCall]) -> tuple[str, str] | None:
    """Reading from the connection, or writing to it, after it was closed."""
    closed: set[int] = set()
    for each in calls:
        if each.descriptor != conn:
            continue
        if each.call == "close" and not each.error:
            closed.add(each.process)
        if each.call in READS | WRITES and each.error == "EBADF" and closed:
            by = " by the same process" if each.process in closed else ""
            return f"{_in_words(each)}, after close() of it{by}", "closes-too-early"
    return None


def _no_buffer(conn: int, calls: Sequence[ServiceCall]) -> tuple[str, str] | None:
    """Reading into, or writing from, what is no memory of the program."""
    own = (each for each in calls if each.call in READS | WRITES and _is_on(each, conn))
    failed = next((each for each in own if each.error == "EFAULT"), None)
    return None if failed is None else (_in_words(failed), "no-buffer")


def _replaced(conn: int, calls: Sequence[ServiceCall]) -> tuple[str, str] | None:
    """dup2() with its arguments the other way round."""
    for each in calls:
        if each.call.startswith("dup") and each.to == conn and each.descriptor in _STANDARD:
            return f"; in another run it called dup2({each.descriptor}, {conn})", "dup2-reversed"
    return None


def _nothing(conn: int, calls: Sequence[ServiceCall]) -> tuple[str, str] | None:
    """A reply of no bytes."""
    written = [each for each in calls if each.call in WRITES and _is_on(each, conn)]
    if not written or any(each.result > 0 or each.error for each in written):
        return None
    return "; in another run write() to the connection was told to write 0 bytes", "writes-nothing"


def _status_taken(conn: int, calls: Sequence[ServiceCall]) -> tuple[str, str] | None:
    """Waiting in vain for one child, by a process that then writes nothing to the connection."""
    for at, each in enumerate(calls):
        if each.call != "wait4" or each.descriptor <= 0 or each.error != "ECHILD":
            continue
        later = [other for other in calls[at:] if other.process == each.process]
        if not any(other.call in WRITES and _is_on(other, conn) for other in later):
            return "; in another run waiting for a child of it failed with ECHILD", "status-taken"
    return None


def _is_read_by_a_helper(written: ServiceCall, later: Sequence[ServiceCall]) -> bool:
    """Whether another process reads at its standard input then: the line was meant for it (popen(3))."""
    return any(
        each.process != written.process
        and each.call in READS
        and each.descriptor == 0
        and each.kind != "connection"
        and each.result > 0
        for each in later[later.index(written) :]
    )


def _elsewhere(seen: Recording, conn: int, calls: Sequence[ServiceCall]) -> tuple[str, str] | None:
    """A reply, after the line was read, to another descriptor; to a terminal only if it is the reply."""
    own = [each for each in calls if each.call in READS and _is_on(each, conn) and each.result > 0]
    if not own or any(each.call in WRITES and _is_on(each, conn) for each in calls):
        return None
    later = calls[calls.index(own[0]) :]
    written = (each for each in later if each.call in WRITES and each.process == own[0].process)
    to = next((each for each in written if each.descriptor != conn), None)
    is_a_log = to is not None and to.descriptor in _STANDARD and not _prints_a_reply(seen)
    if to is None or is_a_log or _is_read_by_a_helper(to, later):
        return None
    name = "the listening socket" if to.kind == "listener" else _STANDARD.get(to.descriptor, "")
    what = f" ({name})" if name else ""
    failed = f", which failed with {to.error}" if to.error else ""
    told = f"; in another run it wrote to descriptor {to.descriptor}{what}{failed}"
    return f"{told}; the connection was {conn}", "writes-elsewhere"


def _a_part(seen: Recording, conn: int, calls: Sequence[ServiceCall]) -> tuple[str, str] | None:
    """Less of the line than has come was read, and nothing written."""
    own = [each for each in calls if _is_on(each, conn)]
    brought = sum(max(0, each.result) for each in own if each.call in READS)
    line = next((len(client.sent) for client in seen.clients("client ")), 0)
    if not 0 < brought < line or any(each.call in WRITES for each in own):
        return None
    return f"; in another run {brought} of its {line} bytes were read, and then close() was called", ""


def _prints_a_reply(seen: Recording) -> bool:
    """Whether it has printed a client's line in capitals; as it came the line may stand in a log."""
    sent = (client.sent.strip().upper().decode(errors="replace") for client in seen.clients("client "))
    return any(line and line in seen.printed for line in sent)


def _is_on(call: ServiceCall, conn: int) -> bool:
    """Whether the call was for the client's connection, or for a copy of it."""
    return call.kind == "connection" or (call.descriptor == conn and call.kind in {"", "connection"})


def _in_words(call: ServiceCall) -> str:
    name = _NAMES.get(call.call, call.call)
    return f"; in another run {name}() of descriptor {call.descriptor} failed with {call.error}"
