"""Forms of what a client says, and of what it expects: as bytes, and as regular expressions.

A form is text with places, {"regex": ...} or {"hex": ...}. Places: {line}, the line without its ending;
{LINE}, the same capitalised; {length}, its bytes, counted (`length_form`); {word}, a word that no other
client has; {any}, anything up to the end of a line (in what is expected only).
"""

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from . import bounded_match, length_form

PLACES: Final = re.compile(r"(\{(?:line|LINE|word|any)\}|" + length_form.PLACE + ")")
Form = str | dict[str, str]
_ANY_LINE: Final = rb"(?s:.*?)"
_FLAGS: Final = re.compile(r"\(\?([aimsx]+)\)")  # of one form, not of all of them
ANY_MARK: Final = b"\0{any}\0"  # stands where {any} does, while a form is taken apart
_UP_TO_END: Final = re.compile(rb"[^\r\n]*")
_KEPT: Final = 32  # patterns; a line may have megabytes


def begins(form: str, line: bytes, word: bytes, came: bytes) -> bool:
    """Whether what is said by this form may begin so."""
    return may_begin(filled(form, line, word, any=ANY_MARK).split(ANY_MARK), came)


def may_begin(parts: list[bytes], came: bytes) -> bool:
    """Whether `came` is the beginning of these parts, with anything but a line's end between them."""
    first, *others = parts
    if first.startswith(came):
        return True
    if not came.startswith(first) or not others:
        return False
    rest = came[len(first) :]
    end = _line_end(rest)
    at = _place_in(rest, others[0], end)
    return end == len(rest) or (at >= 0 and may_begin(others, rest[at:]))


def _line_end(data: bytes) -> int:
    """The end of the first line of it: anything may stand there."""
    found = _UP_TO_END.match(data)
    return found.end() if found else 0


def _place_in(rest: bytes, part: bytes, end: int) -> int:
    """Where a part first can begin, with anything before it on this line; -1 where it cannot."""
    own_end = _line_end(part)
    if own_end < len(part):  # its own end of a line is that one
        return end - own_end
    return rest.find(part, 0, end)


def filled(form: Form, line: bytes, word: bytes, *, any: bytes = b"...") -> bytes:  # noqa: A002
    """The bytes of a form; of a regular expression, its text with the places filled."""
    if not isinstance(form, str) and "hex" in form:
        return bytes.fromhex(form["hex"])
    text = form if isinstance(form, str) else form["regex"]
    values = {"{line}": line, "{LINE}": line.upper(), "{word}": word, "{any}": any}
    parts = PLACES.split(text)
    for part in filter(length_form.is_length, parts):
        values[part] = length_form.written(part, len(line))
    return b"".join(values.get(part, part.encode()) for part in parts)


def pattern(form: Form, line: bytes | None = None, word: bytes | None = None) -> bytes:
    """A regular expression for a form, of one line or of any; raises ValueError if its hex is wrong."""
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
    if length_form.is_length(part):
        of_any = length_form.expression(part)
        return of_any if line is None else re.escape(length_form.written(part, len(line)))
    match part:
        case "{any}":
            return rb"[^\r\n]*"
        case "{word}":
            return rb"\w+" if word is None else re.escape(word)
        case "{line}":
            return _ANY_LINE if line is None else re.escape(line)
        case "{LINE}":
            return _ANY_LINE if line is None else re.escape(line.upper())
        case _:
            return None


def half(form: Form, text: bytes) -> bytes:
    """What can be said by a form when only the beginning of the line, `text`, is known.

    Nothing if it begins with the line's length, for example: that is not known yet. Of four bytes in
    network byte order the first is zero: no line of ours has 16 MiB.
    """
    if not isinstance(form, str):
        return b""
    first, *places = PLACES.split(form)
    if first or not places:
        return first.encode()
    if length_form.is_length(places[0]) and places[0].endswith(":u32}"):
        return b"\0"
    return {"{line}": text, "{LINE}": text.upper()}.get(places[0], b"")


def compiled(form: Form) -> re.Pattern[bytes]:
    """A form as a regular expression, of any line."""
    return _compiled(_key(form))


def joined(forms: Iterable[Form], line: bytes | None, word: bytes | None) -> re.Pattern[bytes]:
    """The forms one after another; of any line, the first place where it stands is named."""
    return _joined(tuple(map(_key, forms)), line, word)


def _key(form: Form) -> str:
    return json.dumps(form, sort_keys=True)


@lru_cache(_KEPT)
def _compiled(key: str) -> re.Pattern[bytes]:
    return bounded_match.compiled(pattern(json.loads(key)))


@lru_cache(_KEPT)
def _joined(keys: tuple[str, ...], line: bytes | None, word: bytes | None) -> re.Pattern[bytes]:
    whole = b"".join(pattern(json.loads(key), line, word) for key in keys)
    return bounded_match.compiled(whole.replace(_ANY_LINE, b"(?P<line>" + _ANY_LINE + b")", 1))
