"""The space-time sketch in the terminal: staircase, comb and tail, within width and encoding."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as changed
from rich.console import Console

from harness.engine import catalogue
from harness.record import recording_line
from harness.record.events import Born, Connected
from harness.record.recording import Recording
from harness.record.visits import Visit
from harness.report import text
from harness.report.sketch import _ASCII, sketch
from harness.report.sketch_drawing import _SIGN
from harness.results.result import decide
from harness.results.rubric import Rubric
from tests.command import run_here
from tests.recordings import SERVER, story


def iterative() -> Recording:
    told = story("silent client").starts().connects("silent").accepts("silent").quiet()
    told.connects("quick").quiet().asks("quick", b"hello\n").quiet()
    told.asks("silent").answers("silent").closes("silent").answers("quick").closes("quick")
    return told.sleeps("accept").quiet().leaves("silent", "quick").quiet().over()


def leaving_zombies(children: int) -> Recording:
    told = story("one after another").starts()
    for number in range(1, children + 1):
        told.serves(f"client {number}", reaped=False)
    return told.over()


def without_legend(lines: list[str]) -> int:
    """How many lines stand above it."""
    return next(n for n, line in enumerate(lines) if line.startswith("in order"))


def drawn(recording: Recording, requirement: str, width: int = 100) -> str:
    found = sketch(recording, requirement, width)
    assert found is not None
    return found.plain


def test_an_iterative_servers_staircase() -> None:
    assert drawn(iterative(), "concurrency/silent-client", 80).splitlines() == [
        "silent   ├──────────────↵▒▒▒▒✓────┤",
        "quick         ├┄┄┄┄↵▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒✓────┤",
        "server   ━━ silent ━━━━━━━━━━━━━━━┃━ quick ━──────",
        "in order, not to scale: ▒ waits  ↵ asks  ✓ reply  ┄ not accepted",
        "    ━ holds a connection  ┃ the next client  ├ connects  ┤ ends",
        "    ─ silent, or without a connection",
    ]


def workers(count: int) -> Recording:
    """Workers that were born beforehand take a silent client each; the next client waits."""
    told = story("silent few").starts(workers=count).sleeps("wait4")
    for number in range(1, count + 1):
        told.connects(f"silent {number}").accepts(f"silent {number}", by=SERVER + number).quiet()
    told.connects("quick").quiet().asks("quick").quiet()
    for number in range(1, count + 1):
        told.asks(f"silent {number}").answers(f"silent {number}").closes(f"silent {number}")
    return told.answers("quick").closes("quick").quiet().over()


def test_children_that_are_left_out_are_counted_where_they_are() -> None:
    lines = drawn(workers(4), "concurrency/silent-few").splitlines()
    assert lines[2] == "... and 2 more clients"
    assert lines[5].startswith("child 1")
    assert lines[6] == "... and 3 more children"
    assert without_legend(lines) == 7


def test_reaped_children_before_the_first_zombie_are_counted_before_it() -> None:
    told = story("one after another").starts()
    for number in range(1, 13):
        told.serves(f"client {number}", reaped=number < 6)
    lines = drawn(told.over(), "reaping/sequential").splitlines()
    assert [line[:7] for line in lines[:3]] == ["server ", "... and", "child 5"]
    assert lines[1] == "... and 4 more children"
    assert lines[6] == "... and 4 more children"
    assert without_legend(lines) == 7


def test_only_names_are_dim() -> None:
    found = sketch(iterative(), "concurrency/silent-client", 80)
    assert found is not None
    assert found.style == ""
    starts = {span.start for span in found.spans if str(span.style) == "yellow"}
    assert starts
    assert not any(
        str(span.style) == "dim" and span.start <= at < span.end for at in starts for span in found.spans
    )


def test_causes_come_before_effects() -> None:
    """The stamps of harness and keeper are late: the child's was seen before the client's connecting."""
    told = story("silent client").starts().connects("silent").forks("silent").quiet()
    told.asks("silent").answers("silent").closes("silent").exits("silent").quiet()
    recording = told.over()
    at = {type(event): n for n, event in enumerate(recording.events)}
    events = list(recording.events)
    connected, born = at[Connected], at[Born]
    events[connected] = changed(events[connected], at_ns=events[born].at_ns + 1000)
    line = drawn(replace(recording, events=tuple(events)), "concurrency/silent-client").splitlines()
    assert line[0].index("├") < line[1].index("┬") == line[2].index("└") < line[0].index("✓")


def test_zombies_have_tails_and_the_cut_is_marked() -> None:
    lines = drawn(leaving_zombies(9), "reaping/sequential").splitlines()
    assert without_legend(lines) == 7
    assert lines[0].startswith("server   ")
    assert lines[0].count("┬") == 5
    assert all(line.endswith("zzz") for line in lines[1:6])
    assert len({len(line) for line in lines[1:6]}) == 1
    assert lines[6] == "... and 4 more children"
    assert "z zombie" in lines[7]
    told = " ".join(lines[7:])
    assert all(f"{sign} " in told for sign in "z━─┬└x")  # every sign that is drawn is explained


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_it_is_never_wider_than_it_may_be(width: int) -> None:
    for recording, identifier in (
        (iterative(), "concurrency/silent-client"),
        (leaving_zombies(9), "reaping/sequential"),
    ):
        lines = drawn(recording, identifier, width).splitlines()
        assert max(map(len, lines)) <= width
        assert without_legend(lines) <= 7


def test_there_is_none_without_room_or_need() -> None:
    assert sketch(iterative(), "concurrency/silent-client", 20) is None
    assert sketch(iterative(), "service/reply", 100) is None
    crowd = story("latency").starts().crowds("crowd", [Visit(b"a\n", 1, 1, 1, 1, 1, b"A\n")]).over()
    assert sketch(crowd, "concurrency/latency", 100) is None
    broken = story("silent client").does_not_compile("error: no").over()
    assert sketch(broken, "concurrency/silent-client", 100) is None


def test_in_ascii_it_is_ascii() -> None:
    for recording in (iterative(), leaving_zombies(3)):
        found = sketch(recording, "reaping/sequential", 100, ascii_only=True)
        assert found is not None
        assert found.plain.isascii()


@pytest.mark.parametrize(("encoding", "sign"), [("utf-8", "▒"), ("ascii", "~"), ("latin-1", "~")])
def test_a_report_is_written_in_what_the_terminal_can_show(encoding: str, sign: str) -> None:
    requirement = catalogue.load().find("concurrency/silent-client")
    result = decide([requirement], {"silent client": iterative()}, Rubric(), only=[requirement.id])
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding)
    text.show(result, Console(file=out, width=90, highlight=False))
    out.flush()
    assert sign in raw.getvalue().decode(encoding)


def test_without_colours_there_are_none() -> None:
    for environ, is_terminal in (({"NO_COLOR": "1"}, True), ({}, False)):
        out = io.StringIO()
        console = Console(file=out, width=90, force_terminal=is_terminal or None, _environ=environ)
        console.print(sketch(leaving_zombies(3), "reaping/sequential", 80))
        assert "\x1b[3" not in out.getvalue()
        assert "zzz" in out.getvalue()


def test_a_terminal_without_utf_8_gets_signs_it_can_show(tmp_path: Path) -> None:
    kept = tmp_path / "seen.rec"
    kept.write_text(recording_line.to_line(replace(iterative(), subject="sérver.c")))
    done = run_here("judge", kept, "--only", "concurrency/silent-client", encoding="ascii")
    assert (done.returncode, done.stderr) == (1, "")
    assert "s?rver.c" in done.stdout
    assert "quick         |::::>~~~" in done.stdout


def test_no_sign_stands_for_two_things() -> None:
    """Who was refused, and who was reset; who has exited, and who was killed."""
    signs = [sign for sign, _, meaning in _SIGN.values() if meaning != "ends"]
    assert len(signs) == len(set(signs))
    assert set("".join(signs)) <= _ASCII.keys() | set("x") | set(map(chr, _ASCII))


def test_the_children_of_the_last_burst_are_shown() -> None:
    told = story("burst").starts()
    for size in (3, 9):
        names = [f"of {size}, client {n}" for n in range(1, size + 1)]
        for name in names:
            told.connects(name).forks(name)
        told.quiet().freezes()
        for name in names:
            told.asks(name).answers(name).closes(name).exits(name)
        told.leaves(*names).thaws().quiet()
    lines = drawn(told.over(), "reaping/burst").splitlines()
    assert any(line.startswith("child 4") for line in lines)
    assert lines[1] == "... and 2 more children"
