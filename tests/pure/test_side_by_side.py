"""Two servers measured side by side: what counts as worse, and what may be chance."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from random import Random

import pytest
from rich.console import Console

from harness.report import side_by_side_text
from harness.report.formats.html import comparison_page
from harness.report.formats.json import comparison_as_json
from harness.results.compare_result import of_servers
from harness.results.comparison import Change, Comparison, Trend
from harness.results.side_by_side import (
    CANNOT_TELL,
    CHANCE,
    LEAST_MS,
    LONE,
    MEASURES,
    PROCESSOR,
    Batch,
    Compared,
    ServersCompared,
    SideBySide,
    chance,
    compared,
)
from harness.results.stored import StoredResult

MS = 1_000_000
PAIRS = 20
SAME = [range(PAIRS)] * 10
BATCH = Batch(84, (MS,) * 20, (2 * MS,) * 64, 0, 0, 0, 0, 0, 0, 30_000)
WIDTH = 80


def found(*new: Batch) -> dict[str, Compared]:
    """The old server's batches are all alike; the new one's are these, in turn."""
    pairs = [(BATCH, new[number % len(new)]) for number in range(PAIRS)]
    return {each.measure.name: each for each in compared(pairs, SAME, MEASURES)}


def suspects(*new: Batch) -> set[str]:
    return {name for name, each in found(*new).items() if each.is_suspect}


def test_nothing_is_suspicious_in_the_same() -> None:
    assert suspects(BATCH) == set()


@pytest.mark.parametrize(
    ("new", "name"),
    [
        (replace(BATCH, lone_ns=(3 * MS,) * 19 + (MS,)), "wait alone, half"),
        (replace(BATCH, crowd_ns=(4 * MS,) * 63 + (MS,)), "wait in a crowd, half"),
        (replace(BATCH, child_us=60_000), "processor time"),
        (replace(BATCH, own_us=60_000), "processor time"),
        (replace(BATCH, kb=84), "memory kept"),
        (replace(BATCH, zombies=1), "zombies"),
        (replace(BATCH, descriptors=1), "descriptors lost"),
        (replace(BATCH, processes=1), "processes left"),
        (replace(BATCH, unanswered=1), "not answered"),
    ],
)
def test_what_is_worse_is_suspicious_and_what_is_better_is_not(new: Batch, name: str) -> None:
    assert name in suspects(new)
    pairs = [(new, BATCH)] * PAIRS
    assert not any(each.is_suspect for each in compared(pairs, SAME, MEASURES))


def test_a_single_thing_that_stayed_is_a_suspicion_and_no_proof() -> None:
    seen = found(replace(BATCH, zombies=1), *[BATCH] * (PAIRS - 1))["zombies"]
    assert seen.is_suspect
    assert not seen.is_proven
    assert found(replace(BATCH, zombies=1))["zombies"].is_proven


def test_ten_batches_of_ten_are_no_chance_and_nine_are() -> None:
    assert chance(10, 0) <= CHANCE < chance(9, 0)
    assert chance(5, 5) > 1 / 2


def test_processor_time_is_not_compared_where_one_server_s_children_vanish() -> None:
    """SIGCHLD ignored: the kernel keeps no account of them, and any server would look slower."""
    assert PROCESSOR.name not in found(replace(BATCH, child_us=0, own_us=10))


def test_a_server_that_leaves_clients_unanswered_is_not_quicker() -> None:
    """tcpserver3 ran out of processes, and its successor looked slow."""
    pairs = [(replace(BATCH, unanswered=42, lone_ns=(), crowd_ns=(1,)), BATCH)] * PAIRS
    seen = compared(pairs, SAME, MEASURES)
    assert not [each for each in seen if each.is_suspect]
    assert {each.measure.name for each in seen if not each.measure.is_counted} == set()


def an(*changes: Change, worse: bool = False, unsettled: bool = False, why: str = "") -> ServersCompared:
    (zombies,) = [each for name, each in found(replace(BATCH, zombies=1)).items() if name == "zombies"]
    told = SideBySide(1680, (zombies,), (zombies,) * worse, (zombies,) * unsettled)
    result = StoredResult("server.c", "0.1.0", "bubblewrap", 3, "You fork.", {})
    return ServersCompared(Comparison(1, result, result, changes), None if why else told, why)


def test_measures_that_nobody_could_compare_are_told_where_the_new_server_is_at_fault() -> None:
    (unanswered,) = (
        each for each in found(replace(BATCH, unanswered=42)).values() if each.new > each.old
    )
    costs = SideBySide(1680, (unanswered,), (), (), {"wait alone, half": "without an answer"})
    assert replace(an(), costs=costs).exit_status == CANNOT_TELL
    assert replace(an(), costs=replace(costs, worse=(unanswered,))).exit_status == 1
    better = replace(unanswered, old=1000.0)
    assert replace(an(), costs=replace(costs, measures=(better,))).exit_status == 0


def waits(*new_ms: float) -> Compared:
    """The old server's clients wait 1 ms; the new one's so long, batch after batch in turn."""
    batches = [replace(BATCH, lone_ns=(int(each * MS),) * 20) for each in new_ms]
    draws = [Random(number).choices(range(PAIRS), k=PAIRS) for number in range(200)]
    pairs = [(BATCH, batches[number % len(batches)]) for number in range(PAIRS)]
    (found,) = compared(pairs, draws, [LONE])
    return found


def test_a_steady_server_is_told_to_be_no_slower() -> None:
    assert waits(1.0, 1.1).rules_out(LEAST_MS)
    assert waits(1.0, 1.1).sees == pytest.approx(LONE.least, abs=0.2)


def test_where_the_waits_jump_about_nothing_is_ruled_out() -> None:
    """11 of 100 servers slower by 2 ms were told to be as quick as before, on a busy machine."""
    seen = waits(1.0, 9.0, 0.5, 1.0, 7.0)
    assert not seen.is_suspect
    assert not seen.rules_out(LEAST_MS)
    assert seen.rules_out(20.0)


def test_a_server_that_takes_long_need_not_be_seen_to_2_ms() -> None:
    assert replace(waits(1.0), old=500.0).demanded(LEAST_MS) == pytest.approx(50.0)


def test_what_could_not_be_seen_is_told_and_skipped() -> None:
    unseen = waits(1.0, 9.0, 0.5, 1.0, 7.0)
    costs = SideBySide(1680, (unseen,), (), unseen=(unseen,))
    found = replace(an(), costs=costs)
    assert found.exit_status == CANNOT_TELL
    assert "2.0 ms more could not be ruled out" in found.untold[0]
    worse = replace(costs, worse=(unseen,))
    assert replace(found, costs=worse).exit_status == 1


def change(trend: Trend, *, counts: bool = True) -> Change:
    return Change("service/reply", trend, counts, None, None)


@pytest.mark.parametrize(
    ("seen", "status"),
    [
        (an(), 0),
        (an(change(Trend.BETTER), change(Trend.MOVED)), 0),
        (an(worse=True), 1),
        (an(change(Trend.WORSE)), 1),
        (an(change(Trend.WORSE, counts=False)), 0),
        (an(change(Trend.WORSE), why="not measured"), 1),
        (an(change(Trend.NOT_TOLD)), CANNOT_TELL),
        (an(change(Trend.NOT_TOLD, counts=False)), 0),
        (an(unsettled=True), CANNOT_TELL),
        (an(why="not measured"), CANNOT_TELL),
    ],
)
def test_the_status_is_that_of_a_bisection(seen: ServersCompared, status: int) -> None:
    assert seen.exit_status == status


def test_the_page_fits_a_terminal() -> None:
    out = Console(file=io.StringIO(), width=WIDTH)
    batch = replace(BATCH, lone_ns=(123 * MS,) * 20, kb=84_000)
    costs = SideBySide(1680, tuple(found(batch).values()), tuple(found(batch).values()))
    side_by_side_text.show(replace(an(), costs=costs), "old.c", "new.c", out)
    page = out.file.getvalue()  # type: ignore[attr-defined]  # it is a StringIO
    assert max(map(len, map(str.rstrip, page.splitlines()))) <= WIDTH
    assert "…" not in page
    assert "wait alone, half: 1.00 ms -> 123 ms for each client" in page


def test_the_files_tell_what_the_terminal_tells() -> None:
    slower = replace(BATCH, lone_ns=(123 * MS,) * 20, zombies=1)
    measures = tuple(found(slower).values())
    worse = tuple(each for each in measures if each.is_suspect)
    told = replace(an(change(Trend.WORSE)), costs=SideBySide(1680, measures, worse))
    result = of_servers("old/<b>.c", "new.c", told)
    data = json.loads(comparison_as_json(result))
    assert (data["old"], data["new"], data["exit_status"]) == ("old/<b>.c", "new.c", 1)
    assert data["says"] == side_by_side_text.told(told)
    figures = {each["name"]: each for each in data["costs"]["measures"]}
    assert [name for name, each in figures.items() if each["is_worse"]] == [
        each.measure.name for each in worse
    ]
    assert figures["wait alone, half"]["new"] == pytest.approx(123)
    page = comparison_page(result)
    for line in side_by_side_text.told(told):
        assert line.replace(">", "&gt;") in page
    assert page.count(">WORSE<") == len(worse)
    assert "old/&lt;b&gt;.c" in page
    assert "<rect" in page


def test_a_page_without_figures_says_why_there_are_none() -> None:
    result = of_servers("old.c", "new.c", an(why="not measured: new.c: it does not listen"))
    data = json.loads(comparison_as_json(result))
    assert (data["costs"], data["exit_status"]) == (None, CANNOT_TELL)
    for told in (data["not_measured"], comparison_page(result)):
        assert "it does not listen" in told
