"""This week's result against last week's: what got worse, what moved, and what is only noise."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from harness.engine import catalogue
from harness.judge.verdict import Outcome
from harness.record import recording_line
from harness.report import changes
from harness.report.formats.json import as_json
from harness.results.comparison import Change, Trend, change, compare, exit_status, moved_facts
from harness.results.result import decide
from harness.results.rubric import Rubric
from harness.results.stored import Incomparable, stored_results
from tests.command import run_here
from tests.recordings import story

ID: Final = "reaping/sequential"
OTHER: Final = "service/reply"


def a_verdict(
    outcome: str = "PASS",
    observed: str = "it did",
    *,
    identifier: str = ID,
    cause: str = "",
    counts: bool = True,
    **facts: Any,
) -> dict[str, Any]:
    evidence = {"says": "A child is reaped.", "observed": observed, "cause": cause, "facts": facts}
    return {"id": identifier, "verdict": outcome, "counts": counts, "evidence": evidence}


def a_result(*verdicts: dict[str, Any], subject: str = "server.c", **other: Any) -> dict[str, Any]:
    found = list(verdicts) or [a_verdict()]
    head = {"forkspec": "0.1.0", "cell": "bubblewrap", "level": 3, "diagnosis": "You fork."}
    return head | {"subject": subject, "verdicts": found} | other


def told(old: dict[str, Any], new: dict[str, Any], *, strict: bool = False) -> Change:
    """One verdict, then and now."""
    (compared,) = compare(stored_results(a_result(old)), stored_results(a_result(new)), strict=strict)
    (found,) = compared.changes
    return found


def status(old: Any, new: Any, *, strict: bool = False) -> int:
    return exit_status(compare(stored_results(old), stored_results(new), strict=strict))


# Verdicts

TABLE: Final = """
                PASS      NOT_APPLICABLE  INCONCLUSIVE  BLOCKED   FAIL
PASS            as_before moved           not_told      worse     worse
NOT_APPLICABLE  moved     as_before       not_told      worse     worse
INCONCLUSIVE    now_told  now_told        as_before     now_told  now_told
BLOCKED         better    better          not_told      as_before moved
FAIL            better    better          not_told      moved     as_before
"""


def transitions() -> list[Any]:
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    return [
        pytest.param(old, new, Trend(word.replace("_", " ")), id=f"{old}-{new}")
        for old, *words in rows
        for new, word in zip(head, words, strict=True)
    ]


@pytest.mark.parametrize(("old", "new", "trend"), transitions())
def test_what_becomes_of_a_verdict(old: str, new: str, trend: Trend) -> None:
    assert told(a_verdict(old), a_verdict(new)).trend is trend
    worse = int(trend is Trend.WORSE)
    assert status(a_result(a_verdict(old)), a_result(a_verdict(new))) == worse


def test_the_table_knows_every_verdict() -> None:
    assert {case.values[0] for case in transitions()} == set(Outcome)


def test_what_lies_beyond_sets_no_status() -> None:
    old, new = a_verdict("PASS"), a_verdict("FAIL", counts=False)
    assert told(old, new).word == "worse beyond"
    assert status(a_result(old), a_result(new)) == 0


def test_the_newer_result_says_what_counts() -> None:
    assert status(a_result(a_verdict(counts=False)), a_result(a_verdict("FAIL"))) == 1


def test_strict_counts_everything() -> None:
    old, new = a_verdict("PASS"), a_verdict("FAIL", counts=False)
    assert told(old, new, strict=True).word == "worse"
    assert status(a_result(old), a_result(new), strict=True) == 1


@pytest.mark.parametrize(
    ("old", "new", "is_old"),
    [
        ("FAIL", "FAIL", True),
        ("BLOCKED", "FAIL", True),
        ("INCONCLUSIVE", "FAIL", False),
        ("PASS", "FAIL", False),
        ("FAIL", "PASS", False),
        ("FAIL", "BLOCKED", False),
    ],
)
def test_an_old_failure(old: str, new: str, is_old: bool) -> None:  # noqa: FBT001
    assert told(a_verdict(old), a_verdict(new)).is_old_failure is is_old


# Evidence

ZOMBIES: Final = a_verdict("FAIL", "8 of 8 are zombies", cause="never-reaps", zombies=8, children=8)


@pytest.mark.parametrize(
    "new",
    [
        a_verdict("FAIL", "8 of 8 are zombies", cause="reaps-first-only", zombies=8, children=8),
        a_verdict("FAIL", "7 of 8 are zombies", cause="never-reaps", zombies=7, children=8),
        a_verdict("FAIL", "9 of 9 are zombies", cause="never-reaps", zombies=9, children=9),
        a_verdict("FAIL", "8 of 8 are zombies", cause="never-reaps", zombies=8),
        a_verdict("FAIL", "8 of 8 stay zombies", cause="never-reaps", zombies=8, children=8),
    ],
    ids=["cause", "fewer", "more", "a number gone", "words"],
)
def test_a_failure_with_other_evidence_has_moved_and_is_no_worse(new: dict[str, Any]) -> None:
    assert told(ZOMBIES, new).trend is Trend.MOVED
    assert status(a_result(ZOMBIES), a_result(new)) == 0


def test_a_pass_can_move_too() -> None:
    assert told(a_verdict(zombies=0), a_verdict(zombies=1)).trend is Trend.MOVED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("held by process 16011, in accept()", "held by process 731, in accept()"),
        ("median 0.5 ms, worst 3.4 ms (seed 9914)", "median 12 ms, worst 103.4 ms (seed 7)"),
        ("it died at 0x7ffd01ab", "it died at 0x55D0"),
        ("what listens is /home/student/server-1.2", "what listens is /home/student/server"),
    ],
)
def test_what_differs_in_every_run_is_no_change(old: str, new: str) -> None:
    assert told(a_verdict("FAIL", old), a_verdict("FAIL", new)).trend is Trend.SAME


def test_measured_times_are_no_evidence() -> None:
    old = stored_results(a_result(a_verdict(latency_ns=[5, 6], waited_s=1.5, served=3)))[0]
    new = stored_results(a_result(a_verdict(latency_ns=[7], waited_s=2.5, served=4)))[0]
    assert moved_facts(old.verdicts[ID], new.verdicts[ID]) == {"served": (3, 4)}


@given(st.lists(st.tuples(st.sampled_from(list(Outcome)), st.text(), st.booleans()), min_size=1))
def test_a_result_is_no_change_from_itself(kinds: list[tuple[Outcome, str, bool]]) -> None:
    verdicts = [
        a_verdict(outcome.value, words, identifier=f"reaping/{number}", counts=counts)
        for number, (outcome, words, counts) in enumerate(kinds)
    ]
    stored = stored_results(json.loads(json.dumps(a_result(*verdicts))))
    (compared,) = compare(stored, stored, strict=True)
    assert {each.trend for each in compared.changes} == {Trend.SAME}


def test_it_reads_what_check_writes() -> None:
    requirements = catalogue.load().requirements
    broken = story("starting").ends_at_once(1 << 8, "usage: server PORT\n").over()
    result = decide(requirements, {"starting": broken}, Rubric())
    (stored,) = stored_results(json.loads(as_json([result])))
    assert {each.id: each.outcome for each in stored.verdicts.values()} == {
        identifier: verdict.outcome for identifier, verdict in result.verdicts.items()
    }
    assert (stored.subject, stored.cell, stored.level) == (result.subject, result.cell, result.level)


# What belongs together


def test_subjects_are_matched_by_name() -> None:
    a, b = a_result(subject="a.c"), a_result(a_verdict("FAIL"), subject="b.c")
    found = compare(stored_results([a, b]), stored_results([b, a]))
    assert [each.new.subject for each in found] == ["b.c", "a.c"]
    assert {change.trend for each in found for change in each.changes} == {Trend.SAME}


def test_runs_of_one_subject_are_matched_by_order() -> None:
    old = [a_result(), a_result(a_verdict("FAIL"))]
    new = [a_result(), a_result(a_verdict("PASS"))]
    found = compare(stored_results(old), stored_results(new))
    assert [(each.run, each.changes[0].trend) for each in found] == [
        (1, Trend.SAME),
        (2, Trend.BETTER),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ([a_result()], [a_result(subject="b.c")], "only the old one has 'server.c'"),
        ([a_result()], [a_result(), a_result(subject="b.c")], "only the new one has 'b.c'"),
        ([a_result()] * 2, [a_result()] * 3, "stands 2 times in the old one and 3 times in the new"),
        ([a_result()], [a_result(a_verdict(identifier=OTHER))], "no requirement is in both"),
        ([a_result()], [a_result(subject=f"{n}.c") for n in range(9)], "and 6 more"),
    ],
    ids=["another", "one more", "other runs", "nothing in common", "many"],
)
def test_what_does_not_belong_together_is_told(old: Any, new: Any, said: str) -> None:
    with pytest.raises(Incomparable, match=re.escape(said)):
        compare(stored_results(old), stored_results(new))


def test_a_requirement_of_one_side_is_new_or_gone_and_no_error() -> None:
    both = a_verdict(identifier=OTHER)
    (found,) = compare(
        stored_results(a_result(a_verdict(identifier="reaping/old"), both)),
        stored_results(a_result(a_verdict("FAIL", identifier="reaping/new"), both)),
    )
    trends = {each.id: each.trend for each in found.changes}
    assert trends == {"reaping/new": Trend.NEW, OTHER: Trend.SAME, "reaping/old": Trend.GONE}
    assert exit_status([found]) == 0


def test_no_verdict_is_no_change() -> None:
    with pytest.raises(ValueError, match="no verdict"):
        change(None, None)


# In the terminal


def shown(old: Any, new: Any, width: int = 200) -> str:
    out = io.StringIO()
    found = compare(stored_results(old), stored_results(new))
    changes.show(found, Console(file=out, width=width, highlight=False))
    return out.getvalue()


def test_a_change_shows_its_old_and_its_new_sentence() -> None:
    page = shown(a_result(a_verdict("PASS", "8 of 8 reaped")), a_result(ZOMBIES))
    assert "server.c   1 got worse, 0 better, 0 moved" in page
    assert f"{ID}   PASS -> FAIL" in page
    assert re.search(r"was +8 of 8 reaped", page)
    assert re.search(r"is +8 of 8 are zombies", page)
    assert re.search(
        r"because +your parent has no handler for SIGCHLD and waits for none of its children", page
    )


def test_moved_evidence_names_its_numbers() -> None:
    page = shown(a_result(a_verdict("FAIL", zombies=8)), a_result(a_verdict("FAIL", zombies=9)))
    assert "0 got worse, 0 better, 1 moved" in page
    assert "zombies 8 -> 9" in page


def test_level_and_diagnosis_have_a_line_each() -> None:
    page = shown(a_result(), a_result(level=2, diagnosis="You serve one."))
    assert re.search(r"^ *level +3 -> 2 *$", page, re.MULTILINE)
    assert re.search(r"^ *diagnosis +You fork\. -> You serve one\. *$", page, re.MULTILINE)


def test_the_cell_and_the_version_are_named_where_they_differ() -> None:
    page = shown(a_result(), a_result(cell="plain", forkspec="0.2.0"))
    assert "bubblewrap -> plain" in page
    assert "0.1.0 -> 0.2.0" in page
    assert "bubblewrap" not in shown(a_result(), a_result())


def test_of_a_selection_no_level_is_compared() -> None:
    page = shown(a_result(), a_result(level=None, diagnosis="You serve one."))
    assert "a selection was judged" in page
    assert "You serve one." not in page


def test_what_counts_and_got_worse_stands_first() -> None:
    ids = ["better", "beyond", "moved", "worse"]
    then = {"better": "FAIL", "beyond": "PASS", "moved": "PASS", "worse": "PASS"}
    now = {"better": "PASS", "beyond": "FAIL", "moved": "NOT_APPLICABLE", "worse": "FAIL"}
    page = shown(
        a_result(*(a_verdict(then[i], identifier=f"x/{i}") for i in ids)),
        a_result(*(a_verdict(now[i], identifier=f"x/{i}", counts=i != "beyond") for i in ids)),
    )
    assert re.findall(r"x/\w+", page) == ["x/worse", "x/beyond", "x/moved", "x/better"]
    assert "1 got worse, 1 better, 1 moved, 1 worse beyond" in page
    assert page.count("it does not count") == 1


def test_runs_are_told_apart() -> None:
    page = shown([a_result()] * 2, [a_result()] * 2)
    assert "server.c, run 2" in page
    assert "together: 0 got worse" in page


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    new = a_result(a_verdict("FAIL", "x" * 900 + "\x1b[2J"), level=0, diagnosis="y" * 300)
    page = shown(a_result(), new, width)
    assert max(map(cell_len, page.splitlines())) <= width
    assert "\x1b" not in page


# The command


def write(folder: Path, name: str, data: Any) -> str:
    (folder / name).write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    return name


def forkspec(folder: Path, *words: str) -> tuple[int, str, str]:
    """Exit status, output and errors of the command line."""
    done = run_here(*words, cwd=folder)
    return done.returncode, done.stdout, done.stderr


def test_the_command_says_worse_by_its_status(tmp_path: Path) -> None:
    good = write(tmp_path, "good.json", a_result(a_verdict("PASS", "all reaped")))
    bad = write(tmp_path, "bad.json", a_result(ZOMBIES))
    worse, page, err = forkspec(tmp_path, "compare", good, bad)
    assert (worse, err) == (1, "")
    assert "PASS -> FAIL" in page
    better, page, err = forkspec(tmp_path, "compare", bad, good)
    assert (better, err) == (0, "")
    assert "FAIL -> PASS" in page


def test_the_command_can_count_what_lies_beyond(tmp_path: Path) -> None:
    good = write(tmp_path, "good.json", a_result())
    bad = write(tmp_path, "bad.json", a_result(a_verdict("FAIL", counts=False)))
    assert forkspec(tmp_path, "compare", good, bad)[0] == 0
    assert forkspec(tmp_path, "compare", good, bad, "--strict")[0] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory"),
        ("", "not JSON"),
        ("hello", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("\udcff", "not JSON"),
        ("{}", "not a forkspec result (no 'verdicts'"),
        ("[]", "not a forkspec result"),
        ("[[]]", "not a forkspec result"),
        ("3", "not a forkspec result"),
        (recording_line.to_line(story("starting").starts().over()), "not a forkspec result"),
        (a_result(a_verdict("GOOD")), "a verdict 'GOOD'"),
        (a_result(level="high"), "no 'level'"),
        (a_result({"id": ID, "verdict": "PASS"}), "no 'evidence'"),
        (a_result(subject="other.c"), "not the same subjects"),
    ],
    ids=[
        "no file",
        "empty",
        "words",
        "deep",
        "not utf-8",
        "an object",
        "a list",
        "lists",
        "a number",
        "a recording",
        "a strange verdict",
        "a strange level",
        "no evidence",
        "another subject",
    ],
)
def test_a_file_that_will_not_do_is_told_in_a_sentence(tmp_path: Path, content: Any, said: str) -> None:
    good = write(tmp_path, "good.json", a_result())
    if isinstance(content, str):
        (tmp_path / "week3.json").write_text(content, "utf-8", "surrogateescape")
    elif content is not None:
        write(tmp_path, "week3.json", content)
    for words in ([good, "week3.json"], ["week3.json", good]):
        done, page, err = forkspec(tmp_path, "compare", *words)
        assert (done, page) == (3, "")
        assert len(err.splitlines()) == 1
        assert err.startswith("forkspec: ")
        assert "week3.json" in err
        assert said in err


def test_results_of_different_assignments_are_not_compared(tmp_path: Path) -> None:
    good = write(tmp_path, "good.json", a_result(judged_by="Judged by the lecture's contract."))
    other = write(tmp_path, "other.json", a_result(judged_by="Judged by the contract of week3.toml."))
    done, page, err = forkspec(tmp_path, "compare", good, other)
    assert (done, page) == (3, "")
    assert "different assignments" in err
    assert len(err.splitlines()) == 1


CANNOT_TELL: Final = 125


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("good.json", "tcpserver4", "good.json is a stored result, and tcpserver4 a server"),
        ("tcpserver4", "good.json", "good.json is a stored result, and tcpserver4 a server"),
        ("threading_tcpserver.py", "no-such-server.c", "no-such-server.c"),
        ("no-such-server.c", "tcpserver4", "no-such-server.c"),
        (".", ".", "nothing to run in this folder"),
    ],
)
def test_what_are_not_two_servers_is_told_in_a_sentence(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """No bisection may take it for a regression."""
    write(tmp_path, "good.json", a_result())
    done, page, err = forkspec(tmp_path, "compare", old, new)
    assert (done, page) == (CANNOT_TELL, "")
    assert len(err.splitlines()) == 1
    assert err.startswith("forkspec: ")
    assert said in err


def test_two_files_are_told_in_files(tmp_path: Path) -> None:
    was, now = a_result(a_verdict()), a_result(a_verdict("FAIL", "3 <zombies>", zombies=3))
    for name, data in (("old.json", was), ("new.json", now)):
        (tmp_path / name).write_text(json.dumps(data), encoding="utf-8")
    page, told = tmp_path / "page.html", tmp_path / "told.json"
    files = (tmp_path / "old.json", tmp_path / "new.json")
    done = run_here("compare", *files, "--html", page, "--json", told)
    assert (done.returncode, done.stderr) == (1, "")
    data = json.loads(told.read_text(encoding="utf-8"))
    assert (data["compared"], data["exit_status"]) == ("stored results", 1)
    (subject,) = data["subjects"]
    (verdict,) = subject["verdicts"]
    assert (verdict["trend"], verdict["new"]["verdict"]) == ("worse", "FAIL")
    assert "3 &lt;zombies&gt;" in page.read_text(encoding="utf-8")
    assert "PASS -&gt; FAIL" in page.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    same = tmp_path / "same.json"
    same.write_text(json.dumps(a_result()), encoding="utf-8")
    done = run_here("compare", same, same, "--json", tmp_path / "no" / "folder.json")
    assert done.returncode == 3
    assert "No such file" in done.stderr
    assert "0 got worse" in done.stdout
