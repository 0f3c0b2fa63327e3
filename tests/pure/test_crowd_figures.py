"""A crowd in figures: the schedule, what counts as waiting for ever, when a run is void, three faces."""

from __future__ import annotations

import io
import json
import math
import socket

import pytest
from rich.console import Console

from harness.record.contract import Contract
from harness.record.visits import Visit, binned
from harness.report import crowd_text
from harness.report.html import crowd_page
from harness.results.crowd_result import Count, CrowdResult, Schedule
from harness.stage import sources

MS = 1_000_000


def visit(wait_ms: float | None, *, late_ms: float = 0, answer: bytes = b"HELLO\n") -> Visit:
    """One who was to speak after 10 ms; without an answer where it waited for None."""
    if wait_ms is None:
        return Visit(b"hello\n", 10 * MS, 1, 10 * MS, error="the guard ran out")
    answered_ns = int((10 + wait_ms) * MS)
    sent_ns = int((10 + late_ms) * MS)
    return Visit(b"hello\n", 10 * MS, 1, sent_ns, answered_ns, answered_ns + MS, answer)


def result(
    visits: list[Visit], *, contract: Contract | None = None, counts: tuple[Count, ...] = ()
) -> CrowdResult:
    late_ns = [each.sent_ns - each.intended_ns for each in visits]
    plan = Schedule(len(visits), 0.5, 100, 5)
    return CrowdResult("a server", plan, contract or Contract(), visits, late_ns, "plain", counts)


def test_the_schedule_is_fixed_beforehand_and_every_line_is_its_own() -> None:
    plan = Schedule(clients=5, silence_s=2, rate=2, patience_s=1)
    assert plan.arrivals_s == [0, 0.5, 1, 1.5, 2]
    assert len(set(plan.lines)) == 5
    assert plan.longest_s == 5.5


def test_who_is_not_answered_waits_longest_of_all() -> None:
    seen = result([*(visit(1) for _ in range(98)), visit(7), visit(None)])
    waits = seen.percentiles_ms["wait from the intended moment"]
    assert (waits["half"], waits["90 %"], waits["99.9 %"], waits["worst"]) == (1, 1, math.inf, math.inf)
    assert seen.outcomes == {"answered": 99, "no answer in time": 1}
    assert seen.exit_status == 1


def test_an_answer_after_all_patience_is_none() -> None:
    seen = result([visit(4999), visit(5001)])
    assert seen.outcomes == {"answered": 1, "no answer in time": 1}
    assert seen.waits_ns == [4999 * MS, math.inf]


@pytest.mark.parametrize("answer", [b"hello there\n", b"GOODBYE\n", b"HEL"])
def test_a_wrong_answer_is_none(answer: bytes) -> None:
    seen = result([visit(1, answer=answer)])
    assert seen.outcomes == {"another answer": 1}
    assert seen.waits_ns == [math.inf]


def test_our_own_lateness_is_part_of_one_wait_and_not_of_the_other() -> None:
    spans = result([visit(9, late_ms=4)]).percentiles_ms
    assert [of["half"] for of in spans.values()] == [9, 5, 4]


@pytest.mark.parametrize(("late", "void"), [(1, False), (2, True)])
def test_a_run_is_void_where_more_than_one_in_a_hundred_spoke_too_late(late: int, *, void: bool) -> None:
    seen = result([visit(9, late_ms=6 if n < late else 0) for n in range(101)])
    assert seen.is_void is void
    assert seen.exit_status == (2 if void else 0)
    assert ("void" in shown(seen)) is void


def test_where_the_server_greets_one_waits_to_the_end() -> None:
    greets = Contract(greeting="hi\n")
    assert result([visit(3, answer=b"hi\nHELLO\n")], contract=greets).waits_ns == [4 * MS]


def test_bins_leave_none_out_between_two_and_hold_what_has_an_end() -> None:
    bins = binned([0.5 * MS, 0.6 * MS, 50 * MS, math.inf, 0], a_decade=1)
    assert [many for _, _, many in bins] == [1, 0, 2, 0, 1]
    assert all(high == pytest.approx(10 * low) for low, high, _ in bins)
    assert binned([math.inf], a_decade=3) == []


FAMILY = (Count(0, 1, 0, 5), Count(1, 101, 0, 305), Count(2, 1, 100, 5))


def shown(seen: CrowdResult, encoding: str = "utf-8") -> str:
    out = io.TextIOWrapper(io.BytesIO(), encoding)
    crowd_text.show(seen, Console(file=out, width=200))
    out.flush()
    return out.buffer.getvalue().decode(encoding)


def test_three_faces_tell_the_same() -> None:
    seen = result([visit(1), visit(2), visit(None)], counts=FAMILY)
    data = json.loads(json.dumps(seen.as_data(), allow_nan=False))
    assert data["waits_ms"] == [1, 2, None]
    assert data["percentiles_ms"]["wait from the intended moment"]["worst"] is None
    assert [each["zombies"] for each in data["family"]] == [0, 0, 100]
    for told in (shown(seen), shown(seen, "ascii"), crowd_page.of_result(seen)):
        for words in ("2 answered, 1 no answer in time", "never", "at most 101, at the end 1"):
            assert words in told


def test_of_a_server_that_is_not_ours_no_family_is_told() -> None:
    seen = result([visit(1)])
    assert "zombies" not in shown(seen) + crowd_page.of_result(seen)


def test_a_large_crowd_comes_from_several_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_FROM_ONE", 2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        socks = [socket.socket() for _ in range(5)]
        sources.spread([each.fileno() for each in socks], "127.0.0.1")
        for each in socks:
            each.connect(server.getsockname())
        came = [each.getsockname()[0] for each in socks]
        assert came == [f"127.0.0.{number}" for number in (1, 1, 2, 2, 3)]
        for each in socks:
            each.close()
