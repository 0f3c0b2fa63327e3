"""Slides 6-8: a client connects, asks its user for a line, sends it, shows the reply, and closes."""

from __future__ import annotations

import os
import re
from signal import SIGPIPE

from harness.judge.requirement import requirement
from harness.judge.unbuilt import unbuilt
from harness.judge.verdict import Verdict, failed, passed
from harness.record.client_run import SERVER, Talk, how_it_ended, is_killed, saying, talks, words
from harness.record.events import Connected, Fin, HalfClosed, Rst, Sent
from harness.record.imports import writes_by_stream
from harness.record.last_words import is_of_memory, report_of_error
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.record.snapshot import Snapshot
from harness.record.spelling import spell
from harness.stage import ClientStage, client_scenario

LINE = b"hello to you\n"
SENDS = "client/sends-line"
_NO_SOCKET = b"operation on non-socket"
_UNCONNECTED = re.compile(r"broken pipe|not connected|bad file descriptor", re.IGNORECASE)
_CONNECT = re.compile(rb"connect|refused|unreachable|timed out")


@client_scenario
async def conversation(stage: ClientStage) -> None:
    """A person starts the client, waits, types a line; our server answers it and closes; then ^D."""
    await stage.server.listen()
    if await stage.asks(LINE):
        await stage.server.answer(stage.contract.replies(stage.contract.line(LINE))[0])
        await stage.part()


@requirement(
    "client/connects-first",
    scenario=conversation,
    slide="6-8",
    tier="lecture",
    says="The client connects before it asks for input.",
    why="This is what the lecture needs tcpclient2 for: who connects first and types later shows "
    "whether a server makes all others wait.",
    by_hand="`nc -l 54321 & strace -f -e trace=connect,read ./tcpclient localhost 54321`: connect() to "
    "port 54321 of 127.0.0.1, with the result 0, must come before read(0",
    needs=(),
)
def it_connects_before_it_asks(seen: Recording) -> Verdict:
    if (broken := unbuilt(seen)) is not None:
        return broken
    talk = talks(seen)[0]
    connected, typed = talk.first(Connected), talk.typed
    if connected is not None and (typed is None or connected < typed):
        return passed("it was connected while its user had not yet typed")
    if connected is None:
        if not talk.has_ended and typed is None:
            raise Missing("nobody had typed yet")
        return failed(
            f"it never connected to 127.0.0.1; it {_now(talk)}",
            expected="a connection while its user waits",
            cause=_why_not_connected(talk),
        )
    if typed is not None:
        seen.before(typed).proven()
    return failed(
        "it sat at its prompt without a connection, and connected only when its user had typed",
        expected="a connection while its user waits",
        cause="prompts-first",
        breaks_baseline=False,
    )


def _now(talk: Talk) -> str:
    """What the client does now; or how it ended, and what it printed last."""
    return f"{how_it_ended(talk.status)}{saying(talk)}" if talk.has_ended else f"is {talk.doing}"


def _why_not_connected(talk: Talk) -> str:
    """The cause that fits how the client ended and what it printed."""
    said = talk.shown().lower()
    asked = bool(said.strip()) and talk.typed is not None
    if _NO_SOCKET in said or (asked and (not talk.has_ended or _is_broken_pipe(talk))):
        return "goes-on-unconnected"
    if is_killed(talk.status):
        return ""
    if b"usage" in said and talk.has_ended:
        return "wants-other-arguments"
    return "never-connects" if not said.strip() or _CONNECT.search(said) else ""


def _is_broken_pipe(talk: Talk) -> bool:
    """Whether it ended as write() on a socket without a connection ends a program (send(2), EPIPE)."""
    status = talk.status
    return status is not None and os.WIFSIGNALED(status) and os.WTERMSIG(status) == SIGPIPE


@requirement(
    SENDS,
    scenario=conversation,
    slide="7",
    tier="lecture",
    says="The client sends the line that was typed, once and complete.",
    why="The server sees bytes and nothing else: a NUL too many, or a line cut short, is another "
    "message.",
    by_hand="`nc -l 54321 | od -c` in one window, `./tcpclient localhost 54321` in another: type a "
    "sentence of several words there; od shows each byte when nc has ended",
    needs=("client/connects-first",),
)
def it_sends_the_line_once(seen: Recording) -> Verdict:
    talk = talks(seen)[0]
    if talk.unasked or (talk.typed is None and talk.has_ended):
        talk.at_the_end.proven()
        now = "" if talk.typed is not None else f"; then it {_now(talk)}"
        return failed(
            f"it sent {words(talk.unasked)} before its user had typed anything{now}",
            expected=f"{spell(seen.contract.line(LINE))}, as it was typed",
            cause="sends-own-words" if talk.unasked else "",
        )
    if talk.typed is None:
        raise Missing("nobody had typed yet")
    connections = len(talk.all(Connected))
    line = seen.contract.line(LINE)
    if connections > 1:
        return failed(
            f"it made {connections} connections for one line",
            expected="one connection",
            cause="many-connections",
            connections=connections,
        )
    sent = talk.sent
    if sent in {line, LINE}:
        return passed(f"it sent {spell(sent)}, and nothing else")
    at = talk.at_the_end.proven()
    if not sent:
        return failed(
            f"its user has typed, and it sent nothing: it {_now(talk)}",
            expected=f"{spell(line)}, as it was typed",
            cause=_why_still_nothing(seen, at) if at.living else _why_nothing(talk),
        )
    cause = ""
    if sent in {line + b"\0", LINE.rstrip(b"\n") + b"\0"}:
        cause = "sends-nul"
    elif len(sent) > len(line) and sent.startswith(LINE.rstrip(b"\n")) and b"\0" in sent:
        cause = "sends-the-buffer"
    elif sent.rstrip() == LINE.split()[0]:
        cause = "sends-first-word"
    elif line.startswith(sent):
        cause = "sends-no-newline" if sent == line.rstrip(b"\n") else "sends-a-part"
    return failed(
        f"it sent {spell(sent)}",
        expected=f"{spell(line)}, as it was typed",
        cause=cause,
        sent=len(sent),
    )


def _why_still_nothing(seen: Recording, at: Snapshot) -> str:
    """The cause where it lives and has sent nothing, by what it waits for."""
    if at.proof == "spin":
        return ""
    if any(each.at_keyboard is True for each in at.living):
        return "reads-all-input"
    return "line-in-stream" if writes_by_stream(seen.imports) else "sends-nothing"


def _why_nothing(talk: Talk) -> str:
    """The cause where it has ended and sent nothing, by what it printed."""
    said = talk.shown(since=talk.typed or 0).decode(errors="replace")
    if report_of_error(said) and not is_of_memory(said):
        return "error-in-client"
    return "writes-unconnected" if _UNCONNECTED.search(said) else ""


@requirement(
    "client/closes",
    scenario=conversation,
    slide="8",
    tier="lecture",
    says="The client closes its connection.",
    why="Until the client closes, the server keeps a connection, and perhaps a child, for it.",
    by_hand="`nc -l 54321` in one window, `./tcpclient localhost 54321` in another; type a line there, "
    "and one into the first; then: `ss -tnp | grep 54321`: nothing of yours may be listed",
    needs=(SENDS,),
)
def it_closes(seen: Recording) -> Verdict:
    talk = talks(seen)[0]
    if talk.first(Sent, SERVER) is None:
        raise Missing("our server had nobody to answer")
    if talk.first(Fin) is not None or talk.first(Rst) is not None:
        return passed("once it had its reply, its connection ended")
    talk.at_the_end.proven()
    closed = talk.first(HalfClosed, SERVER)
    stays = closed is None
    ours = "by the contract our server stays open" if stays else "our server has closed"
    return failed(
        f"it has its reply, {ours}, its input has ended, and the connection is open: it is {talk.doing}",
        expected="close(), or the end of the program",
        cause="loops-on-eof" if talk.spins_after(closed) else "never-closes",
    )
