"""More than echo: what is said and expected, step by step, with a line of ours somewhere in it."""

import hashlib
import re

from msgspec import Struct

from . import line_form
from .bounded_match import bounded
from .line_form import ANY_MARK, Form, compiled, filled, joined, may_begin


class Step(Struct, frozen=True):
    """One exchange: what the client says, and what it then expects."""

    send: Form = ""
    expect: Form = ""


class Dialogue(Struct, frozen=True, omit_defaults=True):
    """What an assignment's [dialogue] says.

    A client that connects goes through `opening`, then sends `partial` if there is one, and is silent; a
    line goes through `steps`. `between` may come from other clients at any time, and is no answer.
    """

    steps: tuple[Step, ...] = ()
    opening: tuple[Step, ...] = ()
    partial: Form = ""
    between: Form = ""

    @property
    def beginning(self) -> bytes:
        """The client's words of the first step before it has a line."""
        return filled(self.partial, b"", b"")

    @property
    def shows_line(self) -> bool:
        """Whether a reply has the line in it."""
        return any("{line}" in str(step.expect) for step in self.steps)

    @property
    def asks_for_words(self) -> bool:
        """Whether a client has something to say in the opening: a name, a password."""
        return any(step.send for step in self.opening)

    def said(self, line: bytes, word: bytes) -> list[bytes]:
        """The client's words for a line, step by step."""
        return [filled(step.send, line, word) for step in self.steps]

    def replies(self, line: bytes) -> list[bytes]:
        """The right reply, for people to read."""
        return [b"".join(filled(step.expect, line, word_for(line)) for step in self.steps)]

    def is_reply(self, line: bytes, answer: bytes) -> bool:
        """Whether this is a right reply, all steps' together."""
        if all(isinstance(step.expect, str) and "{any}" not in step.expect for step in self.steps):
            return answer == self.replies(line)[0]
        return bounded(self._expected(line).fullmatch, answer) is not None

    @property
    def is_literal(self) -> bool:
        """Whether no step's reply is a regular expression."""
        return all(isinstance(step.expect, str) or "hex" in step.expect for step in self.steps)

    def may_begin(self, line: bytes, came: bytes) -> bool:
        """Whether a right reply may begin so; True where a regular expression hides it."""
        if not self.is_literal:
            return True
        word = word_for(line)
        whole = b"".join(filled(step.expect, line, word, any=ANY_MARK) for step in self.steps)
        return may_begin(whole.split(ANY_MARK), came)

    def is_whole(self, answer: bytes) -> bool:
        """Whether it is a reply to some line, right or not."""
        return bounded(self._expected(None).fullmatch, answer) is not None

    def line_in(self, answer: bytes) -> bytes | None:
        """The line as the reply has it; None where a reply does not show it, or shows something else."""
        found = bounded(self._expected(None).fullmatch, answer)
        return found.groupdict().get("line") if found else None

    def reply_in(self, heard: bytes, line: bytes | None) -> bytes:
        """The bytes after the opening, without other clients' words."""
        for step in self.opening:
            found = bounded(compiled(step.expect).match, heard)
            if found is None:
                return b""  # nobody has been asked yet
            heard = heard[found.end() :]
        if not self.between:
            return heard
        own = None if line is None else self._expected(line)
        others = compiled(self.between)
        rest = b""
        while heard:
            if own is not None and (found := bounded(own.match, heard)) and found.end():
                rest, heard = rest + found[0], heard[found.end() :]
            elif (found := bounded(others.match, heard)) and found.end():
                heard = heard[found.end() :]
            else:
                break  # half of somebody's words answers nobody yet
        return rest

    def _expected(self, line: bytes | None) -> re.Pattern[bytes]:
        word = None if line is None else word_for(line)
        return joined((step.expect for step in self.steps), line, word)


class Conversation:
    """One client's place in its dialogue: what it may say now, given what it has heard."""

    def __init__(self, dialogue: Dialogue, word: bytes, *, begins: bool = True) -> None:
        """With `begins` False it says nothing of an opening before it is asked for a line."""
        self._dialogue = dialogue
        self._has_begun = begins or not dialogue.asks_for_words
        self._todo = [(filled(each.send, b"", word), each.expect) for each in dialogue.opening]
        self._todo.append((dialogue.beginning, ""))
        self._said = dialogue.beginning
        self._begun = b""
        self._heard = b""
        self._awaited: re.Pattern[bytes] | None = None

    def begin(self) -> bytes:
        """The client's words once it is connected."""
        return self._go()

    def hear(self, data: bytes) -> bytes:
        """The client's words when this much more has come."""
        self._heard += data
        return self._go()

    def ask(self, text: bytes) -> bytes:
        r"""The client's words for a line; the beginning of them while the line has no "\n" yet."""
        self._has_begun = True
        self._begun += text
        if not text.endswith(b"\n"):
            beginning = b"" if self._said else line_form.half(self._dialogue.steps[0].send, text)
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
        while self._has_begun:
            if self._awaited is not None:
                found = bounded(self._awaited.search, self._heard)
                if found is None:
                    return said
                self._heard = self._heard[found.end() :]
            if not self._todo:
                self._awaited = None
                return said
            send, expect = self._todo.pop(0)
            said += send
            self._awaited = compiled(expect) if expect else None
        return said


def word_for(text: bytes) -> bytes:
    """A word of eight letters and digits that stands for a line or a name."""
    return hashlib.sha256(text).hexdigest()[:8].encode()
