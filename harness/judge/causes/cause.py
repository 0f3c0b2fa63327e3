"""One hypothesis about the program behind the evidence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from harness.record.suffixes import CPP

_BY_LANGUAGE: Final = re.compile(r"\{([^{}|]*)\|([^{}|]*)(?:\|([^{}|]*))?\}")
_OF_CPP: Final = re.compile(r"\{C\+\+:([^{}]*)\}")
_SCRIPTS: Final = (".js", ".mjs", ".cjs", ".ts", ".rb", ".php", ".pl", ".tcl", ".lua", ".escript")
OTHERS: Final = (".java", ".kt", ".go", ".rs", ".cs", ".ml", ".erl", *_SCRIPTS)

_IDIOMS: Final = (  # C's, in the words that a program in another language has for them
    (
        "while (waitpid(-1, NULL, WNOHANG) > 0)",
        "waitpid for any child, with WNOHANG, until there is none",
    ),
    (
        "if (errno == EINTR) continue; the handler must save errno",
        "where it fails with EINTR, accept again",
    ),
    ("if (rx < 0 && errno == EINTR) read again", "where it fails with EINTR, read again"),
    ("close(conn), not close(sock)", "close the connection, not the listening socket"),
    ("close(conn)", "close the connection"),
    ("exit(0)", "exit"),
    ("treat read() == 0 as the end", "treat the end of the input as the client's end"),
    ("read() returns 0", "the input ends"),
    ("read() has returned 0", "the input has ended"),
    ("returns -1", "fails"),
    ("returned -1", "failed"),
)
_REAPING: Final = "while (waitpid(-1, NULL, WNOHANG) > 0)"
_IN_PYTHON: Final = (
    "a loop over os.waitpid(-1, os.WNOHANG) until it returns (0, 0) or raises ChildProcessError"
)

ASK_ONCE: Final = "`echo hello | timeout 9 nc 127.0.0.1 54321`: a reply must come"  # recipes of several
ASK_LATE: Final = "`(sleep 3; echo hello) | nc 127.0.0.1 54321`: the reply must come"
SHORT_OF_PROCESSES: Final = (
    "with a server that does not run as root, which has no such limit: `prlimit --pid PID --nproc=1:; "
    "time (echo hello | timeout 9 nc 127.0.0.1 54321); prlimit --pid PID --nproc=1000:`: nc must end at "
    "once, not after 9 s"
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why (`because`) and what to try (`look_at`), with the fault that was seen to do this.

    `by_hand` is the recipe that shows this fault, where the requirement's own does not. In `because` and
    `look_at` a piece `{...|...}` is told of a program in C and, its second half, of one in Python. A
    third part, if there is one, is told of a program in another language; else it is told as in C, but
    for C's idioms. A piece `{C++:...}` is told of a program in C++ alone.

    `calls` are what `look_at` speaks of ("read", "fork", or "SIGCHLD" for its handler): a report names
    the lines at which the student's source has them. `beside` says of requirements that pass, though
    their sentences seem to say the opposite of `because`, why they do.
    """

    because: str
    look_at: str
    fault: str
    from_slide: bool = False
    by_hand: str = ""
    calls: tuple[str, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)

    def told_of(self, subject: str) -> Cause:
        """This cause in the words for one file's language: a report on C holds nothing for Python."""

        def part(found: re.Match[str]) -> str:
            in_c, in_python, elsewhere = found.groups()
            if subject.endswith(".py"):
                return str(in_python)
            return str(elsewhere if subject.endswith(OTHERS) and elsewhere is not None else in_c)

        of_cpp = r"\1" if subject.endswith(CPP) else ""
        both = (_OF_CPP.sub(of_cpp, text) for text in (self.because, self.look_at))
        because, look_at = (_BY_LANGUAGE.sub(part, text) for text in both)
        if subject.endswith(".py"):
            because, look_at = (text.replace(_REAPING, _IN_PYTHON) for text in (because, look_at))
        for in_c, elsewhere in _IDIOMS if subject.endswith(OTHERS) else ():
            because, look_at = (text.replace(in_c, elsewhere) for text in (because, look_at))
        return replace(self, because=because, look_at=look_at)
