"""An error that ends the server, or whoever serves a client: told by the run-time's report of it."""

import re
from typing import Final

from harness.record.last_words import is_of_memory, report_of_error
from harness.record.recording import Recording

_NOT_DETACHED: Final = re.compile(r"^terminate called without an active exception$", re.MULTILINE)
_KEY_STAYS: Final = re.compile(r"NullPointerException: .*\bjava\.nio\.channels\.SocketChannel\b")


def in_service(seen: Recording) -> str:
    """The cause where an error has ended what served a client; "" where none is reported."""
    return _known(seen) or ("error-in-service" if _is_reported(seen) else "")


def of_server(seen: Recording) -> str:
    """The cause where an error has ended the server; "" where none is reported."""
    return _known(seen) or ("error-ends-server" if _is_reported(seen) else "")


def _is_reported(seen: Recording) -> bool:
    return bool(report_of_error(seen.printed)) and not is_of_memory(seen.printed)


def _known(seen: Recording) -> str:
    if _NOT_DETACHED.search(seen.printed):
        return "thread-not-detached"
    return "selected-key-stays" if _KEY_STAYS.search(seen.printed) else ""
