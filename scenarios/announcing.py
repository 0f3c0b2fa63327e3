"""Slides 8 and 14: "Server is listening on port 54321". On a terminal, and in a pipe."""

from __future__ import annotations

import re
from typing import Final

from harness.judge.requirement import requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.record.events import Connected, Listens, Printed, Started
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import Stage, scenario

_NAMES_ANOTHER: Final = re.compile(rb"\b(?:[Pp]ort|[Ll]isten\w*)\b.*?(?<!\d)\d+")
_NUMBER: Final = re.compile(r"\d+")
CLIENTS = 3
EXPECTED = "the line that names the port, once, also in a pipe"


@scenario(clients=1)
async def announcing(stage: Stage) -> None:
    """Three clients while the server prints to a terminal, and three while it prints to a pipe."""
    stage.clients.spares_port = True  # no TIME_WAIT: it must start again, with or without SO_REUSEADDR
    await _three_clients(stage, "terminal")
    if await stage.server.restart("pipe"):
        await _three_clients(stage, "pipe")
        await stage.quiet()
        await stage.server.note_output()


async def _three_clients(stage: Stage, output: str) -> None:
    for number in range(1, CLIENTS + 1):
        client = await stage.peer(f"{output}, client {number}")
        await client.ask(b"hello\n")
        await client.leave()


@requirement(
    "contract/announces",
    scenario=announcing,
    slide="8, 14",
    tier="advisory",
    says='"Server is listening on port N" is printed at once and only once, also into a pipe.',
    why="Whoever starts a server waits for this line, and a log file is no terminal.",
    by_hand="`./server | cat`: the line must be there at once, and still be there only once when "
    "a few clients have been served",
)
def the_banner_is_readable_in_a_pipe(seen: Recording) -> Verdict:
    starts = list(seen.every(Started))
    listens = list(seen.every(Listens))
    printed = [event.data for event in seen.every(Printed)]
    if len(listens) < 2 or len(printed) < 2:  # noqa: PLR2004
        raise Missing("the server did not listen a second time")
    ports = {port for port in (starts[0].told, *(each.port for each in listens)) if port is not None}
    names = re.compile(rb"(?<!\d)(?:%s)(?!\d)" % b"|".join(b"%d" % port for port in ports))
    terminal, pipe = _banners(printed[0], names), _banners(printed[-1], names)
    if not pipe and not terminal:
        seen.last().proven()
        other = _banners(printed[0], _NAMES_ANOTHER)
        said = f'; it printed "{other[0]}"' if other else ""
        names_its_own = bool(other) and not _names_a_client(seen, other[0])
        return failed(
            f"no line names the port, neither on a terminal nor in a pipe{said}",
            expected=EXPECTED,
            cause="" if names_its_own else "no-banner",
        )
    if not pipe:
        seen.last().proven()
        return failed(
            f'"{terminal[0]}" stood on a terminal; in a pipe it had not come when {CLIENTS} clients '
            "had been served",
            expected=EXPECTED,
            cause="banner-stuck",
        )
    if len(pipe) > 1:
        on_terminal = "once" if len(terminal) == 1 else f"{len(terminal)} times"
        return failed(
            f'{CLIENTS} clients were served, and "{pipe[0]}" came {len(pipe)} times into a pipe (in '
            f"another run, on a terminal: {on_terminal})",
            expected=EXPECTED,
            cause=_why_so_often(printed[0], terminal, pipe),
            times=len(pipe),
        )
    return passed(f'"{pipe[0]}", once in a pipe')


def _names_a_client(seen: Recording, line: str) -> bool:
    """Whether the number in this line is the port of a client, and not one of the server's."""
    clients = {str(each.port) for each in seen.every(Connected)}
    return not clients.isdisjoint(_NUMBER.findall(line))


def _why_so_often(on_terminal: bytes, terminal: list[str], pipe: list[str]) -> str:
    """Whether each child prints its copy, or the loop a line of its own for each client.

    On a terminal a line of its own is in no buffer when fork() copies it.
    """
    if len(terminal) == 1:
        return "banner-per-child"
    lines = [line.strip() for line in on_terminal.splitlines()]
    are_lines = lines.count(terminal[0].encode()) == len(terminal) if terminal else False
    once_a_client = len(terminal) == len(pipe) and len(pipe) in {CLIENTS, CLIENTS + 1}
    return "banner-in-loop" if are_lines and once_a_client else ""


def _banners(output: bytes, names: re.Pattern[bytes]) -> list[str]:
    """All copies of the first line that names the port; [] where no line does.

    Copies that do not end in a newline stand in one line of the output.
    """
    line = next((each.strip() for each in output.splitlines() if names.search(each)), None)
    if line is None:
        return []
    found = names.search(line)
    start = line[: found.end()] if found else line
    again = line.find(start, len(start))
    banner = line[:again] if again > 0 else line
    return [banner.decode("utf-8", "replace")] * output.count(banner)
