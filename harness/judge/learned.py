"""Finds out a contract that nobody wrote, from what a server did with guests who did not know it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from harness.record.contract import ANY as ANY_PORT
from harness.record.contract import Contract
from harness.record.dialogue import Dialogue, Step
from harness.record.events import Listens, Started
from harness.record.line_form import Form
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.spelling import spell

from .guests import Exchange, Guest, guests
from .likeness import ANY, CAPITALS, LINE, common, marked
from .ports import DRAWN_BY_THE_KERNEL

SCENARIO: Final = "learning"
CRLF: Final = "\r\n"
_PLAIN: Final = {LINE: "echo", CAPITALS: "upper"}
_REQUEST: Final = "GET / HTTP/1.0\r\nX-Line: "
_RESPONSE: Final = r"(?s)HTTP/1\.[01] [1-5]\d\d .*"
_SOMETHING: Final = "(?s).+"
_OTHERWISE: Final[dict[str, Callable[[bytes], bytes]]] = {
    "backwards": lambda line: line[::-1],
    "in small letters": bytes.lower,
    "with capitals and small letters exchanged": bytes.swapcase,
}
STAYS: Final = "stays open after its reply"
AT_END: Final = "answers only once the client has closed its side of the connection"
ANSWERS: Final = "answers "


@dataclass(slots=True)
class Learned:
    """What could be learnt of a server's contract.

    `contract` is the lecture's where nothing else was seen. `told` says, for each key that was seen,
    what was seen; `untold` says what could not be told. `traits` are the certain differences from the
    lecture's contract, each a verb with its object. Where the server does not `speak`, nobody knows how
    to get a reply, and nothing can be judged by this contract.
    """

    contract: Contract = field(default_factory=Contract)
    told: dict[str, str] = field(default_factory=dict)
    untold: list[str] = field(default_factory=list)
    traits: list[str] = field(default_factory=list)
    port: int | None = None
    started_with: tuple[str, ...] = ()
    speaks: bool = True


def learn(seen: Recording) -> Learned:
    """The contract that a server was seen to keep.

    Raises:
        Missing: it did not listen, accepted nobody, or the recording ends too early.
    """
    if seen.first(Listens) is None:
        raise Missing("it does not listen")
    if not seen.is_finished:
        raise Missing("the recording breaks off")
    came = guests(seen)
    if not came:
        raise Missing("it listens, and lets nobody in")
    found = Learned()
    browsers = guests(seen, "browser ")
    web = [b for b in browsers if any(each.reply.startswith(b"HTTP/1.") for each in b.exchanges)]
    if not web:
        _hear_greeting(found, came)
    if web:
        _hear_web(found, web)
    elif any(each.answered for each in came):
        _hear_replies(found, came)
    elif any(each.farewell and each.exchanges for each in came):
        _hear_farewells(found, came)
    elif all(each.closed_first for each in came):
        _hear_the_end(found, came)
    else:
        _hear_nothing(found, came)
    _see_start(found, seen)
    return found


def _hear_greeting(found: Learned, came: Sequence[Guest]) -> None:
    heard = [each.greeting for each in came]
    if not any(heard):
        return
    found.traits.append("greets")
    pattern = _pattern([marked(each) for each in heard])
    if pattern is None or not pattern.strip() or (ANY not in pattern and len(set(heard)) > 1):
        found.untold.append(
            f"the greeting: it was {spell(heard[0])}, and another time {spell(heard[-1])}; "
            "without it in the file it will be taken for the reply"
        )
        return
    varies = f" {ANY} stands for what is not always the same." if ANY in pattern else ""
    found.told["greeting"] = f"Whoever connects hears {spell(heard[0])}.{varies}"
    found.contract = replace(found.contract, greeting=pattern)


def _hear_web(found: Learned, browsers: Sequence[Guest]) -> None:
    step = Step(f"{_REQUEST}{LINE}\r\n\r\n", {"regex": _RESPONSE})
    asked = [each.exchanges[0] for each in browsers]
    closes = all(each.ended for each in asked)
    status = asked[0].reply.partition(b"\r\n")[0]
    found.contract = Contract(closes=closes, dialogue=Dialogue((step,), partial=_REQUEST))
    found.told["steps"] = (
        f"It speaks HTTP: a GET with the line in a header was answered {spell(status)}."
    )
    found.told["closes"] = _closing(closes=closes)
    found.untold.append("what a response must hold, beyond its first line: any will do")
    found.traits += ["speaks HTTP", *([] if closes else [STAYS])]


def _hear_replies(found: Learned, came: Sequence[Guest]) -> None:
    ending = _hear_line_ending(found, came)
    mine = [each for each in came if _ending(each.exchanges[0]) == ending]
    spoken = [each for guest in mine for each in guest.answered]
    pattern = _pattern([marked(each.reply, each.content) for each in spoken])
    fixed = pattern is not None and LINE not in pattern and CAPITALS not in pattern
    said_once = fixed and len({each.content for each in spoken}) == 1
    if pattern is None or said_once or not pattern.replace(ANY, "").strip():
        found.untold.append(_unlike(spoken))
        pattern = f"{ANY}\n" if pattern is None or said_once else pattern
    elif _PLAIN.get(pattern.rstrip("\r\n")) is None:
        found.traits.append(f"{ANSWERS}{'every line with ' if fixed else ''}{pattern!r}")
    shown = f"{spell(spoken[0].line)} was answered {spell(spoken[0].reply)}"
    closes = _hear_ends(found, mine)
    _settle(found, pattern, ending, closes=closes)
    unfit = [each for each in spoken if not found.contract.is_reply(each.line, each.reply)]
    if unfit:
        found.untold.append(
            f"a pattern that fits each reply: {spell(unfit[0].reply)}; any reply will do"
        )
        _settle_in_steps(found, {"regex": _SOMETHING}, ending, closes=closes)
    found.told["steps" if found.contract.dialogue else "transform"] = f"{shown}."


def _hear_farewells(found: Learned, came: Sequence[Guest]) -> None:
    """Take an answer that came after the guest had closed its side for the answer to its last line."""
    _hear_replies(found, [_as_asked(each) for each in came if each.exchanges])
    found.traits.append(AT_END)
    if found.contract.dialogue:
        found.speaks = False
        found.untold.append(
            f"how to say it: it {AT_END}, and a reply of this form takes a [dialogue]; no assignment "
            "can say both"
        )
        return
    found.contract = replace(found.contract, at_half_close=True)
    found.told["at_half_close"] = (
        "A line was answered once the client had closed its side of the connection (shutdown(), nc -N), "
        "and not before."
    )


def _as_asked(guest: Guest) -> Guest:
    """The same guest with its farewell as the reply to its last line."""
    *before, last = guest.exchanges
    last = replace(last, reply=guest.farewell, ended=guest.closed_then)
    return replace(guest, exchanges=(*before, last))


def _unlike(spoken: Sequence[Exchange]) -> str:
    """Replies that have nothing in common, or that no pattern can describe."""
    for how, turned in _OTHERWISE.items():
        if all(turned(each.content) in each.reply for each in spoken):
            return f"the reply: it is the line {how}, and no pattern can say that; any line will do"
    first, last = spoken[0], spoken[-1]
    return (
        f"the reply: {spell(first.line)} was answered {spell(first.reply)}, {spell(last.line)} "
        f"{spell(last.reply)}; any line will do"
    )


def _hear_line_ending(found: Learned, came: Sequence[Guest]) -> str:
    """Find out with which bytes lines must end, or may end."""
    answered = {end: [e for g in came for e in g.answered if _ending(e) == end] for end in ("\n", CRLF)}
    tried = {_ending(each.exchanges[0]) for each in came}
    if len(tried) == 1:
        found.untold.append("whether other line endings will do: too few guests were let in")
        return tried.pop()
    some = "\n" if answered["\n"] else CRLF
    if not all(answered.values()) and not all(
        g.answered for g in came if _ending(g.exchanges[0]) == some
    ):
        found.untold.append("whether other line endings will do: not everybody was answered")
        return some
    if not answered["\n"]:
        found.traits.append("wants lines that end by CR LF")
        found.told["line_ending"] = (
            "A line was answered when it ended by CR LF, and not when by LF alone."
        )
        return CRLF
    if not answered[CRLF]:
        found.told["line_ending"] = "A line was answered when it ended by LF, and not when by CR LF."
        return "\n"
    if all(each.reply.endswith(b"\r\n") for each in answered["\n"]):
        found.told["line_ending"] = "It ends its own lines by CR LF, and answers such lines."
        return CRLF
    found.told["line_ending"] = "A line was answered whether it ended by LF or by CR LF."
    return "\n"


def _ending(exchange: Exchange) -> str:
    return CRLF if exchange.line.endswith(b"\r\n") else "\n"


def _hear_ends(found: Learned, mine: Sequence[Guest]) -> bool:
    """Find out whether the server closes after its reply."""
    if all(each.exchanges[0].ended for each in mine if each.answered):
        found.told["closes"] = _closing(closes=True)
        return True
    most = max(len(each.answered) for each in mine)
    if most > 1:
        found.traits.append(STAYS)
        found.told["closes"] = _closing(closes=False)
        if any(each.closed_first for each in mine):
            found.untold.append(f"when it closes: after {most} lines it did, by itself")
        return False
    found.untold.append(
        "whether it closes: after its reply it neither closed the connection nor answered a second line"
    )
    return True


def _closing(*, closes: bool) -> str:
    if closes:
        return "After its reply it closed the connection."
    return "After its reply the connection stayed open, and the next line was answered."


def _settle(found: Learned, pattern: str, ending: str, *, closes: bool) -> None:
    """The contract: a transform where one describes it, otherwise a dialogue."""
    greeting = found.contract.greeting
    plain = _PLAIN.get(pattern.rstrip("\r\n"))
    has_place = any(place in pattern for place in (LINE, CAPITALS, ANY))
    if plain and pattern.endswith(("\n", LINE, CAPITALS)) and (closes or pattern.endswith(ending)):
        found.contract = Contract(plain, greeting, ending, closes=closes)
    elif has_place and (closes or pattern.endswith(ending)):
        found.contract = Contract(pattern, greeting, ending, closes=closes)
    else:
        _settle_in_steps(found, pattern, ending, closes=closes)


def _settle_in_steps(found: Learned, expected: Form, ending: str, *, closes: bool) -> None:
    greeting = found.contract.greeting
    opening = (Step("", greeting),) if greeting else ()
    said = Dialogue((Step(f"{LINE}{ending}", expected),), opening)
    found.contract = Contract(closes=closes, dialogue=said)
    for key in ("greeting", "line_ending"):
        if key in found.told:
            found.told["opening" if key == "greeting" else "steps"] = found.told.pop(key)


def _hear_the_end(found: Learned, came: Sequence[Guest]) -> None:
    said = found.contract.greeting
    if not said:
        found.speaks = False
        found.untold.append("the reply: it closes the connection, whatever the client says")
        return
    found.traits[:] = ["answers whoever connects, before it has read anything"]
    found.untold[:] = []
    shown = f"Whoever connects is told {spell(came[0].greeting)}, and the connection is closed."
    found.told = {"unasked": "It asks nobody anything.", "transform": shown}
    found.contract = Contract(said, unasked=True)


def _hear_nothing(found: Learned, came: Sequence[Guest]) -> None:
    found.speaks = False
    found.traits.clear()
    found.untold.append(
        "the reply: nobody was let in: it never calls accept() on the socket that listens"
        if len(came) == 1  # where nobody is let in no second one comes
        else "the reply: nobody was answered, neither a line that ended by LF, nor one that ended by "
        "CR LF, "
        "nor a GET of HTTP. Perhaps it wants other words, or tells them to other clients alone: "
        "[dialogue] can say both"
    )
    found.untold.append("whether it closes: that is seen after a reply")


def _see_start(found: Learned, seen: Recording) -> None:
    started, listens = seen.first(Started), seen.first(Listens)
    if started is None or listens is None:
        return
    found.started_with = started.arguments or ()
    ports = {event.port for _, event in seen.all(Listens)}
    told = started.told
    if len(ports) > 1 and listens.port not in DRAWN_BY_THE_KERNEL:
        found.port = None if listens.port == told else listens.port
        found.untold.append(
            "whether it can be started again at once: then it listened on port "
            f"{max(ports - {listens.port})} and not on {listens.port}, as after a bind() that has failed"
        )
        if found.port:
            found.told["port"] = f"It listens on port {found.port}; it was started for port {told}."
    elif len(ports) > 1:
        found.contract = replace(found.contract, port=ANY_PORT)
        found.told["port"] = (
            f"At each start it listens on another ({', '.join(map(str, sorted(ports)))})."
        )
    elif told not in ports:
        found.port = listens.port
        found.told["port"] = f"It listens on port {found.port}; it was started for port {told}."


def _pattern(texts: Sequence[str | None]) -> str | None:
    known = [each for each in texts if each is not None]
    return common(known) if len(known) == len(texts) else None
