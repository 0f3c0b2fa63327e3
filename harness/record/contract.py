"""The contract: what a reply is, how a conversation begins, and who ends it.

The lecture's unless an assignment says otherwise: slide 4 capitalises the line, slide 10 sends it back
as it came, and both close after the reply.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Final, Self

from msgspec import convert, to_builtins

from .bounded_match import bounded
from .dialogue import Dialogue
from .line_form import begins, filled, pattern

_OF_THE_LINE: Final = ("{line}", "{LINE}", "{length", "{word}")
TRANSFORMS: Final = {"either": ("{LINE}", "{line}"), "upper": ("{LINE}",), "echo": ("{line}",)}
LINE_ENDINGS: Final = ("\n", "\r\n")
ANY: Final = "any"
FOR_THE_TEACHER, FAILS = "teacher", "fail"
UNSEEN: Final = (FOR_THE_TEACHER, FAILS)
DESIGNS: Final = ("fork", "threads", "prefork", "pool", "event loop")


@dataclass(frozen=True, slots=True)
class Contract:
    """What an assignment may settle.

    `transform` is "either", "upper", "echo" or a pattern of its own, in which {line} stands for the line
    without its ending, {LINE} for the same capitalised, {any} for anything; `greeting` is such a
    pattern too. With `closes` False the server answers line after line until the client closes.
    `design` is one of DESIGNS, if it insists on one; "" for none. A `dialogue` (see `dialogue.Dialogue`)
    stands instead of transform, greeting and line ending; `ready` is a regular expression for what the
    server prints once it can serve, or writes into the file `ready_in` of its home. With `unasked` it
    answers each client that connects, as daytime does (RFC 867). With `at_half_close` it answers once
    the client has closed its own side of the connection, so each client does, after its line. With
    `port` ANY it may listen where it likes. `idle_timeout_s`: after how long, at least and at most, it
    ends a silent connection; empty, where nothing is demanded. `most_at_once`: so many clients at once
    it serves by policy, and may refuse or send away any more; 0, where there is no such policy.
    `unseen`: what a server comes to that hides where nobody can look at it all the same, one of UNSEEN.
    """

    transform: str = "either"
    greeting: str = ""
    line_ending: str = "\n"
    closes: bool = True
    design: str = ""
    dialogue: Dialogue | None = field(default=None, hash=False)
    ready: str = ""
    ready_in: str = ""
    unasked: bool = False
    at_half_close: bool = False
    port: str = ""
    idle_timeout_s: tuple[float, ...] = ()
    most_at_once: int = 0
    unseen: str = FOR_THE_TEACHER

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> Self:
        """The contract of a recording's header; what it does not mention is the lecture's."""
        return convert(settings, cls)

    def to_dict(self) -> dict[str, object]:
        """Only what differs from the lecture."""
        lecture = type(self)()
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        if self.dialogue is not None:
            said = to_builtins(self.dialogue)
            told["dialogue"] = {
                key: list(each) if isinstance(each, tuple) else each for key, each in said.items()
            }
        return {key: value for key, value in told.items() if value != getattr(lecture, key)}

    @property
    def is_the_lectures(self) -> bool:
        """Whether nothing was settled."""
        return self == type(self)()

    @property
    def shows_line(self) -> bool:
        """Whether a dialogue's reply has the line in it."""
        return self.dialogue is not None and self.dialogue.shows_line

    @property
    def shows_line_in_transform(self) -> bool:
        """Whether a reply without a dialogue has the line in it, capitalised or not."""
        return any("{line}" in form or "{LINE}" in form for form in self._forms)

    @property
    def depends_on_line(self) -> bool:
        """Whether another line is to get another reply."""
        steps = self.dialogue.steps if self.dialogue else ()
        forms = [str(step.expect) for step in steps] if self.dialogue else self._forms
        return any(place in form for form in forms for place in _OF_THE_LINE)

    @property
    def leaves_open(self) -> bool:
        """Whether a part of a reply may be anything, so that no single byte of it can be wrong."""
        if self.dialogue is None:
            return "{any}" in self.transform
        forms = [step.expect for step in self.dialogue.steps]
        return any("{any}" in each or "regex" in each for each in forms)

    @property
    def may_listen_anywhere(self) -> bool:
        """Whether any port is right."""
        return self.port == ANY

    @property
    def tells_others(self) -> bool:
        """Whether a client hears what others say."""
        return self.dialogue is not None and bool(self.dialogue.between)

    @property
    def greets(self) -> bool:
        """Whether a client hears something before it asks."""
        return bool(self.greeting or (self.dialogue is not None and self.dialogue.opening))

    @property
    def is_the_clients(self) -> bool:
        """Whether the lecture's tcpclient2 speaks as this contract wants."""
        plain = not self.greeting and not self.dialogue and not self.at_half_close
        return plain and self.line_ending == "\n"

    def line(self, text: bytes) -> bytes:
        """This text with the line ending that is asked for."""
        if self.dialogue:
            return text
        return text.replace(b"\n", self.line_ending.encode())

    def content(self, line: bytes) -> bytes:
        """A line without its ending."""
        return line.removesuffix(self.line_ending.encode()).rstrip(b"\r\n")

    def replies(self, line: bytes) -> list[bytes]:
        """Every right reply to a line, for people to read; {any} is shown as "..."."""
        if self.dialogue is not None:
            return self.dialogue.replies(self.content(line))
        return [self._filled(form, line) for form in self._forms]

    def is_reply(self, line: bytes, answer: bytes) -> bool:
        """Whether this is a right reply; a last line ending may be missing, as on slide 10."""
        if self.dialogue is not None:
            return self.dialogue.is_reply(self.content(line), answer)
        for form in self._forms:
            if "{any}" in form:
                whole = _compiled(form.rstrip("\r\n"), self.content(line), b"\r?\n?")
                if bounded(whole.fullmatch, answer):
                    return True
            elif answer in {want := self._filled(form, line), want.rstrip(b"\r\n")}:
                return True
        return False

    @property
    def is_literal(self) -> bool:
        """Whether a reply's beginning can be told from other words: no regular expression hides it."""
        return self.dialogue is None or self.dialogue.is_literal

    def may_begin(self, line: bytes, came: bytes) -> bool:
        """Whether a right reply may begin so; True where a regular expression hides it."""
        if self.dialogue is not None:
            return self.dialogue.may_begin(self.content(line), came)
        return any(begins(form, self.content(line), b"", came) for form in self._forms)

    def reply_in(self, data: bytes, line: bytes) -> bytes:
        """What came after the greeting; all of it when there was none.

        In a dialogue, without what came from others; `line` is what was asked, b"" when nothing was.
        """
        if self.dialogue is not None:
            return self.dialogue.reply_in(data, self.content(line) if line else None)
        if not self.greeting:
            return data
        found = bounded(_compiled(self.greeting).match, data)
        return data[found.end() :] if found else data

    def is_whole(self, reply: bytes) -> bool:
        """Whether a reply looks finished on a connection that stays open."""
        if self.dialogue is not None:
            return not self.closes and self.dialogue.is_whole(reply)
        return not self.closes and reply.endswith(self.line_ending.encode())

    @property
    def _forms(self) -> tuple[str, ...]:
        plain = TRANSFORMS.get(self.transform)
        ended = self.line_ending if not self.transform.endswith("\n") else ""
        return tuple(form + self.line_ending for form in plain) if plain else (self.transform + ended,)

    def _filled(self, form: str, line: bytes) -> bytes:
        return filled(form, self.content(line), b"")


@cache
def _compiled(form: str, content: bytes = b"", ending: bytes = b"") -> re.Pattern[bytes]:
    """A pattern as a regular expression, its places filled."""
    return re.compile(pattern(form, content, b"") + ending)
