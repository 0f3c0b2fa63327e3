"""How a server starts: whether it compiles, and whether it starts a thread for a client."""

import re
from typing import Final

from harness.record.events import BuildFailed
from harness.record.missing import Missing
from harness.record.recording import Recording

from .verdict import Verdict, failed

_COMPLAINTS: Final = ("error", "undefined reference", "this file is UTF-16")  # first, what began it
_COMPLAINT_LINES: Final = 6
# As gcc and clang say of an #include in quotes; a header in <> is the system's.
_NOT_THERE: Final = re.compile(
    r"^[^\n]*(?:: No such file or directory|' file not found)\n[^\n]*#\s*include\s*\"", re.MULTILINE
)


def is_by_thread(seen: Recording, name: str) -> bool:
    """Whether the process that holds this client's connection had one thread more than before."""
    try:
        client = seen.client(name)
        before, now = seen.before(client.connected), seen.after(client.connected)
    except Missing:
        return False
    return any(
        (old := before.find(process.pid)) is not None and process.threads > old.threads
        for process in now.holders(client.port)
    )


def unbuilt(seen: Recording) -> Verdict | None:
    """The failure of a program that does not compile, with the first error; None when it compiles."""
    built = seen.first(BuildFailed)
    if built is None:
        return None
    log = built.data.decode("utf-8", "replace").strip().splitlines()
    start = next((i for i, line in enumerate(log) if any(map(line.__contains__, _COMPLAINTS))), 0)
    first = "\n".join(log[start : start + _COMPLAINT_LINES])
    return failed(f"it does not compile:\n{first}", expected="a program", cause=_of_build(first))


def _of_build(first: str) -> str:
    """The cause behind a compiler's first error: a file that is not there is no fault in a line."""
    return "missing-file" if _NOT_THERE.search(first) else "does-not-compile"
