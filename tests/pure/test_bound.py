"""How long a check may take: longer for a server that comes to rest."""

from __future__ import annotations

import asyncio

import pytest

from harness.engine.bound import TIMES, Bound
from harness.record.recording import Recording
from tests.recordings import story

GUARD_S = 10.0


def test_patience_is_lost_also_while_another_run_is_at_its_limit() -> None:
    async def at_its_limit() -> None:
        bound = Bound(120)
        async with bound.at_work(0):
            try:
                await asyncio.Event().wait()
            finally:
                bound.lose_patience()

    with pytest.raises(TimeoutError):
        asyncio.run(at_its_limit())


def test_who_always_comes_to_rest_has_several_times_as_long() -> None:
    """On a machine that others use, too, a sound server is slow."""
    bound = Bound(120)
    bound.heed(story("silent client").starts().quiet().over())
    assert (bound.limit_s, bound.run_s) == (TIMES * 120, 120)


@pytest.mark.parametrize(
    "seen",
    [story("half close").starts().quiet().breaks_off(), story("silent goodbye").starts().spins().over()],
    ids=["breaks off", "spins"],
)
def test_who_does_not_has_what_was_promised(seen: Recording) -> None:
    """A run without an end, and one without rest, use the subject's own time."""
    bound = Bound(120)
    bound.heed(seen)
    assert bound.limit_s == 120
    assert bound.left_s == 80, "a third is kept for what measures time"
    bound.keep_nothing_back()
    assert bound.left_s == 120
    assert "120 s" in bound.says
    assert "most_s = 240" in bound.says


def test_runs_at_work_end_when_the_subject_is_seen_not_to_rest() -> None:
    """Nothing goes on for longer because it had begun in time."""
    bound = Bound(0.01)

    async def never_rest() -> None:
        async with bound.at_work(GUARD_S):
            bound.lose_patience()
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        asyncio.run(never_rest())
    assert not bound.left_s


def test_in_a_class_everybody_has_several_times_as_long() -> None:
    """Two cores are shared there by six."""
    bound = Bound(120, in_a_class=True)
    bound.lose_patience()
    assert (bound.limit_s, bound.run_s) == (TIMES * 120, TIMES * 120)
