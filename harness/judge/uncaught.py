"""An error that ends the server, or what serves a client: known by the run-time's report of it."""

import importlib
import re
from typing import Final

from harness.record.last_words import is_of_memory, report_of_error
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot

_NOT_DETACHED: Final = re.compile(r"^terminate called without an active exception$", re.MULTILINE)
_OWN_FORM: Final = re.compile(
    r"\breadUTF\b|\breadObject\b|\bStreamCorruptedException\b|\bUnpicklingError\b|\bstruct\.error\b"
    r"|\bJSONDecodeError\b"
)
_NOT_AWAITED: Final = re.compile(r"RuntimeWarning: coroutine '.*' was never awaited")
_NOBODY_CAME: Final = re.compile(
    r"in accept\n(?:\s.*\n)*(?:TimeoutError|socket\.timeout): |SocketTimeoutException: Accept timed out"
)
_OF_A_CALL: Final = re.compile(
    r"\b(?:Errno|OSError|IOException|SocketException|OutOfMemoryError|new thread|os error)\b"
)
_OF_MAIN: Final = re.compile(
    r"^(?:Exception in thread \"main\" |thread 'main' .*panicked at "
    r"|Traceback \(most recent call last\):\n +File .*, in <module>$)",
    re.MULTILINE,
)
SPOILT: Final = "frees-twice"
_POISONED: Final = re.compile(r"\bPoisonError\b|poisoned lock")
_FREED: Final = re.compile(r"^(?:free\(\): |double free|munmap_chunk\(\): )", re.MULTILINE)
_REENTERED: Final = re.compile(r"^RuntimeError: reentrant call inside <", re.MULTILINE)
_KEY_STAYS: Final = re.compile(r"NullPointerException: .*\bjava\.nio\.channels\.SocketChannel\b")
_NOT_IN_MODULE: Final = re.compile(
    r"module '(\w+)' has no attribute '(\w+)'|cannot import name '(\w+)' from "
    r"(?:partially initialized module )?'(\w+)'"
)
_MODULES: Final = frozenset({
    "argparse", "asyncio", "contextlib", "errno", "logging", "queue", "random", "sched", "select",
    "selectors", "signal", "socket", "socketserver", "string", "struct", "subprocess", "threading",
})  # fmt: skip
"""Modules that a server may use, by whose names a student may call a file."""


def wants_own_form(seen: Recording) -> bool:
    """Whether the report of an error names a call that reads another form than a line."""
    return _is_reported(seen) and _OWN_FORM.search(seen.printed) is not None


def is_never_awaited(seen: Recording) -> bool:
    """Whether Python says of a coroutine that nobody has awaited it."""
    return _NOT_AWAITED.search(seen.printed) is not None


def in_service(seen: Recording) -> str:
    """The cause where an error has ended what served a client; "" where none is reported."""
    own_form = "expects-own-form" if wants_own_form(seen) else ""
    return _known(seen) or own_form or ("error-in-service" if _is_reported(seen) else "")


def of_server(seen: Recording) -> str:
    """The cause where an error has ended the server; "" where none is reported."""
    return _known(seen) or ("error-ends-server" if _is_reported(seen) else "")


def of_acceptor(seen: Recording, at: Snapshot) -> str:
    """The cause where an error has ended the thread that accepts, and others keep the program alive.

    An error of accept() itself, or of a thread's start, has causes of its own. The thread is the first
    one, as far as the run-time's words tell: who serves a client may end by an error, too.
    """
    if not _OF_MAIN.search(seen.printed) or any(process.may_let_in for process in at.living):
        return ""
    return "" if _OF_A_CALL.search("\n".join(report_of_error(seen.printed))) else "error-ends-acceptor"


def is_of_a_poisoned_lock(seen: Recording) -> bool:
    """Whether Rust says that a thread has panicked while it had the lock."""
    return _POISONED.search(seen.printed) is not None


def shadows_module(seen: Recording) -> bool:
    """Whether Python took a file of the program's for a module of its own, and missed a name in it."""
    for module, name, other, of in _NOT_IN_MODULE.findall(seen.printed):
        named = module or of
        if named in _MODULES and hasattr(importlib.import_module(named), name or other):
            return True
    return False


def _is_reported(seen: Recording) -> bool:
    return bool(report_of_error(seen.printed)) and not is_of_memory(seen.printed)


def _known(seen: Recording) -> str:
    if _NOT_DETACHED.search(seen.printed):
        return "thread-not-detached"
    if _NOBODY_CAME.search(seen.printed):
        return "ends-unvisited"
    if _FREED.search(seen.printed):
        return SPOILT
    if _REENTERED.search(seen.printed):
        return "handler-prints"
    return "selected-key-stays" if _KEY_STAYS.search(seen.printed) else ""
