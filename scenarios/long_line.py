"""Slide 10, `read( conn, buf, sizeof( buf ) )`: a line may be longer than the buffer."""

from __future__ import annotations

from typing import Final

from harness.judge import crashes, endings, uncaught, wording
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, failed, not_applicable, passed
from harness.record.client import Client
from harness.record.events import Died, End
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import ending, spell
from harness.stage import Peer, Stage, scenario

_TEXT: Final = frozenset(b"\t\r\n" + bytes(range(0x20, 0x7F)))
_SHOWN: Final = 16
SIZES: Final = {"8,000 bytes": 8_000, "64 KiB": 65_536, "128 KiB": 131_072}
_STILL_COMES: Final = "line of 128 KiB"  # while the server closes; who cuts lines cannot know that


@scenario(clients=1)
async def long_line(stage: Stage) -> None:
    """Three clients send a line each, of 8,000 bytes, 64 and 128 KiB; then one more asks."""
    for name, size in SIZES.items():
        client = await stage.peer(f"line of {name}")
        parent = parent_of_whoever_serves(stage, client)
        if parent is not None:
            await stage.server.freeze(
                parent
            )  # so that the child is not reaped before we have seen how it ends
        await client.ask(b"a long line ".ljust(size, b"x") + b"\n")
        await client.leave()
        if parent is not None:
            await stage.server.thaw(parent)
    after = await stage.peer("after")
    await after.ask(b"still there?\n")
    await after.leave()


def parent_of_whoever_serves(stage: Stage, client: Peer) -> int | None:
    """The parent of the process that holds this client's connection, if it is of the family."""
    look = stage.look()
    parents = [process.ppid for process in look.snapshot.holders(client.port)]
    return next((pid for pid in parents if look.find(pid) is not None), None)


@requirement(
    "stream/long-line",
    scenario=long_line,
    slide="10; beyond: read(2)",
    tier="robust",
    says="A line longer than the buffer crashes nobody, leaves nobody waiting, brings back nothing but "
    "the line, and the next client is served.",
    why="What is written behind the end of an array overwrites something else, what is read there is "
    "somebody else's, and C does not say so.",
    by_hand="`strace -f -e trace=none -p PID` in one window shows who is killed: nobody may be; in "
    "another: `(head -c 65536 /dev/zero | tr '\\0' x; echo) | nc 127.0.0.1 54321 | tr -d 'xX\\n' | "
    "xxd`: nothing may come back but the line",
    needs=(LISTENS, ANSWERS, "service/again"),
)
def a_long_line_does_no_harm(seen: Recording) -> Verdict:
    long = _long_lines(seen)
    if (harm := _crash(seen, long) or _silence(seen) or _beyond(seen, long)) is not None:
        return harm
    if (forgotten := _forgotten(seen, long)) is not None:
        return forgotten
    for client in long:
        lives = endings.lives_on(seen, client)
        if _broke_off(client) and endings.of_serving(seen, client) is None and not lives:
            raise Missing(f"a {client.name} was not answered, and how its reader ended was not seen")
    names = " and one of ".join(client.name.removeprefix("line of ") for client in long)
    return passed(f"a line of {names}: nobody died of a signal, and the next client was answered")


def _long_lines(seen: Recording) -> list[Client]:
    clients = seen.clients("line of ")
    if not clients:
        raise Missing("nobody sent a long line")
    return clients


def _crash(seen: Recording, long: list[Client]) -> Verdict | None:
    crash = next(((p, s) for p, s in endings.statuses(seen).items() if endings.is_crash(s)), None)
    if crash is None:
        return None
    pid, status = crash
    client = next((each for each in long if pid in endings.serving(seen, each)), long[-1])
    though = ", though the reply had come" if client.came else ""
    who = "the server" if pid == seen.root else "the process that served it"
    observed = f"a {client.name} came, and {who} {ending(status)}{though}"
    why = crashes.why(seen, observed)
    return failed(
        observed,
        expected="nobody dies of it, and the next client is served",
        cause=why if why in crashes.OF_ANY_LINE else "overflows-on-long-line",
        status=status,
    )


def _silence(seen: Recording) -> Verdict | None:
    after = seen.client("after")
    if after.answer:
        return None
    after.require_attempt()
    at = seen.last() if after.asked is None else seen.after(after.asked)
    died = seen.first(Died)
    if seen.is_alive(at):
        at.proven()
        found = f"{wording.no_answer(after)}: {wording.where_all_stood(seen, at)}"
    else:
        how = ending(died.status) if died else "was gone"
        found = f"came when the server {how}{wording.said(seen)}"
    return failed(
        f"after long lines the next client {found}",
        expected="nobody dies of a long line, and the next client is served",
        cause="" if seen.is_alive(at) else uncaught.of_server(seen),
    )


def _forgotten(seen: Recording, long: list[Client]) -> Verdict | None:
    """The failure of a server that neither answers a long line nor ends its connection."""
    for client in long:
        if client.asked is None or client.came or client.end is not None:
            continue
        at = seen.unanswered(client)
        if at.holds(client.port):
            return failed(
                f"a {client.name} was not answered, and its connection stays open: "
                f"{wording.where_all_stood(seen, at)}{wording.printed_too(seen)}",
                expected="an answer, or the end of the connection",
                # A short line was read from the connection: its number is another one now.
                cause="overflows-on-long-line"
                if any(each.reads_keyboard for each in at.holders(client.port))
                else "long-line-forgotten",
            )
    return None


def _beyond(seen: Recording, long: list[Client]) -> Verdict | None:
    """The failure of a reply that goes on with bytes that are no text, where a short one is right.

    What stands there as text may be the server's own words on a line that is too long.
    """
    terms, after = seen.contract, seen.client("after")
    is_plain = terms.dialogue is None and "{any}" not in terms.transform
    if not is_plain or not terms.is_reply(after.sent, after.came):
        return None
    for client in long:
        shared = max(_shared(client.came, each) for each in terms.replies(client.sent))
        beyond = client.came[shared:]
        if any(byte not in _TEXT for byte in beyond):
            return failed(
                f"of a {client.name} {shared:,} bytes came back, and behind them {len(beyond):,} "
                f"others: {spell(beyond[:_SHOWN])}...",
                expected="the line, or its beginning, and no bytes that nobody has sent",
                cause="sends-beyond",
                beyond=len(beyond),
            )
    return None


def _shared(came: bytes, right: bytes) -> int:
    """How many bytes are the same from the beginning on."""
    pairs = enumerate(zip(came, right, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(came), len(right)))


def _broke_off(client: Client) -> bool:
    """Whether the connection was reset (RST) in answer to a line, and no reply came."""
    return client.end is End.RST and not client.came


@requirement(
    "service/clean-close",
    scenario=long_line,
    slide="10; beyond: RFC 1122, 4.2.2.13",
    tier="robust",
    says="After the reply to a long line the connection ends by FIN, and not by a reset (RST).",
    why="close() on a connection with unread input sends a reset (RST) instead of the end (FIN), and "
    "a reset can overtake the reply and throw it away.",
    by_hand="in bash: `(exec 3<>/dev/tcp/127.0.0.1/54321; { head -c 8000 /dev/zero | tr '\\0' x; "
    "echo; } >&3; cat <&3 | wc -c)`: there must be no error (Connection reset by peer)",
    needs=(LISTENS, ANSWERS, "service/closes"),
)
def closing_does_not_destroy_the_reply(seen: Recording) -> Verdict:
    long = [each for each in _long_lines(seen) if each.name != _STILL_COMES]
    if _crash(seen, long) is not None:
        return blocked("stream/long-line")
    for client in long:
        if client.end is End.RST and client.came:
            is_one_buffer = len(client.came) < len(client.sent)
            return failed(
                f"a {client.name} was answered with {len(client.came)} bytes, and then the "
                "connection was reset (RST)",
                expected="after the reply, whole or not, the end of the stream (FIN), and no reset",
                cause="closes-with-unread" if is_one_buffer else "",
                answered=len(client.came),
            )
    if seen.contract.closes and not any(client.came and client.end for client in long):
        return not_applicable("no connection was closed after the reply to a long line")
    names = " and to one of ".join(client.name.removeprefix("line of ") for client in long)
    return passed(f"after the reply to a line of {names} the connection was not reset")
