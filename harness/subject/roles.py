"""What a program seems to be, a server or a client: by its own words, or else by its name.

A hint for the first try, and for the choice among several. What it is, it shows when it runs.
"""

import re
from pathlib import Path
from typing import Final

from harness.record.role import Role

_CLIENT: Final = re.compile("client(?!s)", re.IGNORECASE)  # max-clients.c is a server
_SERVER: Final = re.compile("server", re.IGNORECASE)
_COMMENT: Final = re.compile(rb"/\*.*?\*/|(?://|^[ \t]*#(?!include))[^\n]*", re.DOTALL | re.MULTILINE)
_LISTENS: Final = re.compile(
    rb"\b(?:listen|create_server|start_server|createServer)\s*\(|\b(?:Listen\s*=>|(?:Server|Tcp)Listener\b"
    rb"|ServerSocket\b|socketserver\b)|\0listen\0",
    re.IGNORECASE,
)
_CONNECTS: Final = re.compile(
    rb"\b(?:connect(?:_ex)?|create_connection|open_connection|createConnection|Dial)\s*\("
    rb"|\bnew\s+Socket\s*\(|\bPeer(?:Addr|Host)\b|\0connect\0",
    re.IGNORECASE,
)
_LONGEST: Final = 1 << 20


def hint(program: Path) -> Role | None:
    """The role that words or name speak of, a server's or a client's; None where neither does.

    The words of a source are its calls, those of a program the names that it wants of its libraries. One
    that both listens and connects, a relay, is what its name says.
    """
    words = _words(program)
    listens, connects = bool(_LISTENS.search(words)), bool(_CONNECTS.search(words))
    if listens is not connects:
        return Role.SERVER if listens else Role.CLIENT
    if says_server(program.stem):
        return Role.SERVER
    return Role.CLIENT if says_client(program.stem) else None


def says_client(name: str) -> bool:
    """Whether a name speaks of a client, and not of a server."""
    return bool(_CLIENT.search(name)) and not says_server(name)


def says_server(name: str) -> bool:
    """Whether a name speaks of a server."""
    return bool(_SERVER.search(name))


def _words(program: Path) -> bytes:
    if not program.is_file():
        return b""
    with program.open("rb") as file:
        data = file.read(_LONGEST)
    return data if data.startswith(b"\x7fELF") else _COMMENT.sub(b" ", data)
