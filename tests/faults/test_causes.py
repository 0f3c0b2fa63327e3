"""Every cause is reproduced by the fault that it is written for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from harness.engine import targets
from harness.engine.session import Options, Session
from harness.judge.causes import CAUSES, client
from harness.judge.verdict import Outcome
from harness.plugin.on_trial import COULD_NOT_TELL
from harness.subject import manifest
from harness.subject.tools import NoTool

SERVERS_CAUSES: Final = sorted(set(CAUSES) - set(client.CAUSES))  # test_clients.py has theirs


@pytest.mark.in_turn
@pytest.mark.parametrize("cause", SERVERS_CAUSES)
def test_every_cause_is_reproduced_by_its_fault(cause: str, session: Session) -> None:
    name = CAUSES[cause].fault
    try:
        subject = targets.prepare(name)
    except NoTool as missing:
        pytest.skip(str(missing))
    entry = manifest.references()[name]
    seen: set[str] = set()
    untold = ""
    for only in filter(None, ([entry.kills] if entry.kills else [], entry.fails)):
        if cause not in seen:  # nearly always the requirement that the fault was written for shows it
            verdicts = session.examine(subject, only=only).verdicts
            seen |= {verdict.evidence.cause for verdict in verdicts.values()}
            doubts = (v for v in verdicts.values() if v.outcome is Outcome.INCONCLUSIVE)
            untold = next((verdict.evidence.observed for verdict in doubts), untold)
    if cause not in seen and untold:
        pytest.skip(f"{COULD_NOT_TELL}: {untold}")  # the trial's end counts these
    assert cause in seen


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(Options(seed=1)) as session:
        yield session
