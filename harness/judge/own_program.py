"""Whether a process executes what was handed in, or a program that comes with the system."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from harness.record.events import Executes
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Process

# What a distribution brings; hand-ins lie elsewhere, /usr/src and /opt included (hier(7)).
_SYSTEMS: Final = re.compile(
    r"/(usr/(local/)?)?(s?bin|lib(32|64|exec)?|games)/|/usr/share/|/nix/store/|/snap/"
)
_SERVERS: Final = re.compile(
    r"(socat|ncat|nc(\.(openbsd|traditional))?|netcat|busybox|toybox|openssl|x?inetd|tcpserver|sslh|stunnel4?"
    r"|ucspi-.*|s6-.*|tcpsvd|systemd(-.*)?|sshd|nginx|apache2|httpd|lighttpd|haproxy|websocketd)$"
)
_LANGUAGES: Final = re.compile(
    r"(python|pypy|perl|ruby|node|nodejs|bun|deno|php|lua|luajit|tclsh|java|guile|gawk|mawk|awk|rscript"
    r"|julia|elixir|erl|beam|dotnet|mono|escript|qemu-[\w-]*|bash|dash|sh|zsh|ksh)[\d.-]*(smp|cli|wrapper)?$",
    re.IGNORECASE,
)
_STARTS: Final = re.compile(r"(env|timeout|nice|stdbuf|setsid|nohup|exec|make|sleep|echo|cat)$")
_TEXT: Final = {  # the options that a program's text follows
    "python": re.compile(r"-[a-zA-Z]{0,3}c"),
    "perl": re.compile(r"-[a-z0-9]{0,3}[eE]"),
    "ruby": re.compile(r"-[a-z]{0,3}e"),
    "node": re.compile(r"-e|-p|-pe|--eval|--print"),
    "php": re.compile(r"-r|--run"),
    "lua": re.compile(r"-e"),
}
_FOLDERS_COUNT: Final = re.compile(r"(java|erl|beam|dotnet|elixir)")
_TOLD: Final = 60


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """A program that was not written for the assignment: its name, and the words that start it."""

    program: str
    words: str

    def is_named(self, programs: Collection[str]) -> bool:
        """Whether it is one of these, or an interpreter that runs it; an interpreter alone is none."""
        words = [self.program, *self.words.split()]
        names = {each.rpartition("/")[2] for each in words}
        return any(each in names and names_a_server([each]) for each in programs)

    @property
    def command(self) -> str:
        """The words, as far as they fit into a sentence."""
        return self.words if len(self.words) <= _TOLD else f"{self.words[:_TOLD]}..."


def ready_made(executed: Executes) -> ReadyMade | None:
    """The program of the system that is executed instead of one that was handed in; None for an own one.

    An interpreter that runs a file of the hand-in is an own program; one with the text on its command
    line, or with a module of the system, is none.

    Raises:
        Missing: it cannot be told.
    """
    if not executed.program:
        raise Missing("what the server executes cannot be read in this cell")
    if not _SYSTEMS.match(executed.program):
        return None
    name = executed.program.rpartition("/")[2]
    told = ReadyMade(executed.program, " ".join(filter(None, executed.words)))
    if _SERVERS.match(name):
        return told
    language = _LANGUAGES.match(name)
    text = _TEXT.get(language[1].lower()) if language else None
    if text and any(map(text.fullmatch, executed.words[1:])):
        return told
    named = _named(executed)
    files = [each for each in named if not each.endswith("/") or _FOLDERS_COUNT.match(name)]
    if any(not _SYSTEMS.match(each) for each in files):
        return None
    if language and not files and "-m" not in executed.words:
        raise Missing(f"what {executed.program} runs does not stand among its words any more")
    return told


def names_a_server(programs: Collection[str]) -> bool:
    """Whether one of these is neither an interpreter nor what starts another program (env, timeout)."""
    return any(not (_LANGUAGES.match(each) or _STARTS.match(each)) for each in programs)


def looks(seen: Recording) -> list[list[Executes]]:
    """At each look, what those execute that may let clients in; what all execute, if none sleeps so."""
    found: dict[int, list[tuple[Executes, Process | None]]] = {}
    for index, event in seen.all(Executes):
        at = seen.before(index)
        found.setdefault(at.index, []).append((event, at.find(event.pid)))
    return [
        [event for event, process in look if process and process.may_let_in]
        or [event for event, _ in look]
        for look in found.values()
    ]


def in_words(look: Sequence[Executes]) -> str:
    """The first own program of these: its file, or the file that an interpreter runs."""
    own = next(each for each in look if ready_made(each) is None)
    files = [each for each in _named(own) if not _SYSTEMS.match(each)]
    return files[0] if _SYSTEMS.match(own.program) and files else own.program


def _named(executed: Executes) -> list[str]:
    """The files and folders that its words name, but for the program's own."""
    return [each for of_word in executed.names[1:] for each in of_word.split(":") if each]
