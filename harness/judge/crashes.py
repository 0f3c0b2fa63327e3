"""Why a process crashed, where no judgement knows more: by a sanitizer's report, or the signal."""

import re
import signal
from typing import Final

from harness.record.events import Sanitized
from harness.record.imports import ABORT
from harness.record.last_words import is_of_memory, is_uncaught
from harness.record.recording import Recording

from .uncaught import SPOILT

_KILLED: Final = re.compile(r"\bkilled by (SIG[A-Z]+)")
_BY_REPORT: Final = {  # words of AddressSanitizer
    "stack-overflow": "stack-is-full",
    "NULL": "null-pointer",
    "SEGV": "bad-pointer",
    "-overflow, a ": "beyond-its-array",
    "FPE": "divides-by-zero",
    "double-free": SPOILT,
    "free on": SPOILT,
    "use-after": "bad-pointer",
}
# However long the line is.
OF_ANY_LINE: Final = frozenset({"null-pointer", "divides-by-zero", "stack-is-full", SPOILT})
ABORTS_ITSELF: Final = "aborts"
_BY_SIGNAL: Final = {"SIGSEGV": "bad-pointer", "SIGBUS": "bad-pointer", "SIGFPE": "divides-by-zero"}


def is_of_a_crash(how: str) -> bool:
    """Whether a death in words, "killed by SIGSEGV", is one of the process's own mistake."""
    killed = _KILLED.search(how)
    return killed is not None and killed[1] in _BY_SIGNAL


def aborts(seen: Recording, killed_by: int) -> bool:
    """Whether SIGABRT came from its own call of abort(): no run-time or library has said why it came."""
    calls = killed_by == signal.SIGABRT and ABORT in (seen.imports or ())
    return calls and not is_of_memory(seen.printed) and not is_uncaught(seen.printed)


def why(seen: Recording, observed: str) -> str:
    """The cause of the crash that a failure's sentence tells; "" for none, and where it is not known."""
    killed = _KILLED.search(observed)
    if killed is None:
        return ""
    if is_of_memory(seen.printed):
        return SPOILT
    if aborts(seen, signal.Signals.__members__.get(killed[1], 0)):
        return ABORTS_ITSELF
    told = seen.final(Sanitized)
    if told is None:
        return _BY_SIGNAL.get(killed[1], "")
    return next((cause for words, cause in _BY_REPORT.items() if words in told.what), "")
