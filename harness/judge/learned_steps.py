"""Learns what to expect at each step of a conversation, given the clients' own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from msgspec.structs import replace as changed

from harness.record.contract import Contract
from harness.record.dialogue import Dialogue, Step, word_for
from harness.record.line_form import Form
from harness.record.spelling import spell

from .guests import Guest
from .learned_contract import ANY_REPLY, Learned, greeted, learn_end
from .likeness import MARK, WORD, common, marked_word

TELLER: Final = "teller "
FRAMED: Final = "framed "
TELLERS: Final = 3
LINES: Final = (b"Lemur 3xQ counts", b"nine Wolves 7K", b"2 Quick foxes Jump By")
FRAMES: Final = {  # where no line was answered
    "u32": "{length:u32}{line}",
    "u16": "{length:u16}{line}",
    "u32le": "{length:u32le}{line}",
}
_SIZES: Final[dict[str, tuple[int, Literal["big", "little"]]]] = {
    "u32": (4, "big"),
    "u16": (2, "big"),
    "u32le": (4, "little"),
    "u16le": (2, "little"),
}


def lines_of(teller: int) -> tuple[bytes, bytes]:
    """The two lines that this one of the tellers says, one after the other, in all steps."""
    return LINES[teller % len(LINES)], LINES[(teller + 1) % len(LINES)]


def framed(form: str) -> Dialogue:
    """A conversation in which a line stands behind its length."""
    return Dialogue((Step(FRAMES[form]),))


def hear_steps(found: Learned, script: Dialogue, tellers: Sequence[Guest]) -> None:
    """Learn what is expected at each step, from clients who said the words of this script."""
    first, size = len(script.opening), len(script.opening) + len(script.steps)
    if early := next((each for each in tellers if len(each.exchanges) < size), None):
        said = f"after {spell(early.exchanges[-1].line)}" if early.exchanges else "at once"
        found.speaks = False
        found.untold.append(f"what comes next: {said} the connection was closed")
        return
    steps = [
        changed(step, expect=_expected(found, _said_at(tellers, nth, script)))
        for nth, step in enumerate((*script.opening, *script.steps))
    ]
    opening, asked = tuple(steps[:first]), tuple(steps[first:])
    if not asked[-1].expect:
        found.speaks = False
        found.untold.append(
            f"the reply: nothing came after {spell(tellers[0].exchanges[size - 1].line)}"
        )
        return
    script = Dialogue(asked, (*greeted(found.contract), *opening))
    closes = learn_end(
        found,
        has_closed=all(each.exchanges[size - 1].ended for each in tellers),
        goes_on=any(each.exchanges[-1].reply for each in tellers if len(each.exchanges) > size),
    )
    found.contract = Contract(closes=closes, dialogue=script)
    shown = [f"{spell(e.line)} was answered {spell(e.reply)}" for e in tellers[0].exchanges[:size]]
    if script.opening:
        greets = [found.told.pop("greeting").rstrip(".")] if "greeting" in found.told else []
        found.told["opening"] = "; ".join([*greets, *shown[:first]]) + "."
    found.told["steps"] = "; ".join(shown[first:]) + "."


@dataclass(frozen=True, slots=True)
class _Said:
    """A reply, with the line and the word that its client had then."""

    reply: bytes
    line: bytes
    word: bytes


def _said_at(tellers: Sequence[Guest], nth: int, script: Dialogue) -> list[_Said]:
    """The replies that all tellers got at one step, in both rounds."""
    first, many = len(script.opening), len(script.steps)
    found = []
    for each in tellers:
        if nth < first:
            found.append(_Said(each.exchanges[nth].reply, b"", word_for(each.name.encode())))
            continue
        lines = lines_of(int(each.name.rpartition(" ")[2]))
        for said, line in zip(each.exchanges[nth::many], lines, strict=False):
            found.append(_Said(said.reply, line, word_for(line)))
    return found


def _expected(found: Learned, heard: Sequence[_Said]) -> Form:
    """The form that all these replies have; "" where no client got a reply."""
    replies = [each for each in heard if each.reply]
    if not replies:
        return ""
    if form := _behind_its_length(replies):
        return form
    pattern = common([marked_word(each.reply, each.word, each.line) for each in replies])
    if pattern is not None:
        return pattern.replace(MARK, WORD)
    if len({each.reply for each in replies}) == 1:
        return {"hex": replies[0].reply.hex(" ")}
    one, other = spell(replies[0].reply), spell(replies[-1].reply)
    found.untold.append(f"a pattern that fits each reply: {one}, {other}; any reply will do")
    return ANY_REPLY


def _behind_its_length(replies: Sequence[_Said]) -> str:
    """The form of replies that begin with their own length, in bytes; "" of others."""
    for form, (size, order) in _SIZES.items():
        rests = [each.reply[size:] for each in replies]
        told = [int.from_bytes(each.reply[:size], order) for each in replies]
        more = {len(rest) - len(each.line) for rest, each in zip(rests, replies, strict=True)}
        if told != [len(rest) for rest in rests] or len(more) != 1 or min(more) < 0:
            continue
        said = zip(rests, replies, strict=True)
        pattern = common([marked_word(rest, each.word, each.line) for rest, each in said])
        if pattern is not None:
            plus = f"+{min(more)}" if min(more) else ""
            return f"{{length{plus}:{form}}}{pattern.replace(MARK, WORD)}"
    return ""
