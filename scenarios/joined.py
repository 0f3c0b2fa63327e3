"""TCP is a stream: separate lines may arrive together, and the last of them may not be whole yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.judge.reply import answers_anybody
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.record.client import Client
from harness.record.contract import Contract
from harness.record.events import Received, Sent
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import spell
from harness.stage import Stage, scenario

ONE_LINE: Final = "by its contract a connection has one line"
PIECES: Final = {
    "two lines": (b"first of two\nsecond of two\n",),
    "three lines": (b"first of three\nsecond of three\nthird of three\n",),
    "one and a half": (b"first before a half\nthe second ", b"comes by halves\n"),
}
ONE_MORE: Final = b"one more\n"


@scenario(clients=1)
async def joined(stage: Stage) -> None:
    """Clients send two lines, three, one and a half in one piece; then each client sends one more."""
    if stage.contract.closes or stage.contract.dialogue is not None:
        stage.branch(ONE_LINE)
        return
    for name, pieces in PIECES.items():
        client = await stage.peer(name)
        due = size_of(stage.contract, [stage.contract.line(b"".join(pieces))])
        for piece in pieces[:-1]:
            client.send(piece)
            await stage.settle()
        client.send(pieces[-1])
        await stage.quiet(unless=lambda client=client, due=due: len(client.reply) >= due)  # type: ignore[misc]
        client.send(ONE_MORE)  # the release: a line may lie in the server's own buffer
        await stage.settle()
        await client.leave()


def size_of(terms: Contract, pieces: Sequence[bytes]) -> int:
    """How many bytes the replies to all these lines have."""
    return sum(len(terms.replies(line)[0]) for line in lines_of(terms, b"".join(pieces)))


def lines_of(terms: Contract, text: bytes) -> list[bytes]:
    """The lines of a text, each with its ending."""
    ending = terms.line_ending.encode()
    return [line + ending for line in text.split(ending)[:-1]]


def _why_not_joined(terms: Contract) -> str:
    if terms.closes:
        return ONE_LINE
    if terms.dialogue is not None:
        return "in a dialogue each line waits for its turn"
    if terms.unasked:
        return answers_anybody(terms)
    return "the contract leaves open where a reply ends" if "{any}" in terms.transform else ""


@requirement(
    "stream/joined",
    scenario=joined,
    slide="beyond; tcp(7), RFC 9293 3.8",
    tier="robust",
    says="Lines that arrive together are all answered.",
    why="TCP carries bytes, not messages: what a client has sent by two calls, one read() may return, "
    "and the second line is then in your hands already.",
    by_hand="`(printf 'first\\nsecond\\n'; sleep 5) | nc 127.0.0.1 54321`: both replies must come at "
    "once",
    needs=(LISTENS, ANSWERS, "service/again"),
    unless=_why_not_joined,
)
def lines_that_arrive_together_are_all_answered(seen: Recording) -> Verdict:
    terms = seen.contract
    for name in PIECES:
        client = seen.client(name)
        sent = [index for index, _ in seen.all(Sent, name)]
        if len(sent) <= len(PIECES[name]):
            raise Missing(f"{name!r} did not send all it had to")
        at, more = seen.after(sent[len(PIECES[name]) - 1]), sent[-1]
        lines = lines_of(terms, b"".join(seen.bytes_at(index) for index in sent[:-1]))
        came = _came(seen, name, before=more)
        answered = _answered(terms, lines, came)
        if answered == len(lines):
            continue
        at.proven()
        late = _answered(terms, lines, client.came) > answered
        return failed(
            f"{name!r} sent {len(lines)} lines, {spell(b''.join(lines))}; "
            f"{answered or 'none'} of them {'were' if answered > 1 else 'was'} answered: "
            f"{spell(came) if came else 'nothing'} came, and the server is waiting",
            expected=f"{len(lines)} replies",
            cause=_cause(client, came, late=late),
            answered=answered,
        )
    return passed(f"{len(PIECES)} clients sent their lines joined or cut; each line was answered")


def _came(seen: Recording, name: str, *, before: int) -> bytes:
    data = b"".join(event.data for at, event in seen.all(Received, name) if at < before)
    return seen.contract.reply_in(data, b"")


def _answered(terms: Contract, lines: Sequence[bytes], came: bytes) -> int:
    """How many of the lines were answered, in their order."""
    for number, line in enumerate(lines):
        replies = terms.replies(line)
        found = next((each for each in replies if came.startswith(each)), None)
        if found is None:  # a last line ending may be missing
            return number + any(came == each.rstrip(b"\r\n") for each in replies)
        came = came[len(found) :]
    return len(lines)


def _cause(client: Client, came: bytes, *, late: bool) -> str:
    if not came:
        return ""
    return "joined-line-waits" if late else "joined-line-lost" if client.end is None else ""
