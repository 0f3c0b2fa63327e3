"""Results as people and other systems read them: JSON, JUnit XML, and a terminal of any width."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from harness.engine import catalogue
from harness.engine.bound import Bound
from harness.judge.diagnosis import Diagnosis
from harness.judge.requirement import LEFT_OUT, Tier
from harness.judge.verdict import blocked, failed, inconclusive, not_applicable, passed
from harness.report import output_file, text
from harness.report.formats.badge import as_badge
from harness.report.formats.json import as_json
from harness.report.formats.junit import as_junit
from harness.report.formats.markdown import as_summary
from harness.results.result import Result, decide
from harness.results.rubric import LEVELS, Rubric, level
from tests.recordings import story

if TYPE_CHECKING:
    from pathlib import Path

    from harness.judge.verdict import Verdict

REQUIREMENTS = catalogue.load().requirements
REAPS_NONE = failed(
    "8 of 8 children are zombies, and the server is idle in accept()",
    expected="no zombie left once the server is idle",
    cause="never-reaps",
    zombies=8,
    children=8,
)
BURST = failed(
    "9 of 10 children are zombies: one SIGCHLD was pending for all of them",
    expected="no zombie left once the server is idle again",
    cause="once-per-signal",
)
WIDTHS = pytest.mark.parametrize("width", [60, 80, 200])
HOSTILE = "\x1b[2J\x1b]0;owned\x07\x1b[31mred\r\b\x00"


def a_result(
    verdicts: dict[str, Verdict] | None = None,
    *,
    subject: str = "server.c",
    rubric: Rubric | None = None,
    cell: str = "bubblewrap",
) -> Result:
    """Everything passes but these."""
    decided = {each.id: passed("it did") for each in REQUIREMENTS} | (verdicts or {})
    return Result(
        subject=subject,
        cell=cell,
        refusals=() if cell == "bubblewrap" else ("unshare: Operation not permitted",),
        seed=7,
        requirements=REQUIREMENTS,
        verdicts=decided,
        recordings={"starting": story("starting", subject).starts().over()},
        level=level(REQUIREMENTS, decided),
        diagnosis=Diagnosis("fork", "none", "You fork a child per connection and reap none of them."),
        rubric=rubric or Rubric(),
    )


ALL_KINDS = {
    "reaping/sequential": REAPS_NONE,
    "reaping/burst": BURST,
    "service/closes": inconclusive("the guard ran out"),
    "fork/one-child": not_applicable("no child process is born for a client that has come"),
    "concurrency/people": blocked("concurrency/silent-client"),
}


def printed_at_start(words: str) -> Result:
    """A server that says this and ends at once."""
    recording = story("starting").ends_at_once(1 << 8, words).over()
    return decide(REQUIREMENTS, {"starting": recording}, Rubric())


# JSON


def as_data(*results: Result) -> Any:
    return json.loads(as_json(results))


@pytest.mark.parametrize(
    ("verdicts", "headline"),
    [
        (
            {"contract/listens": inconclusive("it runs")},
            "Level 0 of 3 at least: level 1 could not be told",
        ),
        (
            {
                "service/closes": failed("no end", expected="FIN"),
                "service/reply": inconclusive("the guard ran out"),
            },
            None,
        ),
        ({"fork/one-child": inconclusive("nobody was seen"), "reaping/burst": BURST}, "Level 1 of 3 at"),
        ({"abuse/reset": inconclusive("the guard ran out")}, "Level 3 of 3 reached"),
    ],
)
def test_what_could_not_be_told_lowers_no_level(
    verdicts: dict[str, Verdict], headline: str | None
) -> None:
    result = a_result(verdicts)
    assert result.headline.startswith(headline or f"Level 0 of 3 reached: {LEVELS[0]}")


def in_words(result: Result) -> str:
    """The whole report, each run of blanks as one."""
    return " ".join(text.plain(lambda out: text.show(result, out), 200).split())


def test_the_head_says_what_the_next_level_needs() -> None:
    fails = failed("no", expected="yes")
    many = dict.fromkeys(["concurrency/silent-client", "concurrency/people", "fork/one-child"], fails)
    told = a_result(many | {"reaping/sequential": REAPS_NONE}).headline
    assert told.endswith(
        "level 2 (concurrent) needs concurrency/silent-client, concurrency/people and 1 more"
    )
    assert a_result({"abuse/reset": fails}).headline.endswith(
        f"{LEVELS[3]}; beyond that 1 requirement fails"
    )
    elsewhere = failed("it listens on port 8080", expected="port 54321", port=8080)
    told = a_result({"contract/address": elsewhere}).headline
    assert "reached, but it listens on port 8080, not where its clients look; beyond that 1 " in told
    assert LEVELS[3] not in told
    assert a_result({"abuse/reset": inconclusive("it broke off")}).headline.endswith(LEVELS[3])
    assert a_result({"concurrency/people": blocked("x/y")}).next_level_needs.endswith("needs x/y")


def test_what_does_not_apply_is_not_counted_as_met() -> None:
    head = in_words(a_result(ALL_KINDS))
    assert (
        "requirements that count: 15 passed, 1 does not apply, 1 failed, 1 blocked, 1 could not be told"
        in head
    )


def test_what_many_are_blocked_by_is_told_once() -> None:
    few, many = REQUIREMENTS[1:5], REQUIREMENTS[1:]
    for those, rows in ((few, len(few)), (many, 1)):
        told = in_words(a_result({each.id: blocked("contract/starts") for each in those}))
        assert told.count("not judged: contract/starts fails") == rows + (those is many)
        assert (f"BLOCKED {len(many) - 1} more" in told) is (those is many)


def test_one_mistake_has_one_cause() -> None:
    at = failed("it ran on", expected="an end")
    at = replace(
        at, evidence=replace(at.evidence, where="process 12 was then running in main() at a.c:9")
    )
    again = replace(
        at, evidence=replace(at.evidence, where="process 7 was then running in main() at a.c:9")
    )
    spins = replace(at, evidence=replace(at.evidence, cause="child-spins"))
    told = in_words(
        a_result(
            {
                "reaping/sequential": REAPS_NONE,
                "reaping/promptly": REAPS_NONE,
                "fork/child-exits": spins,
                "stream/silent-goodbye": again,
            }
        )
    )
    assert "because the same cause as reaping/sequential by hand" in told
    assert "because the same cause as fork/child-exits, at the same line by hand" in told
    assert told.count("look at") == 2


@pytest.mark.parametrize(
    ("later", "told"),
    [
        (
            "too many",
            "because the same cause as concurrency/silent-client, with the same last words by hand",
        ),
        ("read: Connection reset", "because not known; the cause of concurrency/silent-client is known"),
        ("", "because not known; the cause of concurrency/silent-client is known"),
    ],
)
def test_two_ends_with_the_same_last_words_have_one_cause(later: str, told: str) -> None:
    def end(said: str) -> str:
        return "the server exited with status 1" + (f', saying "{said}"' if said else "")

    verdicts = {
        "concurrency/silent-client": failed(
            end("too many"), expected="an answer", cause="ends-when-two-come"
        ),
        "stream/fragments": failed(f"after 'he' {end(later)}", expected="'HELLO'"),
    }
    recordings = {
        name: story(name).starts().prints(f"{said}\n").dies(1 << 8).over()
        for name, said in (("silent client", "too many"), ("half line", later))
    }
    assert told in in_words(replace(a_result(verdicts), recordings=recordings))


def test_what_could_not_be_told_is_no_failure() -> None:
    told = in_words(a_result({"abuse/reset": inconclusive("the run broke off")}))
    assert "INCONCLUSIVE abuse/reset could not be told: the run broke off" in told
    assert "no failure nothing is held against your program here: run it again" in told
    beside = in_words(
        a_result(
            {"abuse/reset": inconclusive("it broke off"), "service/reply": failed("no", expected="yes")}
        )
    )
    assert beside.index("FAIL service/reply The") < beside.index("no failure nothing is held")
    assert "but service/reply fails, and that may be the reason" in beside


def test_json_names_subject_cell_level_and_diagnosis() -> None:
    data = as_data(a_result(ALL_KINDS))
    assert (data["subject"], data["cell"], data["level"]) == ("server.c", "bubblewrap", 0)
    assert (data["level_means"], data["level_is_least"]) == ("level 1 could not be told", True)
    assert data["diagnosis"] == "You fork a child per connection and reap none of them."
    assert data["exit_status"] == 1
    assert data["seed"] == 7


def test_json_holds_every_verdict_in_the_catalogues_order() -> None:
    verdicts = as_data(a_result(ALL_KINDS))["verdicts"]
    assert [each["id"] for each in verdicts] == [each.id for each in REQUIREMENTS]
    for each in verdicts:
        assert {"id", "tier", "verdict", "counts", "evidence"} <= each.keys()
        assert each["tier"] in set(Tier)


def verdict_of(identifier: str, result: Result) -> Any:
    return next(each for each in as_data(result)["verdicts"] if each["id"] == identifier)


def test_json_keeps_the_evidence_and_its_numbers() -> None:
    found = verdict_of("reaping/sequential", a_result(ALL_KINDS))
    assert found["verdict"] == "FAIL"
    assert found["evidence"]["observed"] == REAPS_NONE.evidence.observed
    assert found["evidence"]["expected"] == REAPS_NONE.evidence.expected
    assert found["evidence"]["cause"] == "never-reaps"
    assert found["evidence"]["facts"] == {"zombies": 8, "children": 8}


def test_json_names_what_blocked() -> None:
    found = verdict_of("concurrency/people", a_result(ALL_KINDS))
    assert found["verdict"] == "BLOCKED"
    assert found["evidence"]["blocked_by"] == "concurrency/silent-client"


@pytest.mark.parametrize(
    ("rubric", "counts"), [(Rubric(), False), (Rubric(Tier.ROBUST), True), (Rubric(strict=True), True)]
)
def test_json_says_whether_a_failure_counts(rubric: Rubric, counts: bool) -> None:  # noqa: FBT001
    result = a_result({"reaping/burst": BURST}, rubric=rubric)
    assert verdict_of("reaping/burst", result)["verdict"] == "FAIL"
    assert verdict_of("reaping/burst", result)["counts"] is counts
    assert verdict_of("reaping/sequential", result)["counts"] is True
    assert as_data(result)["exit_status"] == int(counts)


def test_json_of_several_subjects_is_a_list() -> None:
    data = as_data(a_result(subject="a.c"), a_result(subject="b.c"))
    assert [each["subject"] for each in data] == ["a.c", "b.c"]


def test_json_keeps_every_character_a_server_printed() -> None:
    data = as_data(printed_at_start("gr\u00fc\u00df\x1b[2J \u2603"))
    assert "gr\u00fc\u00df\x1b[2J \u2603" in data["verdicts"][0]["evidence"]["observed"]


@pytest.mark.parametrize(
    "printed",
    [
        "\x1b[1mBroken pipe (\x1b[1;4mErrno::EPIPE\x1b[m\x1b[1m)\x1b[m",  # Ruby
        "\x1b[38;5;9m\x1b[KBroken pipe\x1b[0m (\x1b[mErrno::EPIPE\x1b[K)",
    ],
)
def test_colours_of_a_terminal_are_left_out(printed: str) -> None:
    evidence = as_data(printed_at_start(printed))["verdicts"][0]["evidence"]
    assert "Broken pipe (Errno::EPIPE)" in evidence["observed"]


# JUnit


def suite_of(result: Result) -> ET.Element:
    suite = ET.fromstring(as_junit([result])).find("testsuite")  # noqa: S314  (our own)
    assert suite is not None
    return suite


def child_of(identifier: str, result: Result) -> ET.Element | None:
    case = suite_of(result).find(f"testcase[@name='{identifier}']")
    assert case is not None
    return next(iter(case), None)


@pytest.mark.parametrize(
    ("identifier", "tag"),
    [
        ("reaping/sequential", "failure"),
        ("reaping/burst", "skipped"),
        ("service/closes", "error"),
        ("fork/one-child", "skipped"),
        ("concurrency/people", "skipped"),
    ],
)
def test_junit_knows_its_own_words_for_ours(identifier: str, tag: str) -> None:
    child = child_of(identifier, a_result(ALL_KINDS))
    assert child is not None
    assert child.tag == tag
    assert ALL_KINDS[identifier].evidence.observed in child.get("message", "")


def test_junit_has_nothing_to_say_of_a_pass() -> None:
    assert child_of("service/reply", a_result(ALL_KINDS)) is None


def test_junit_counts_a_failure_beyond_only_when_asked_to() -> None:
    strict = child_of("reaping/burst", a_result(ALL_KINDS, rubric=Rubric(strict=True)))
    assert strict is not None
    assert strict.tag == "failure"


def test_junit_counts_what_it_lists() -> None:
    suite = suite_of(a_result(ALL_KINDS))
    for counter, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(counter, "")) == len(suite.findall(f"testcase/{tag}"))
    assert int(suite.get("tests", "")) == len(suite.findall("testcase")) == len(REQUIREMENTS)


def test_junit_has_a_suite_for_each_subject() -> None:
    root = ET.fromstring(as_junit([a_result(subject="a.c"), a_result(subject="b.c")]))  # noqa: S314
    assert [suite.get("name") for suite in root] == ["a.c", "b.c"]


@given(st.text())
@settings(deadline=None, max_examples=60)
def test_junit_is_valid_whatever_a_server_prints(words: str) -> None:
    child = child_of("service/reply", a_result({"service/reply": failed(words, expected="a line")}))
    assert child is not None


def test_junit_writes_control_characters_as_escapes() -> None:
    child = child_of("contract/starts", printed_at_start("\x1b[2Jred\x00\x07"))
    assert child is not None
    assert r"\x1b[2Jred\x00\x07" in child.get("message", "")


def test_junit_is_valid_whatever_a_file_is_called() -> None:
    assert suite_of(a_result(subject="my\x01server.c")).get("name")


# Markdown and the badge


def test_a_table_of_what_fails_is_no_markup_of_the_servers() -> None:
    printed = "<img src=x> | [a](b)\n# `x` @all"
    table = as_summary([a_result(ALL_KINDS | {"service/reply": failed(printed, expected="a line")})])
    assert table.startswith("## server.c\n\nLevel 0 of 3")
    row = next(line for line in table.splitlines() if "| service/reply |" in line)
    assert r"\<img src=x\> \| \[a\](b) \# \`x\`" in row
    words = [line.split(" ")[1] for line in table.splitlines() if line.startswith(("| F", "| B", "| I"))]
    assert words == ["FAIL", "FAIL", "BEYOND", "INCONCLUSIVE"]


@pytest.mark.parametrize(
    ("results", "message", "colour"),
    [
        ([a_result()], "level 4 of 4", "brightgreen"),
        ([a_result({"reaping/burst": BURST})], "level 3 of 3", "brightgreen"),
        ([a_result(), a_result({"reaping/sequential": REAPS_NONE})], "level 2 of 3", "orange"),
        (
            [a_result({"service/reply": failed("none", expected="one"), "reaping/burst": BURST})],
            "level 0 of 3",
            "red",
        ),
        (
            [a_result({"contract/listens": inconclusive("it runs")})],
            "level at least 0 of 3",
            "lightgrey",
        ),
        ([replace(a_result(), level=None)], "all that counts is met", "brightgreen"),
        (
            [replace(a_result({"reaping/sequential": REAPS_NONE}), level=None), a_result()],
            "fails",
            "red",
        ),
    ],
)
def test_a_badge_tells_the_lowest_level(results: list[Result], message: str, colour: str) -> None:
    badge = json.loads(as_badge(results))
    assert (badge["schemaVersion"], badge["label"]) == (1, "forkspec")
    assert (badge["message"], badge["color"]) == (message, colour)


# Files


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_text("an older and much longer result")
    output_file.write(file, "new")
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reads = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        output_file.write(pipe, "new")
        assert (pipe.is_fifo(), os.read(reads, 9)) == (True, b"new")
    finally:
        os.close(reads)


def test_what_stands_for_an_open_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, link = tmp_path / "report.txt", tmp_path / "stdout"
    file.write_text("printed before\n")
    link.symlink_to(file)
    monkeypatch.setattr(output_file, "_DEVICES", tmp_path)
    output_file.write(link, "new")
    assert (link.is_symlink(), file.read_text()) == (True, "printed before\nnew")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(output_file.UnwritableFile, match=r"nowhere/result\.json"):
        output_file.write(tmp_path / "nowhere" / "result.json", "new")


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "result.json"
    folder.mkdir()
    with pytest.raises(output_file.UnwritableFile, match=r"result\.json"):
        output_file.write(folder, "new")
    assert list(tmp_path.iterdir()) == [folder]


# The terminal


def shown(result: Result, width: int = 200, *, terminal: bool = False) -> str:
    out = io.StringIO()
    text.show(result, Console(file=out, width=width, highlight=False, force_terminal=terminal))
    return out.getvalue()


def words_of(page: str) -> str:
    """The page as one line, however it was broken."""
    return " ".join(page.split())


@WIDTHS
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    page = shown(a_result(ALL_KINDS), width)
    assert max(map(cell_len, page.splitlines())) <= width


@WIDTHS
def test_a_word_without_end_is_broken(width: int) -> None:
    page = shown(a_result({"service/reply": failed("x" * 3000, expected="y" * 300)}), width)
    assert max(map(cell_len, page.splitlines())) <= width
    assert page.count("x") >= 3000


@WIDTHS
def test_wide_characters_count_twice(width: int) -> None:
    page = shown(a_result({"service/reply": failed("\u6f22" * 200, expected="a line")}), width)
    assert max(map(cell_len, page.splitlines())) <= width


@WIDTHS
def test_the_page_says_what_is_needed_at_any_width(width: int) -> None:
    page = words_of(shown(a_result(ALL_KINDS), width))
    assert "server.c Level 0 of 3 at least: level 1 could not be told" in page
    assert "You fork a child per connection and reap none of them." in page
    for requirement in REQUIREMENTS:
        assert requirement.id in page
    for words in ("PASS", "FAIL", "BEYOND", "INCONCLUSIVE", "n/a", "BLOCKED"):
        assert words in page
    for words in ("expected", "observed", "because", "look at", "by hand", "again"):
        assert words in page
    assert "seed: 7" in page
    assert "cell: bubblewrap" in page


def test_a_failure_is_explained_in_full() -> None:
    page = shown(a_result({"reaping/sequential": REAPS_NONE}))
    assert REAPS_NONE.evidence.observed in page
    assert REAPS_NONE.evidence.expected in page
    assert "your parent has no handler for SIGCHLD and waits for none of its children" in page
    assert "slide 15, 16" in page
    assert "forkspec check server.c --only reaping/sequential" in page


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (LEFT_OUT, "the command below judges it alone"),
        (Bound(120).says, "the command below judges it alone"),
        (
            "a client waited: this machine may have been it",
            "run it again when this machine has less to do",
        ),
        ("it broke off", "run it again, for a busy machine may be the reason"),
    ],
)
def test_what_could_not_be_told_says_what_to_do(why: str, told: str) -> None:
    assert told in in_words(a_result({"concurrency/latency": inconclusive(why)}))


def test_what_does_not_count_says_what_it_keeps_from_counting() -> None:
    elsewhere = failed("it listens on ::1", expected="127.0.0.1")
    page = in_words(
        a_result({"contract/address": elsewhere, "concurrency/people": blocked("contract/address")})
    )
    assert "But concurrency/people, which counts, cannot be judged until this is mended" in page


def test_where_nothing_counts_only_what_lies_beyond_is_counted() -> None:
    burst = catalogue.load().find("reaping/burst")
    page = shown(replace(a_result({"reaping/burst": BURST}), requirements=(burst,)))
    assert "\n1 beyond the lecture: 1 failed (not counted here" in page


def test_a_star_marks_what_counts_where_not_everything_does() -> None:
    lines = shown(a_result(), width=200).splitlines()
    ids = [line.split()[1] for line in lines if line.startswith("PASS") and " * " in line]
    assert ids == [each.id for each in REQUIREMENTS if Rubric().counts(each)]
    assert " * " not in shown(a_result(rubric=Rubric(strict=True)), width=200)


def test_what_lies_beyond_is_not_the_students_fault() -> None:
    page = shown(a_result({"reaping/burst": BURST}))
    assert "this fails, but does not count: the lecture's slide does the same" in page
    assert "FAIL" not in page


def test_what_counts_is_explained_first() -> None:
    page = shown(a_result({"reaping/sequential": REAPS_NONE, "reaping/burst": BURST}))
    assert page.index(REAPS_NONE.evidence.observed) < page.index(BURST.evidence.observed)


def test_a_lesser_cell_says_why() -> None:
    page = words_of(shown(a_result(cell="plain"), 80))
    assert "cell: plain" in page
    assert "unshare: Operation not permitted" in page


def test_markup_is_shown_as_it_was_printed() -> None:
    page = shown(printed_at_start("[red]boom[/red] [link=http://x]y[/link] [/]\n"))
    assert "[red]boom[/red] [link=http://x]y[/link] [/]" in page


def test_a_subjects_name_is_not_markup() -> None:
    page = shown(a_result({"reaping/sequential": REAPS_NONE}, subject="[red]server[/red].c"))
    assert "forkspec check '[red]server[/red].c'" in page


@pytest.mark.parametrize("terminal", [False, True])
def test_a_server_cannot_write_to_the_terminal(terminal: bool) -> None:  # noqa: FBT001
    page = shown(printed_at_start(HOSTILE), terminal=terminal)
    assert "\x1b[2J" not in page
    assert "\x1b]0;" not in page
    assert "\x1b[31m" not in page
    assert "\x07" not in page
    assert r"\x1b[2J" in page


def test_the_matrix_puts_subjects_side_by_side() -> None:
    out = io.StringIO()
    results = [a_result(subject="a.c"), a_result({"reaping/burst": BURST}, subject="b.c")]
    console = Console(file=out, width=100)
    console.print(text.matrix(results, console))
    lines = [line.split() for line in out.getvalue().splitlines()]
    assert ["a", "b"] in lines
    assert ["reaping/burst", "PASS", "BEYOND"] in lines
    assert ["level", "4", "3"] in lines


def test_a_narrow_matrix_numbers_its_subjects_and_cuts_nothing() -> None:
    out = io.StringIO()
    results = [a_result({"reaping/burst": BURST}, subject=f"tcpserver{n}.c") for n in ("", 2, 3, 4)]
    console = Console(file=out, width=60)
    console.print(text.matrix(results, console))
    lines = out.getvalue().splitlines()
    assert lines[0] == "1 tcpserver, 2 tcpserver2, 3 tcpserver3, 4 tcpserver4"
    assert lines[2].split() == ["1", "2", "3", "4"]
    assert not any("\N{HORIZONTAL ELLIPSIS}" in line for line in lines)


def test_runs_that_agree_say_so() -> None:
    assert "every verdict the same" in text.steadiness([a_result(), a_result()])


def test_runs_that_differ_are_told_apart() -> None:
    told = text.steadiness([a_result(), a_result({"reaping/burst": BURST}), a_result()])
    assert "reaping/burst: 2 PASS, 1 FAIL" in told
