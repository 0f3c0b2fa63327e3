"""The tables [contract] and [dialogue] of an assignment's file."""

import re
import warnings
from typing import Final

import msgspec

from harness.record.bounded_match import TooManyWays, bounded
from harness.record.contract import (
    ANY,
    DESIGNS,
    FOR_THE_TEACHER,
    LINE_ENDINGS,
    TRANSFORMS,
    UNSEEN,
    Contract,
)
from harness.record.dialogue import Dialogue
from harness.record.line_form import filled, pattern

from .toml_errors import Slip, line_of

_IDLE_S: Final = (3, 60)  # our own clients are silent for up to 2.1 s, a proof's patience
_FEWEST: Final = 2  # clients at once: fewer than that are not concurrent
_PIECES, _TIMES = (1, 2, 3), 64  # in so short a text only ways that double with each byte take long
_LENGTHS: Final = (b"", b"x" * 2_000_000)  # no line of ours is longer
_IN_PLACES: Final = ((None, None), (b"hello", b"zz9"))  # a backslash before a place breaks the second
_PLACES: Final = re.compile(r"\{(\w*)\}")


class ContractTable(msgspec.Struct):
    """The table [contract]."""

    transform: str = "either"
    greeting: str = ""
    line_ending: str = "\n"
    closes: bool = True
    design: str = ""
    unasked: bool = False
    at_half_close: bool = False
    port: str = ""
    idle_timeout_s: tuple[float, float] | None = None
    most_at_once: int | None = None
    unseen: str = FOR_THE_TEACHER


class _Form(msgspec.Struct, omit_defaults=True):
    regex: str = ""
    hex: str = ""


class _Step(msgspec.Struct):
    send: str | _Form = ""
    expect: str | _Form = ""


class DialogueTable(msgspec.Struct, omit_defaults=True):
    """The table [dialogue]."""

    steps: list[_Step] = []
    opening: list[_Step] = []
    partial: str = ""
    between: str | _Form = ""
    ready: str = ""
    ready_in: str = ""


def contract_in(own: ContractTable, dialogue: DialogueTable, text: str) -> Contract:
    """The contract that both tables make; raises Slip for an impossible value."""
    told = {name: getattr(own, name) for name in ContractTable.__struct_fields__}
    told["idle_timeout_s"] = told["idle_timeout_s"] or ()
    told["most_at_once"] = 0 if own.most_at_once is None else own.most_at_once
    if own.most_at_once is not None and own.most_at_once < _FEWEST:
        wrong = f"[contract] most_at_once: {own.most_at_once} at once are not several; from {_FEWEST} on"
        raise Slip(wrong, line_of(text, ("contract", "most_at_once")))
    contract = Contract(
        **told, ready=dialogue.ready, ready_in=dialogue.ready_in, dialogue=_dialogue(dialogue, text)
    )
    _try("ready", contract.ready.encode(), text, is_free=True)
    if contract.ready_in and not {"", ".", ".."}.isdisjoint(contract.ready_in.split("/")):
        wrong = f"[dialogue] ready_in: {contract.ready_in!r} is no path below the folder of the program"
        raise Slip(wrong, line_of(text, ("dialogue", "ready_in")))
    if wrong := _impossible(contract) or _unfit(contract):
        raise Slip(f"[contract] {wrong}", line_of(text, ("contract", wrong.partition(":")[0])))
    return contract


def _dialogue(told: DialogueTable, text: str) -> Dialogue | None:
    """The dialogue, if there is one. Each line is compiled once, so that a mistake is found here."""
    if told == DialogueTable(ready=told.ready, ready_in=told.ready_in):
        return None
    dialogue = msgspec.convert(msgspec.to_builtins(told), Dialogue)
    forms = [("between", told.between), ("partial", told.partial)]
    forms += [
        (key, form)
        for key in ("opening", "steps")
        for each in getattr(told, key)
        for form in (each.send, each.expect)
    ]
    for key, form in forms:
        plain = form if isinstance(form, str) else msgspec.to_builtins(form)
        for line, word in _IN_PLACES:
            try:
                told_form = pattern(plain, line, word)
            except (ValueError, KeyError) as error:
                raise Slip(f"[dialogue] {key}: {error}", line_of(text, ("dialogue", key))) from error
            _try(key, told_form, text, is_free=isinstance(form, _Form) and line is None)
    together = b"".join(pattern(each.expect) for each in dialogue.steps)
    _try("steps", together, text, is_free=False, how="together: ")
    if not any("{line}" in str(each.send) or "{LINE}" in str(each.send) for each in told.steps):
        raise Slip("[dialogue] steps: no {line} in what is sent", line_of(text, ("dialogue", "steps")))
    first = told.steps[0].send
    if not (isinstance(first, str) and all(_begins(first, told.partial, line) for line in _LENGTHS)):
        raise Slip(
            "[dialogue] partial: it is not how the first step begins",
            line_of(text, ("dialogue", "partial")),
        )
    return dialogue


def _begins(step: str, partial: str, line: bytes) -> bool:
    """Whether what is said for this line begins so, whatever stands for it."""
    return step.startswith(partial) or filled(step, line, b"").startswith(partial.encode())


def _try(key: str, expression: bytes, text: str, *, is_free: bool, how: str = "") -> None:
    """Compile a pattern; raises Slip where it is none, or a teacher's own may match for ever."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # what Python will read in another way one day
            compiled = re.compile(expression)
        for start in range(len(expression) if is_free else 0):
            for size in _PIECES:
                bounded(compiled.fullmatch, expression[start : start + size] * _TIMES + b"\0")
    except (re.error, FutureWarning, OverflowError, RecursionError, TooManyWays) as error:
        raise Slip(f"[dialogue] {key}: {how}{error}", line_of(text, ("dialogue", key))) from error


def _impossible(contract: Contract) -> str:
    """Why these settings cannot be meant, in words; "" when they can."""
    for key in ("transform", "greeting"):
        strange = set(_PLACES.findall(getattr(contract, key))) - {"line", "LINE", "any"}
        if strange:
            return (
                f"{key}: {{{min(strange)}}} stands for nothing; there are {{line}}, {{LINE}} and {{any}}"
            )
    own = contract.transform not in TRANSFORMS
    if own and not contract.unasked and not _PLACES.search(contract.transform):
        known = ", ".join(map(repr, TRANSFORMS))
        return (
            f"transform: {contract.transform!r} is none of {known}, and no pattern with {{line}} in it"
        )
    if contract.line_ending not in LINE_ENDINGS:
        known = " nor ".join(map(repr, LINE_ENDINGS))
        return f"line_ending: {contract.line_ending!r} is neither {known}"
    if contract.design and contract.design not in DESIGNS:
        return f"design: {contract.design!r} is none of {', '.join(map(repr, DESIGNS))}"
    if contract.unseen not in UNSEEN:
        return f"unseen: {contract.unseen!r} is neither {' nor '.join(map(repr, UNSEEN))}"
    return ""


def _unfit(contract: Contract) -> str:
    """Why the settings of a dialogue or an idle limit cannot be meant, in words; "" when they can."""
    if contract.unasked and contract.shows_line_in_transform:
        return 'unasked: a reply that nobody has asked for cannot show the line; "{any}\\n" does not'
    if contract.at_half_close and not contract.closes:
        return "at_half_close: who has said that no more will come has no next line; leave closes = true"
    if contract.port not in {"", ANY}:
        return f"port: {contract.port!r} is not {ANY!r}; one of your own stands in [submission]"
    if contract.idle_timeout_s:
        least, most = contract.idle_timeout_s
        if not _IDLE_S[0] <= least <= most <= _IDLE_S[1]:
            between = f"from {_IDLE_S[0]} to {_IDLE_S[1]} s"
            return f"idle_timeout_s: [{least:g}, {most:g}] is not [least, most], {between}"
    return ""
