"""What a program printed before its end, or its silence: the line that tells why, not the last one.

A run-time's report of an exception ends with frames, versions and counts; its own line stands above.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

_MOST_LINES: Final = 200
_LONGEST_LINE: Final = 200
_CAUSE: Final = "Caused by: "
_CHAINED: Final = ("Traceback (", "During handling of", "The above exception")
_WHAT: Final = re.compile(r"^\s+what\(\):")

_FATAL: Final = "Fatal Python error: "
_MEMORY: Final = (  # of a check that has found memory overwritten
    r"^\*\*\* .+ \*\*\*",  # the C library: stack smashing, buffer overflow
    r"^(?:free|malloc|realloc|munmap_chunk)\w*\(\): ",
    r"^(?:double free or corruption|corrupted (?:size|double-linked))",
    r"^SUMMARY: \w*Sanitizer: ",
    r"^==\d+==\s?ERROR: \w*Sanitizer: ",
)
_SPOILT: Final = re.compile("|".join(_MEMORY), re.MULTILINE)
_UNCAUGHT: Final = re.compile(
    r"^(?:Exception in thread |Traceback \(|thread '.*' .*panicked at )", re.MULTILINE
)

# Each line that tells by itself, by the run-time that prints it.
_TELLING: Final = tuple(
    re.compile(pattern)
    for pattern in (
        *_MEMORY,
        r'^Exception in thread "',  # Java
        r"^Unhandled exception\.? ",  # .NET
        r"^(?:panic|fatal error): ",  # Go
        rf"^{_FATAL}",
        r"^PHP (?:Fatal|Parse) error: ",
        r"^\S+:\d+:in ['`]",  # Ruby
        r"^\S.* at \S+ line \d+(?:, <\w*> line \d+)?\.$",  # Perl
        r"Assertion [`'].+' failed\.?$",
        r": runtime error: ",
    )
)
_GO: Final = re.compile(r"^(?:panic|fatal error): ")
_GOROUTINE: Final = re.compile(r"^goroutine \d+ \[", re.MULTILINE)
_REFERRED: Final = re.compile(r"^<ref \*\d+> ")  # Node's, of an error that holds itself
_JAVASCRIPT: Final = re.compile(
    r"^(?:<ref \*\d+> )?(?:Uncaught )?(?:[A-Z]\w*)?Error\b(?: \[\w+\])?(?::|$)"
)
_JAVA_CLASS: Final = re.compile(r"^(?:[a-z]\w*\.)+[A-Z]\w*(?::|$)")
_FRAME: Final = re.compile(r"^\s+at ")
_MOST_OF_A_MESSAGE: Final = 4
_NODES_FRAMES: Final = re.compile(r"^-+ (?:Native|JavaScript) stack trace -+$", re.MULTILINE)
_PANICKED: Final = re.compile(r"^thread '.*' .*panicked at ")
_PYTHONS: Final = re.compile(r"^(?:(?:[a-z_]\w*\.)+\w+|\w+(?:Error|Exception|Exit|Interrupt))(?:: |$)")
_MOST_BETWEEN: Final = 50
_TERMINATES: Final = re.compile(r"^terminate called ")


def telling(text: str, lines: int = 3) -> str:
    """The latest telling line of what was printed, an exception with its cause; else the last lines."""
    printed = _last_lines(text)
    _, found = _latest(printed)
    return _joined(found or printed[-lines:])


def report_of_error(text: str) -> list[str]:
    """The latest report of an error by a run-time, from its telling line on; none without one."""
    printed = _last_lines(text)
    at, _ = _latest(printed)
    return printed[at:]


def _last_lines(text: str) -> list[str]:
    """The last lines; of a long report of Go's the first: it lists each goroutine behind them."""
    printed = _without_nodes_frames(text).strip().splitlines()
    last = printed[-_MOST_LINES:]
    if len(last) == len(printed) or _GOROUTINE.search("\n".join(last)) is None or _latest(last)[1]:
        return last
    begins = [at for at, line in enumerate(printed) if _GO.match(line)]
    return printed[begins[-1] :][:_MOST_LINES] if begins else last


def _latest(printed: Sequence[str]) -> tuple[int, list[str]]:
    """The place of the latest telling line, and what it tells; without one, the place behind all.

    Where Python has ended by an exception it may abort afterwards, since other threads were at work.
    """
    fatal: tuple[int, list[str]] = len(printed), []
    for at in range(len(printed) - 1, -1, -1):
        for told in _STORIES:
            if (found := told(printed, at)) and not found[0].startswith(_FATAL):
                return at, found
            fatal = (at, found) if found else fatal
    return fatal


def is_of_memory(text: str) -> bool:
    """Whether a check has found memory overwritten: the C library's, or a sanitizer's."""
    return _SPOILT.search(text) is not None


def is_uncaught(text: str) -> bool:
    """Whether a run-time tells of an exception that ended a thread, as Java, Python and Rust do."""
    return _UNCAUGHT.search(text) is not None


def _without_nodes_frames(text: str) -> str:
    """The text before the frames that Node prints of a process that aborts: these name no error."""
    found = _NODES_FRAMES.search(text)
    return text[: found.start()] if found else text


def _plain(printed: Sequence[str], at: int) -> list[str]:
    return [printed[at]] if any(pattern.search(printed[at]) for pattern in _TELLING) else []


def _java(printed: Sequence[str], at: int) -> list[str]:
    """The last cause, and the exception that it led to."""
    if not printed[at].startswith(_CAUSE):
        return []
    head = next(
        (printed[i] for i in range(at - 1, -1, -1) if not re.match(r"\s|Caused by: ", printed[i])), ""
    )
    return [head, printed[at]] if head else [printed[at]]


def _above_frames(printed: Sequence[str], at: int) -> list[str]:
    """An error of JavaScript or Java, its message in a few lines at most, with its frames below."""
    line, below = printed[at], printed[at + 1 : at + 1 + _MOST_OF_A_MESSAGE]
    is_error = _JAVASCRIPT.match(line) or _JAVA_CLASS.match(line)
    return [_REFERRED.sub("", line)] if is_error and any(map(_FRAME.match, below)) else []


def _python(printed: Sequence[str], at: int) -> list[str]:
    """The line behind the frames of a traceback that names the error, else the first not indented.

    What a handler or a child prints meanwhile may stand before it.
    """
    if not printed[at].startswith("Traceback ("):
        return []
    told = [line for line in printed[at + 1 :] if line.strip() and not line[0].isspace()]
    line = next(filter(_PYTHONS.match, told[:_MOST_BETWEEN]), "") if told else ""
    line = line or next(iter(told), "")
    return [line] if line and not line.startswith(_CHAINED) else []


def _rust(printed: Sequence[str], at: int) -> list[str]:
    if not _PANICKED.match(printed[at]):
        return []
    return list(printed[at : at + 2]) if printed[at].endswith(":") else [printed[at]]


def _cpp(printed: Sequence[str], at: int) -> list[str]:
    if not _TERMINATES.match(printed[at]):
        return []
    what = [line for line in printed[at + 1 : at + 2] if _WHAT.match(line)]
    return [printed[at], *what]


_STORIES: Final[tuple[Callable[[Sequence[str], int], list[str]], ...]] = (
    _plain,
    _java,
    _above_frames,
    _python,
    _rust,
    _cpp,
)


def _joined(lines: Sequence[str]) -> str:
    return " / ".join(_shortened(line.strip()) for line in lines)


def _shortened(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}... ({len(line)} characters)"
