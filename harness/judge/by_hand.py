"""The recipe of ordinary commands with which somebody sees a failure without forkspec.

A requirement's recipe is written for the lecture's contract and port; here it is told for another. Its
commands, between backticks, work with OpenBSD's nc and with Ncat: neither knows the other's -N, -d, -q.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from harness.record.contract import Contract
from harness.record.dialogue import word_for
from harness.record.host import LOOPBACK
from harness.record.line_form import filled
from harness.record.spelling import spell

from .verdict import Fact

PORT: Final = 54321
_TO: Final = f"nc 127.0.0.1 {PORT}"
_LINE: Final = "echo hello"
_LONGER: Final = f"{_LINE} to everybody"
_ASKS: Final = re.compile(rf"({_LONGER}|{_LINE}) \| (timeout \d+ |)nc 127\.0\.0\.1 {PORT}")
_HOST: Final = re.compile(r"(nc |/dev/tcp/|\(')127\.0\.0\.1")
_LECTURES: Final = "the reply must be HELLO or hello and a newline, and no byte more"
_BARE: Final = "the reply must be HELLO or hello, with its newline or without, and no other byte"
_SHORT, _LONG = b"hello", b"hello to everybody"
_SILENT: Final = re.compile(r"\(sleep \d+; ")
_MORE_S: Final = 2
_MUST_CLOSE: Final = "and then the word end"
_MUST_STAY: Final = "and no word end: the connection stays open"
_HALF: Final = re.compile(r"printf (?:he|hel|hello)(?=;| (\|))")
_OTHER_HALF: Final = "echo llo"
_INJECTED: Final = re.compile(r"inject=[\w,]+:error=\w+")
_DELAYED: Final = re.compile(r"trace=\w+ -e inject=\w+:delay_(?:enter|exit)=")
_NAMED: Final = ", with the call that the report names"
_AT_CALL: Final = re.compile(r"-ex 'catch syscall \w+' -ex continue")
_WITHIN: Final = re.compile(r"\. Where the report names a function .*?`gdb [^`]*`")
_PLAIN: Final = re.compile(rb"[ -~]")
_QUOTED: Final = {b"'": r"'\''", b"\\": r"\\", b"%": "%%", b"\n": r"\n", b"\r": r"\r", b"\t": r"\t"}
_MEANT: Final = {
    "PID": f"PID is the number of the process that you started: `ss -tlnp 'sport = :{PORT}'` shows it",
    "PARENT": "PARENT is the process that forks for each client, a child of the one that you started",
    "CHILD": "CHILD is the one that `ps --ppid PID` shows without <defunct>",
    "NAME": "NAME is what your program is called",
}
_BY_NAME: Final = re.compile(r"\bpgrep ((?:-c )?)(?:-x )?NAME\b")
_BY_PS: Final = "`ps -o pid,stat,args -C NAME`"
RUNS_BY: Final = {  # by the suffix: the words that start it
    ".java": "java Server.java",
    ".js": "node server.js",
    ".php": "php server.php",
    ".pl": "perl server.pl",
    ".py": "python3 server.py",
    ".rb": "ruby server.rb",
}
_OF_FORK: Final = (
    "; and not if your program passes what fork() returned to kill(): kill(-1) ends all that you run"
)
_WARNING: Final = (
    "it forks without end: `ulimit -u 400` first, in a shell of its own, and not as root; then "
)


def recipe(
    by_hand: str,
    terms: Contract,
    port: int = PORT,
    facts: Mapping[str, Fact] | None = None,
    *,
    runs_by: str = "",
    host: str = LOOPBACK,
    forks_below: bool = False,
    starts_threads: bool = False,
) -> str:
    """The recipe with this server's port, this contract's words and line ending, and what was seen.

    `facts` are the verdict's: the call and the error that it did not survive, the call beside which a
    thread was held, the point at which a parent was held, how long a client was silent, or that it forks
    for ever. A program that an interpreter `runs_by` such words has processes of the interpreter's
    name. A server that listens at another `host` than 127.0.0.1 is reached there alone. Where a child
    of the first process `forks_below` it, that one's children are meant; one that `starts_threads` is
    not warned of what fork() returns.
    """
    facts = facts or {}
    told = by_hand.replace("nc -N ", "nc ")
    if isinstance(silent_s := facts.get("silent_s"), int | float) and silent_s:
        told = _SILENT.sub(f"(sleep {math.ceil(silent_s) + _MORE_S}; ", told)
    told = _in_words_of(terms, _demanding(terms, told))
    if not terms.closes:
        told = told.replace(_MUST_CLOSE, _MUST_STAY)
    if terms.at_half_close and "nc 127" in told:
        told = f"{told}; nc must close its side at the end of its input: Ncat does, OpenBSD's with -N"
    if {"call", "error"} <= facts.keys():
        told = _INJECTED.sub(f"inject={facts['call']}:error={facts['error']}", told)
    if (held := facts.get("held_at")) and _NAMED in told:
        when = "enter" if facts.get("side") == "before" else "exit"
        told = _DELAYED.sub(f"trace={held} -e inject={held}:delay_{when}=", told).replace(_NAMED, "")
    told = _at_the_point(told, facts)
    told = _started_by(runs_by, told) if runs_by else told
    told = told.replace(_OF_FORK, "") if starts_threads else told
    told = told.replace("ps --ppid PID", "ps --ppid PARENT") if forks_below else told
    told = _HOST.sub(rf"\g<1>{host}", told)
    if meant := [told_so for word, told_so in _MEANT.items() if re.search(rf"\b{word}\b", told)]:
        told = f"{told} ({'; '.join(meant)})"
    if facts.get("runaway") or facts.get("needless_forks"):
        told = f"{_WARNING}{told}"
    return re.sub(rf"(?<!\d){PORT}(?!\d)", str(port), told)


def _at_the_point(told: str, facts: Mapping[str, Fact]) -> str:
    """The recipe with the point at which the parent was held: beside a call, or at an instruction."""
    if _WITHIN.search(told) is None or "call_at" not in facts:
        return told
    stops = f"-ex 'catch syscall {facts['call_at']}' -ex continue"
    if function := facts["within"]:
        stops = f"-ex 'tbreak *{function}' -ex continue -ex 'stepi {facts['step']}'"
        told = told.replace("when it makes that call", f"within {function}()")
    elif facts["side"] == "after":
        stops = f"{stops} -ex continue"
        told = told.replace("when it makes that call", "where that call has returned")
    return _WITHIN.sub("", _AT_CALL.sub(stops, told, count=1)).replace(_NAMED, "")


def _started_by(runs_by: str, told: str) -> str:
    """The recipe for a server or client that an interpreter runs by these words."""
    told = told.replace("break accept'", "break accept4'").replace(_BY_PS, "`pgrep -a -f NAME`")
    told = _BY_NAME.sub(r"pgrep \1-f NAME", told).replace("./server ", f"{runs_by} ")
    if "./tcpserver" in told:  # the lecture's own two
        return told
    own = runs_by.replace("server", "client").replace("Server", "Client")
    return told.replace("./tcpclient ", f"{own} ")


def _demanding(terms: Contract, told: str) -> str:
    """The recipe with the reply that this contract wants."""
    own = _must_be(terms)
    return told if own == _LECTURES else told.replace(_LECTURES, own).replace(_BARE, own)


def _must_be(terms: Contract) -> str:
    """The demand that this contract makes on the reply to the line."""
    if terms.leaves_open:
        return "the reply must be as the assignment wants it, and no byte more"
    replies = dict.fromkeys(map(spell, terms.replies(terms.line(_SHORT + b"\n"))))
    own = f"the reply must be {' or '.join(replies)}, and no byte more"
    return _LECTURES if terms.transform == "either" and terms.dialogue is None else own


def _in_words_of(terms: Contract, told: str) -> str:
    """The recipe in the words of the contract, where a client does not just say the lecture's line."""
    if not (said := _said(terms)):
        return told
    longer = _said(terms, _LONG)
    told = _ASKS.sub(
        lambda found: _asking(longer if found[1] == _LONGER else said, terms, found[2]), told
    )
    told = told.replace(_LINE, _in_turn(said))
    half, rest = map(_in_turn, _halved(said))
    piped = f"({half})" if len(said) > 1 else half
    return _HALF.sub(lambda found: piped if found[1] else half, told).replace(_OTHER_HALF, rest)


def _said(terms: Contract, text: bytes = _SHORT) -> list[bytes]:
    """The words of a client for one line, piece by piece as answers come; [] for the lecture's."""
    script = terms.dialogue
    if script is not None:
        word = word_for(text)
        opening = [filled(step.send, b"", word) for step in script.opening]
        return [each for each in [*opening, *script.said(text, word)] if each]
    line = terms.line(text + b"\n")
    return [line] if line != text + b"\n" or not terms.closes else []


def _asking(said: Sequence[bytes], terms: Contract, until: str) -> str:
    """The commands of one whole exchange; where the server does not close, they end after a while."""
    if terms.closes and len(said) == 1:
        return f"{_printf(said[0])} | {until}{_TO}"
    until = until or ("" if terms.closes else f"timeout {len(said) + 1} ")
    return f"({_in_turn(said)}; sleep 1) | {until}{_TO}"


def _in_turn(said: Sequence[bytes]) -> str:
    return "; sleep 1; ".join(map(_printf, said))


def _halved(said: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """These pieces in two halves; the cut is in the middle of the last piece."""
    *before, last = said
    middle = max(1, len(last.rstrip(b"\r\n")) // 2)
    return [*before, last[:middle]], [last[middle:]]


def _printf(data: bytes) -> str:
    """The shell's command that prints these bytes, whatever they are (printf(1))."""
    shown = (
        _QUOTED.get(byte) or (byte.decode() if _PLAIN.match(byte) else f"\\{byte[0]:03o}")
        for byte in (data[at : at + 1] for at in range(len(data)))
    )
    return f"printf '{''.join(shown)}'"
