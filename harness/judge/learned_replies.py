"""Learns a contract from the replies that guests got: pattern, line ending, end."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from harness.record.contract import Contract
from harness.record.dialogue import Dialogue, Step
from harness.record.spelling import spell

from .guests import Exchange, Guest
from .learned_contract import ANSWERS, ANY_REPLY, AT_END, Learned, greeted, learn_end
from .likeness import ANY, CAPITALS, LINE, MARK, WORD, common, marked, marked_word

_CRLF: Final = "\r\n"
_PLAIN: Final = {LINE: "echo", CAPITALS: "upper"}
_NO_COMMAND: Final = f"x{WORD}"  # its first letter is what a client has said in mid-line
_ENOUGH: Final = 3  # lines of one client
_OF_A_LINE: Final = 4  # letters
_BETWEEN_WORDS: Final = " \t\r\n.,:;!?-"
_REFUSES: Final = re.compile(
    rb"(?i)\b(err|error|unknown|invalid|bad|illegal|usage|syntax|unrecognized|denied|refused|log ?in"
    rb"|not (allowed|found|understood|recognized)|do(es)? not|don't)\b|^[45]\d\d[ -]"
)
_OTHERWISE: Final[dict[str, Callable[[bytes], bytes]]] = {
    "backwards": lambda line: line[::-1],
    "in small letters": bytes.lower,
    "with capitals and small letters exchanged": bytes.swapcase,
}


def hear_replies(found: Learned, came: Sequence[Guest]) -> None:
    """Learn from replies, some of which were heard, what a right one is."""
    ending = _hear_line_ending(found, came)
    mine = [each for each in came if _ending(each.exchanges[0]) == ending]
    if _hear_login(found, mine, ending):
        return
    spoken = [each for guest in mine for each in guest.answered]
    if _hear_first_words(found, mine, spoken, ending):
        _hint(found, spoken)
        return
    _hint(found, [] if _shows(_pattern(spoken)) else spoken)
    pattern = _pattern(spoken)
    fixed = pattern is not None and LINE not in pattern and CAPITALS not in pattern
    said_once = fixed and len({each.content for each in spoken}) == 1
    if pattern is None or said_once or not pattern.replace(ANY, "").strip():
        found.untold.append(_unlike(spoken))
        pattern = f"{ANY}\n" if pattern is None or said_once else pattern
    elif _PLAIN.get(pattern.rstrip("\r\n")) is None:
        found.traits.append(f"{ANSWERS}{'every line with ' if fixed else ''}{pattern!r}")
    shown = f"{spell(spoken[0].line)} was answered {spell(spoken[0].reply)}"
    closes = hear_ends(found, mine)
    _settle(found, pattern, ending, closes=closes)
    unfit = [each for each in spoken if not found.contract.is_reply(each.line, each.reply)]
    if unfit:
        found.untold.append(
            f"a pattern that fits each reply: {spell(unfit[0].reply)}; any reply will do"
        )
        _settle_in_steps(found, Step(f"{LINE}{ending}", ANY_REPLY), closes=closes)
    found.told["steps" if found.contract.dialogue else "transform"] = f"{shown}."


def _hint(found: Learned, spoken: Sequence[Exchange]) -> None:
    """Say how to go on, where every line was refused: its own words may be worth more."""
    if spoken and all(_REFUSES.search(each.reply) for each in spoken):
        found.untold.append(
            "what it answers to words that it knows: these lines were refused. Name some: "
            "--say 'SET {word} {line}' --say 'GET {word}', and --first for what comes before, as a login"
        )


def _hear_login(found: Learned, mine: Sequence[Guest], ending: str) -> bool:
    """Find out whether only the first line of a client is answered otherwise, as a name is.

    Three lines tell: were the third answered as no other, the lines would be questions of a row.
    """
    firsts = [each.exchanges[0] for each in mine]
    later = [each for guest in mine for each in guest.exchanges[1:]]
    is_told = all(each.reply for each in (*firsts, *later))
    if not is_told or max(len(each.exchanges) for each in mine) < _ENOUGH:
        return False
    login, pattern = _pattern(firsts), _pattern(later)
    together = _pattern([*firsts, *later])
    if not (_says_much(login) and _says_much(pattern)) or login is None or pattern is None:
        return False
    if min(_weight(login), _weight(pattern)) <= _weight(together):
        return False
    name = login.replace(LINE, WORD).replace(CAPITALS, ANY)
    opening = (*greeted(found.contract), Step(f"{WORD}{ending}", name))
    said = Dialogue((Step(f"{LINE}{ending}", pattern),), opening)
    closes = hear_ends(found, mine)
    found.contract = Contract(closes=closes, dialogue=said)
    found.traits.insert(0, f"{ANSWERS}a client's first line {login!r}, and each further one {pattern!r}")
    greets = found.told.pop("greeting", "")
    found.told.pop("line_ending", None)
    first, then = firsts[0], later[0]
    found.told["opening"] = (
        f"{greets} A client's first line, {spell(first.line)}, was answered {spell(first.reply)}, and "
        "no other line was answered so."
    ).lstrip()
    found.told["steps"] = f"{spell(then.line)} was then answered {spell(then.reply)}."
    return True


def _hear_first_words(
    found: Learned, mine: Sequence[Guest], spoken: Sequence[Exchange], ending: str
) -> bool:
    """Find out whether replies have the line's first word in them, as "unknown command" has it.

    A client's own word then shows whose answer it is.
    """
    pattern = common([marked_word(each.reply, each.content.split()[0]) for each in spoken])
    if pattern is None or MARK not in pattern or _shows(_pattern(spoken)):
        return False
    named = pattern.replace(MARK, _NO_COMMAND)
    if not _says_much(pattern.replace(MARK, "")) or len({each.content for each in spoken}) == 1:
        return False
    found.traits.append(f"{ANSWERS}{named!r}")
    closes = hear_ends(found, mine)
    _settle_in_steps(found, Step(f"{_NO_COMMAND} {LINE}{ending}", named), closes=closes)
    shown = f"{spell(spoken[0].line)} was answered {spell(spoken[0].reply)}"
    found.told["steps"] = f"{shown}: the line's first word stands in the reply."
    return True


def _pattern(spoken: Sequence[Exchange]) -> str | None:
    return common([marked(each.reply, each.content) for each in spoken])


def _says_much(pattern: str | None) -> bool:
    """Whether a pattern is more than "anything"."""
    return pattern is not None and bool(pattern.replace(ANY, "").strip(_BETWEEN_WORDS))


def _weight(pattern: str | None) -> int:
    """How much a pattern says: its letters and marks, and the line, which is worth several of them."""
    if pattern is None or not _says_much(pattern):
        return 0
    literal = re.sub(r"\{\w+\}|\s", "", pattern)
    return len(literal) + _OF_A_LINE * (pattern.count(LINE) + pattern.count(CAPITALS))


def _shows(pattern: str | None) -> bool:
    return pattern is not None and (LINE in pattern or CAPITALS in pattern)


def hear_farewells(found: Learned, came: Sequence[Guest]) -> None:
    """Take an answer that came after the guest had closed its side for the answer to its last line."""
    hear_replies(found, [_as_asked(each) for each in came if each.exchanges])
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
    """The guest, with its farewell taken as the reply to its last line."""
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
    answered = {end: [e for g in came for e in g.answered if _ending(e) == end] for end in ("\n", _CRLF)}
    tried = {_ending(each.exchanges[0]) for each in came}
    if len(tried) == 1:
        found.untold.append("whether other line endings will do: too few guests were let in")
        return tried.pop()
    some = "\n" if answered["\n"] else _CRLF
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
        return _CRLF
    if not answered[_CRLF]:
        found.told["line_ending"] = "A line was answered when it ended by LF, and not when by CR LF."
        return "\n"
    if all(each.reply.endswith(b"\r\n") for each in answered["\n"]):
        found.told["line_ending"] = "It ends its own lines by CR LF, and answers such lines."
        return _CRLF
    found.told["line_ending"] = "A line was answered whether it ended by LF or by CR LF."
    return "\n"


def _ending(exchange: Exchange) -> str:
    return _CRLF if exchange.line.endswith(b"\r\n") else "\n"


def hear_ends(found: Learned, mine: Sequence[Guest]) -> bool:
    """Find out whether the server closes after its reply."""
    has_closed = all(each.exchanges[0].ended for each in mine if each.answered)
    most = max(len(each.answered) for each in mine)
    closes = learn_end(found, has_closed=has_closed, goes_on=most > 1)
    if not closes and any(each.closed_first for each in mine):
        found.untold.append(f"when it closes: after {most} lines it did, by itself")
    return closes


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
        _settle_in_steps(found, Step(f"{LINE}{ending}", pattern), closes=closes)


def _settle_in_steps(found: Learned, step: Step, *, closes: bool) -> None:
    said = Dialogue((step,), greeted(found.contract))
    found.contract = Contract(closes=closes, dialogue=said)
    for key in ("greeting", "line_ending"):
        if key in found.told:
            found.told["opening" if key == "greeting" else "steps"] = found.told.pop(key)
