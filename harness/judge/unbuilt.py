"""A server without clients: it does not compile, and why; or it does not listen."""

import re
from typing import Final

from harness.record.events import BuildFailed, Died, Listens
from harness.record.recording import Recording
from harness.record.spelling import ending

from .verdict import Verdict, failed
from .wording import last_words

# What began it stands first; the linker's last line is an error, too.
_COMPLAINTS: Final = ("error", "undefined reference", "multiple definition", "this file is UTF-16")
_COMPLAINT_LINES: Final = 6
# As gcc and clang say of an #include in quotes; a header in <> is the system's.
_NOT_THERE: Final = re.compile(
    r"^[^\n]*(?:: No such file or directory|' file not found)\n[^\n]*#\s*include\s*\"", re.MULTILINE
)
_CAUSES: Final = {
    "of-windows": re.compile(
        r"\b(?:winsock2?|windows|ws2tcpip|conio|process)\.h(?:: No such|' file not found)", re.IGNORECASE
    ),
    "missing-file": _NOT_THERE,
    "defined-twice": re.compile(r"multiple definition of|duplicate symbol"),
    "not-linked": re.compile(r"undefined reference to|undefined symbol"),
}


def unbuilt(seen: Recording) -> Verdict | None:
    """The failure of a program that does not compile, with the first error; None when it compiles."""
    built = seen.first(BuildFailed)
    if built is None:
        return None
    log = built.data.decode("utf-8", "replace").strip().splitlines()
    start = next((i for i, line in enumerate(log) if any(map(line.__contains__, _COMPLAINTS))), 0)
    first = "\n".join(log[start : start + _COMPLAINT_LINES])
    cause = next((each for each, says in _CAUSES.items() if says.search(first)), "does-not-compile")
    return failed(f"it does not compile:\n{first}", expected="a program that compiles", cause=cause)


def why_nobody_came(seen: Recording, missing: str) -> str:
    """Why it had no client, with its own words; `missing` is the reason of a server that listened."""
    if (broken := unbuilt(seen)) is not None:
        return broken.evidence.observed
    if seen.broke_off:
        return seen.broke_off
    died, words = seen.first(Died), last_words(seen)
    said = f', after printing "{words}"' if words else ""
    if died is not None and seen.first(Listens) is None:
        return f"it {ending(died.status)}{said}"
    return f"{missing}{said}"
