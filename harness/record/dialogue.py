"""More than echo: what is said and expected, step by step, with a line of ours somewhere in it.

A form is text with places, {"regex": ...} or {"hex": ...}. Places: {line}, the line without its ending;
{LINE}, the same capitalised; {length}, its bytes, counted; {word}, a word that no other client has;
{any}, anything up to the end of a line (in what is expected only).
"""

import hashlib
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from msgspec import Struct

PLACES: Final = re.compile(r"(\{(?:line|LINE|length|word|any)\})")
Form = str | dict[str, str]
_ANY_LINE: Final = rb"(?s:.*?)"
_FLAGS: Final = re.compile(r"\(\?([aimsx]+)\)")  # of one form, not of all of them
_ANY_MARK: Final = b"\0{any}\0"  # stands where {any} does, while a form is taken apart
_UP_TO_END: Final = re.compile(rb"[^\r\n]*")
_KEPT: Final = 32  # patterns; a line may have megabytes


class Step(Struct, frozen=True):
    """One exchange: what the client says, and what it then expects."""

    send: Form = ""
    expect: Form = ""


class Dialogue(Struct, frozen=True, omit_defaults=True):
    """What an assignment's [dialogue] says.

    Whoever connects goes through `opening`, then says `partial` if there is one, and is silent; a line
    goes through `steps`. `between` may come from other clients at any time, and answers nobody.
    """

    steps: tuple[Step, ...] = ()
    opening: tuple[Step, ...] = ()
    partial: Form = ""
    between: Form = ""

    @property
    def beginning(self) -> bytes:
        """What is said of the first step before anybody has a line."""
        return filled(self.partial, b"", b"")

    @property
    def shows_line(self) -> bool:
        """Whether a reply has the line in it."""
        return any("{line}" in str(step.expect) for step in self.steps)

    def said(self, line: bytes, word: bytes) -> list[bytes]:
        """What a client says for a line, step by step."""
        return [filled(step.send, line, word) for step in self.steps]

    def replies(self, line: bytes) -> list[bytes]:
        """The right reply, for people to read."""
        return [b"".join(filled(step.expect, line, word_for(line)) for step in self.steps)]

    def is_reply(self, line: bytes, answer: bytes) -> bool:
        """Whether this is a right reply, all steps' together."""
        if all(isinstance(step.expect, str) and "{any}" not in step.expect for step in self.steps):
            return answer == self.replies(line)[0]
        return self._expected(line).fullmatch(answer) is not None

    @property
    def is_literal(self) -> bool:
        """Whether no step's reply is a regular expression."""
        return all(isinstance(step.expect, str) or "hex" in step.expect for step in self.steps)

    def may_begin(self, line: bytes, came: bytes) -> bool:
        """Whether a right reply may begin so; True where a regular expression hides it."""
        if not self.is_literal:
            return True
        word = word_for(line)
        whole = b"".join(filled(step.expect, line, word, any=_ANY_MARK) for step in self.steps)
        return _may_begin(whole.split(_ANY_MARK), came)

    def is_whole(self, answer: bytes) -> bool:
        """Whether it is a reply to some line, right or not."""
        return self._expected(None).fullmatch(answer) is not None

    def line_in(self, answer: bytes) -> bytes | None:
        """The line as the reply has it; None where a reply does not show it, or shows something else."""
        found = self._expected(None).fullmatch(answer)
        return found.groupdict().get("line") if found else None

    def reply_in(self, heard: bytes, line: bytes | None) -> bytes:
        """What came after the opening, without what came from others."""
        for step in self.opening:
            found = _compiled(_key(step.expect), None, None).match(heard)
            if found is None:
                return b""  # nobody has been asked yet
            heard = heard[found.end() :]
        if not self.between:
            return heard
        own = None if line is None else self._expected(line)
        others = _compiled(_key(self.between), None, None)
        rest = b""
        while heard:
            if own is not None and (found := own.match(heard)):
                rest, heard = rest + found[0], heard[found.end() :]
            elif (found := others.match(heard)) and found.end():
                heard = heard[found.end() :]
            else:
                break  # half of somebody's words answers nobody yet
        return rest

    def _expected(self, line: bytes | None) -> re.Pattern[bytes]:
        word = None if line is None else word_for(line)
        return _joined(tuple(_key(step.expect) for step in self.steps), line, word)


class Conversation:
    """Where one client stands in its dialogue: what it may say now, given what it has heard."""

    def __init__(self, dialogue: Dialogue, word: bytes) -> None:
        self._dialogue = dialogue
        self._todo = [(filled(each.send, b"", word), each.expect) for each in dialogue.opening]
        self._todo.append((dialogue.beginning, ""))
        self._said = dialogue.beginning
        self._begun = b""
        self._heard = b""
        self._awaited: re.Pattern[bytes] | None = None

    def begin(self) -> bytes:
        """What it says once it is connected."""
        return self._go()

    def hear(self, data: bytes) -> bytes:
        """What it says when this much more has come."""
        self._heard += data
        return self._go()

    def ask(self, text: bytes) -> bytes:
        r"""What it says for a line; of one that does not end in "\n" yet, the beginning."""
        self._begun += text
        if not text.endswith(b"\n"):
            beginning = b"" if self._said else _beginning(self._dialogue.steps[0].send) or text
            self._said += beginning
            self._todo.append((beginning, ""))
            return self._go()
        line = self._begun.removesuffix(b"\n")
        first, *others = self._dialogue.said(line, word_for(line))
        expected = [step.expect for step in self._dialogue.steps]
        first = first.removeprefix(self._said)
        self._todo += zip([first, *others], [*expected[:-1], ""], strict=True)
        self._begun = self._said = b""
        return self._go()

    def _go(self) -> bytes:
        said = b""
        while True:
            if self._awaited is not None:
                found = self._awaited.search(self._heard)
                if found is None:
                    return said
                self._heard = self._heard[found.end() :]
            if not self._todo:
                self._awaited = None
                return said
            send, expect = self._todo.pop(0)
            said += send
            self._awaited = _compiled(_key(expect), None, None) if expect else None


def word_for(text: bytes) -> bytes:
    """A word of eight letters and digits that stands for a line or a name."""
    return hashlib.sha256(text).hexdigest()[:8].encode()


def begins(form: str, line: bytes, word: bytes, came: bytes) -> bool:
    """Whether what is said by this form may begin so."""
    return _may_begin(filled(form, line, word, any=_ANY_MARK).split(_ANY_MARK), came)


def _may_begin(parts: list[bytes], came: bytes) -> bool:
    """Whether `came` is the beginning of these parts, with anything but a line's end between them."""
    first, *others = parts
    if first.startswith(came):
        return True
    if not came.startswith(first) or not others:
        return False
    rest = came[len(first) :]
    end = _line_end(rest)
    return end == len(rest) or any(_may_begin(others, rest[at:]) for at in _places(others[0], rest, end))


def _line_end(data: bytes) -> int:
    """Where the first line of it ends: anything may stand there."""
    found = _UP_TO_END.match(data)
    return found.end() if found else 0


def _places(part: bytes, rest: bytes, end: int) -> Iterator[int]:
    """Where a part can begin, with anything before it on this line; a line may have megabytes."""
    own_end = _line_end(part)
    if not part or own_end < len(part):  # its own end of a line is that one
        if own_end <= end:
            yield end - own_end
        return
    at = rest.find(part, 0, end)
    while at >= 0:
        yield at
        at = rest.find(part, at + 1, end)


def filled(form: Form, line: bytes, word: bytes, *, any: bytes = b"...") -> bytes:  # noqa: A002
    """The bytes of a form; of a regular expression, its text with the places filled."""
    if not isinstance(form, str) and "hex" in form:
        return bytes.fromhex(form["hex"])
    text = form if isinstance(form, str) else form["regex"]
    values = {
        "{line}": line, "{LINE}": line.upper(), "{length}": b"%d" % len(line), "{word}": word,
        "{any}": any,
    }  # fmt: skip
    return b"".join(values.get(part, part.encode()) for part in PLACES.split(text))


def pattern(form: Form, line: bytes | None = None, word: bytes | None = None) -> bytes:
    """A regular expression for a form, of one line or, without one, of any.

    Raises:
        ValueError: it is no hexadecimal number; the assignment's fault.
    """
    if not isinstance(form, str) and "hex" in form:
        return re.escape(bytes.fromhex(form["hex"]))
    is_regex = not isinstance(form, str)
    text = form if isinstance(form, str) else form["regex"]
    flags = _FLAGS.match(text) if is_regex else None
    text = text[flags.end() :] if flags else text
    parts = []
    for part in PLACES.split(text):
        raw, place = part.encode(), _place(part, line, word)
        parts.append(place if place is not None else raw if is_regex else re.escape(raw))
    return b"(?" + (flags[1].encode() if flags else b"") + b":" + b"".join(parts) + b")"


def _place(part: str, line: bytes | None, word: bytes | None) -> bytes | None:
    """The expression for a place, None for what is none."""
    match part:
        case "{any}":
            return rb"[^\r\n]*"
        case "{word}":
            return rb"\w+" if word is None else re.escape(word)
        case "{length}":
            return rb"\d+" if line is None else b"%d" % len(line)
        case "{line}":
            return _ANY_LINE if line is None else re.escape(line)
        case "{LINE}":
            return _ANY_LINE if line is None else re.escape(line.upper())
        case _:
            return None


def _beginning(form: Form) -> bytes:
    """What of a form can be said before the line is known."""
    if not isinstance(form, str):
        return b""
    return PLACES.split(form)[0].encode()


def _key(form: Form) -> str:
    return json.dumps(form, sort_keys=True)


@lru_cache(_KEPT)
def _compiled(key: str, line: bytes | None, word: bytes | None) -> re.Pattern[bytes]:
    return re.compile(pattern(json.loads(key), line, word))


@lru_cache(_KEPT)
def _joined(keys: tuple[str, ...], line: bytes | None, word: bytes | None) -> re.Pattern[bytes]:
    """The forms one after another; of any line, the first place where it stands is named."""
    whole = b"".join(pattern(json.loads(key), line, word) for key in keys)
    return re.compile(whole.replace(_ANY_LINE, b"(?P<line>" + _ANY_LINE + b")", 1))
