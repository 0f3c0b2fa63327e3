"""A scenario that is played once more late in a server's life, as an assignment's `surprise` asks."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from harness.engine import surprise, targets
from harness.engine.session import Options, Session
from harness.engine.surprise import FEWEST, MOST
from harness.judge.verdict import Outcome, Verdict
from harness.results.assignment import Assignment

TOUCHED = Path(__file__).parent / "touched"
SOME = ("concurrency/silent-client", "reaping/sequential", "service/again", "stream/fragments")
READS_ONCE_LATER = TOUCHED / "reads_once_later.py"
FOR_FIVE_SECONDS = ("forks_for_5_s.c", "threads_for_5_s.py")
ALL_OF_THEM = 9


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who counts clients needs no pause."""
    monkeypatch.setattr(surprise, "PAUSES_S", (0.0, 0.1))


def judged(name: str, surprise: int, only: tuple[str, ...] = SOME) -> dict[str, Verdict]:
    options = Options(only=only, seed=7, assignment=Assignment(surprise=surprise))
    with Session(options) as session:
        return dict(session.examine(targets.prepare(name)).verdicts)


@pytest.mark.parametrize("name", ["forks-for-40.c", "threads-for-40.py"])
def test_who_is_sound_for_its_first_clients_fails_late(name: str) -> None:
    late = judged(name, ALL_OF_THEM)["concurrency/silent-client"]
    assert late.outcome is Outcome.FAIL
    came = re.match(r"after (\d+) clients had come and gone: 1 silent client", late.evidence.observed)
    assert came is not None
    assert FEWEST <= int(came[1]) <= MOST


@pytest.mark.slow
@pytest.mark.parametrize("name", FOR_FIVE_SECONDS)
def test_who_is_sound_for_its_first_seconds_fails_late(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surprise, "PAUSES_S", (5.5, 6.0))
    for each in (TOUCHED / name, Path("servers/base.h")):
        shutil.copy(each, tmp_path)
    late = judged(str(tmp_path / name), 1, ("concurrency/silent-client",))["concurrency/silent-client"]
    assert late.outcome is Outcome.FAIL
    assert re.match(r"after \d+ clients had come and gone, [6-9] s ago: ", late.evidence.observed)


def test_what_no_requirement_asks_late_is_found() -> None:
    late = judged(str(READS_ONCE_LATER), ALL_OF_THEM)["stream/fragments"]
    assert late.outcome is Outcome.FAIL
    assert late.evidence.observed.startswith("after ")


def test_a_server_may_reap_its_first_forty_clients_alone() -> None:
    verdicts = judged("reaps-for-40.py", ALL_OF_THEM)
    assert verdicts["reaping/sequential"].outcome is Outcome.PASS  # its zombies are another scenario's
    assert verdicts["concurrency/silent-client"].outcome is Outcome.PASS


def test_without_it_nothing_is_played_twice() -> None:
    assert judged("forks-for-40.c", 0)["concurrency/silent-client"].outcome is Outcome.PASS


@pytest.mark.parametrize("name", ["waitpid-signal.c", "threads.c", "asyncio_streams.py"])
def test_a_sound_server_is_sound_late_too(name: str) -> None:
    verdicts = judged(name, ALL_OF_THEM)
    assert {each.outcome for each in verdicts.values()} <= {Outcome.PASS, Outcome.NOT_APPLICABLE}
    assert not any("had come and gone" in each.evidence.observed for each in verdicts.values())
