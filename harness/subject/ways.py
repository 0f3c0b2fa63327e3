"""The ways in which students' programs take their port: variables, arguments, the terminal."""

import re
from dataclasses import dataclass
from typing import Final

from harness.record.role import Role

_HOST: Final = "127.0.0.1"
_USAGE: Final = re.compile(r"^\s*usage\b", re.IGNORECASE)
_STARTS: Final = re.compile(r"(?<![\w./<-])(?:start|serve|server|run|listen)(?![\w./>-])")
_PORTS: Final = ("PORT", "SERVER_PORT", "TCP_PORT", "LISTEN_PORT")


@dataclass(frozen=True, slots=True)
class Way:
    """Arguments; or what is `typed`, tried only where the program has printed something and waits.

    Variables hold the port, too (`by_variables`), unless the program does without.
    """

    arguments: tuple[str, ...] = ()
    typed: str = ""
    by_variables: bool = True


def ways(role: Role, port: int) -> tuple[Way, ...]:
    """All ways, the usual ones first: a server is started without a word before all others."""
    told = str(port)
    options = (("-p", told), ("--port", told), (f"--port={told}",))
    with_host = (("-h", _HOST, "-p", told), ("--host", _HOST, "--port", told))
    if role is Role.CLIENT:
        first = ((_HOST, told), (_HOST,), (told,), (), options[0], *with_host)
        return tuple(map(Way, (*first, (told, _HOST), *options[1:])))
    asked = (Way(typed=f"{told}\n"), Way(typed=f"{_HOST}\n{told}\n"))
    arguments = ((told,), (_HOST, told), (told, _HOST), *options, *with_host)
    return (Way(by_variables=False), Way(), *asked, *map(Way, arguments))


def by_usage(said: str, port: int) -> tuple[Way, ...]:
    """The ways by which a program starts to serve whose usage asks for a word first: start, serve ..."""
    lines = [line for line in said.splitlines() if _USAGE.search(line)]
    words = dict.fromkeys(word for line in lines for word in _STARTS.findall(line))
    told = str(port)
    return tuple(Way(tail) for word in words for tail in ((word, told), (word, "--port", told), (word,)))


def port_variables(role: Role, port: int) -> dict[str, str]:
    """Variables that hold the port; a client's tell the host, too."""
    told = dict.fromkeys(_PORTS, str(port))
    return {**told, "HOST": _HOST, "SERVER_HOST": _HOST} if role is Role.CLIENT else told
