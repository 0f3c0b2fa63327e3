"""Says what is wrong with a text that is no TOML, where the parser only says what it stumbled over.

Each kind of mistake is recognised in the line at which the parser gave up; others keep its words.
"""

import datetime as dt
import re
from typing import Final

_VALUE: Final = r"^\s*(?P<key>[^#=]+?)\s*=\s*"
_SLIPS: Final = (
    (
        r"(?P<day>\d{4}-\d\d-\d\d)[Tt ](?P<time>(?:[01]\d|2[0-3]):[0-5]\d)(?![:\d])",
        "{day}T{time} lacks the seconds: {day}T{time}:00",
    ),
    (
        r"=\s*(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4})",
        "a date is written 2027-01-31: the year, the month, the day",
    ),
    (
        r"=\s*(?P<moment>\d{4}-\d\d?-\d\d?(?:[Tt ]\d\d?(?::\d\d?)*)?)\s*(?:#|$)",
        "{moment} is no day, or no time of day: a moment is written 2027-01-31T23:59:00",
    ),
    (_VALUE + r"=", "{key}: one = is enough"),
    (r"[\u2018\u2019\u201c\u201d\u201e]", "text stands in straight quotes, the same at both ends"),
    (_VALUE + r"(?P<word>True|False)\b", "{key}: {word} is written in lower case"),
    (_VALUE + r"(?P<number>\d+,\d+)\s*(?:#|$)", "{key}: a decimal has a point, not a comma"),
    (_VALUE + r"(?:#|$)", "{key}: nothing stands behind ="),
    (
        r"^\s*(?P<key>[\w-]*[/*][\w/*-]*)\s*=",
        'a name with / or * in it stands in quotes: "{key}" = ...',
    ),
    (r"^\s*(?P<key>[\w.-]+)\s*:\s*(?P<rest>.*)", "{key}: between key and value stands =, and no colon"),
    (_VALUE + r"(?P<word>[A-Za-z][\w -]*?)\s*(?:#|$)", '{key}: text stands in quotes: "{word}"'),
    (
        r"^\s*(?P<key>[A-Za-z_][\w.-]*)\s*$",
        "{key}: a key needs = and a value; a table stands in brackets, [{key}]",
    ),
)  # fmt: skip
_TWICE: Final = re.compile(r"Cannot (?:declare|overwrite|mutate|redefine)|already", re.IGNORECASE)
_UNCLOSED: Final = re.compile(
    r"(Unterminated string|Illegal character|Unclosed array|Unclosed inline table|Expected '\]')"
)
_NAMES: Final = {
    "Illegal character": 'the quotes are not closed: one " is missing',
    "Unterminated string": 'the quotes are not closed: one " is missing',
    "Unclosed array": "the bracket [ is not closed, or a comma is missing",
    "Unclosed inline table": "the brace { is not closed on this line, or a comma is missing",
    "Expected ']'": "the bracket of a table's name is not closed",
}


def explained(text: str, said: str) -> tuple[str, int]:
    """The mistake in words and its line, by the parser's own words; "at end of document" is the last."""
    where = re.search(r"\(at line (\d+)", said)
    lines = text.splitlines()
    number = int(where[1]) if where else max(1, len(text.rstrip().splitlines()))
    line = lines[number - 1] if number <= len(lines) else ""
    if _TWICE.search(said):
        key = re.match(r"\s*\[*\s*([^\]=]+?)\s*[\]=]", line)
        return (
            f"{key[1] if key else line.strip()} stands twice in this file: one place is enough",
            number,
        )
    code = _without_comment(line)
    for pattern, sentence in _SLIPS:
        match = re.search(pattern, code)
        if match and not _is_moment(match.groupdict().get("moment")):
            return sentence.format(**match.groupdict()), number
    if known := _UNCLOSED.search(said):
        return f"{_NAMES[known[1]]}: {line.strip()}", number
    quoted = f": {line.strip()}" if line.strip() else ""
    return re.sub(r" \(at [^)]*\)", "", said) + quoted, number


def _is_moment(told: str | None) -> bool:
    try:
        return bool(told and dt.datetime.fromisoformat(told))
    except ValueError:
        return False


def _without_comment(line: str) -> str:
    """The line without what stands behind a # outside of quotes, and with quoted values emptied."""
    key, equals, value = line.partition("=")
    if not equals:
        return key.partition("#")[0]
    return (key + equals + re.sub(r'"(?:[^"\\]|\\.)*"', '""', value)).partition("#")[0]
