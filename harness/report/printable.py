"""What a subject printed is text to us: no control character of it reaches a terminal or a file."""

from __future__ import annotations


def printable(text: str) -> str:
    """The same text, control characters and lone surrogates as their Python escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else repr(c)[1:-1] for c in text)
