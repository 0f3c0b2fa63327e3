"""Finds what several texts have in common, as a contract's pattern; where they differ it has {any}."""

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

ANY: Final = "{any}"
LINE: Final = "{line}"
CAPITALS: Final = "{LINE}"
WORD: Final = "{word}"
MARK: Final = "\ue000"  # stands for a word while texts are compared: nobody says it
PLACES: Final = (LINE, CAPITALS, ANY)
_LINES: Final = re.compile(r"[^\n]*\n|[^\n]+\Z")
_ENDING: Final = re.compile(r"\r?\n\Z|\Z")
_TOKENS: Final = re.compile(r"\{(?:line|LINE|any)\}|\w+|\s|[^\w\s]")
_BRACES: Final = re.compile(r"\{(?!(?:line|LINE|any)\})\w*\}")
_ANYS: Final = re.compile(r"(?:\{any\})+")
_DAY: Final = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"
_MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_PIECE: Final = rf"(?:{_DAY}|{_MONTH}|\d+(?:st|nd|rd|th)?|UTC|GMT|CES?T|[AP]M|[TZ](?=\d|\b))"
_MOMENT: Final = re.compile(rf"(?<!\w){_PIECE}(?:[ ,:/.+T-]*{_PIECE})+(?!\w)")
_IS_MOMENT: Final = re.compile(rf"\d:\d\d|{_DAY} +{_MONTH}|\d{{4}}-\d\d-\d\d|\d+/\d+/\d{{2,4}}")
_SECONDS: Final = re.compile(r"(?<!\d)1[5-9]\d{8}(?:\.?\d+)?(?!\d)")  # since 1970


def marked(data: bytes, line: bytes = b"") -> str | None:
    """A text with marks for the line that it answers, and {any} for a time; None where it is no text."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    text = _BRACES.sub(ANY, text.replace(LINE, ANY).replace(CAPITALS, ANY))
    if line:
        words = line.decode("latin-1")
        text = text.replace(words, LINE).replace(words.upper(), CAPITALS)
    text = _MOMENT.sub(lambda found: ANY if _IS_MOMENT.search(found[0]) else found[0], text)
    text = _SECONDS.sub(ANY, text)
    return _ANYS.sub(ANY, text)


def marked_word(data: bytes, word: bytes, line: bytes = b"") -> str | None:
    """As `marked`, with MARK wherever this word stands by itself."""
    at = re.compile(rb"(?<!\w)" + re.escape(word) + rb"(?!\w)")
    return marked(at.sub(MARK.encode(), data), line)


def common(texts: Sequence[str | None]) -> str | None:
    """The pattern of all these texts; None where one is None, or their lines differ in number or end."""
    in_lines = [_LINES.findall(text) for text in texts if text is not None]
    if len(in_lines) < len(texts) or len({len(lines) for lines in in_lines}) != 1:
        return None
    merged = [_merged(lines) for lines in zip(*in_lines, strict=True)]
    return None if None in merged else "".join(filter(None, merged))


def _merged(lines: Sequence[str]) -> str | None:
    endings = {_ENDING.findall(line)[0] for line in lines}
    if len(endings) > 1:
        return None
    first, *others = [_TOKENS.findall(line) for line in lines]
    for other in others:
        first = _both(first, other)
    return _ANYS.sub(ANY, "".join(first))


def _both(one: list[str], other: list[str]) -> list[str]:
    """What two lines share: token by token if they have as many, else their beginning and end."""
    if len(one) == len(other):
        return [a if a == b else ANY for a, b in zip(one, other, strict=True)]
    shorter = min(len(one), len(other))
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    backwards = zip(reversed(one), reversed(other), strict=False)
    tail = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], backwards))
    tail = min(tail, shorter - head)
    return [*one[:head], ANY, *one[len(one) - tail :]]
