"""Was a client answered? What came counts if it is the reply to what *this* client said.

The one place that knows. Three readings, from strict to mild: the right reply; the client's own line, or
the beginning of the reply; and, where no client in the recording got a right one, whatever came: there
the server answers all clients wrongly, and `service/reply` says so. What is left is a refusal.
"""

from typing import Final

from .contract import Contract

_LONG: Final = 16  # bytes of a line of which half is enough to recognise it by


def is_own(terms: Contract, line: bytes, came: bytes) -> bool:
    """Whether this is the reply to a line, its beginning, or near enough to be meant for it.

    Near enough is what has half of the line in it, whatever the case: a wrong byte, a NUL behind it, the
    tail of another line make a wrong reply, and still this client's own.
    """
    if not came:
        return False
    if terms.is_reply(line, came) or _begins(terms, line, came):
        return True
    text, heard = terms.content(line).upper(), came.upper()
    if len(text) < _LONG:
        return bool(text) and b"\n" + text in b"\n" + heard
    middle = len(text) // 2
    return text[:middle] in heard or text[middle:] in heard


def is_on_screen(terms: Contract, typed: bytes, shown: bytes) -> bool:
    """Whether a right reply to what was typed stands on a screen, among a client's own words."""
    return any(wanted.rstrip() in shown for wanted in terms.replies(terms.line(typed)))


def begins_reply(terms: Contract, line: bytes, came: bytes) -> bool:
    """Whether this may be the beginning of a right reply, with more to come; not the whole of one."""
    return bool(came) and not terms.is_reply(line, came) and terms.may_begin(line, came)


def is_half(terms: Contract, line: bytes, came: bytes) -> bool:
    """Whether this is the beginning of a right reply, or one whose newline is still to come."""
    lacks_newline = bool(came) and not came.endswith(b"\n") and terms.is_reply(line, came)
    return lacks_newline or begins_reply(terms, line, came)


def _begins(terms: Contract, line: bytes, came: bytes) -> bool:
    return terms.is_literal and terms.may_begin(line, came)
