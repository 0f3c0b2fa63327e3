"""Clients on trial: each of the clients' manifest shows what it must, and each requirement is killed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from harness.engine import catalogue, targets
from harness.engine.session import Options, Session, judge_recordings
from harness.judge.requirement import judge_all
from harness.judge.verdict import Outcome
from harness.record.contract import Contract
from harness.record.events import Connected, Event, Fin, Received, Shown, Typed
from harness.record.role import Role
from harness.results.assignment import Assignment
from harness.results.result import Result
from harness.results.rubric import Rubric
from harness.subject.manifest import Reference, references
from harness.subject.places import shipped
from harness.subject.submission import BuildOptions
from harness.subject.tools import NoTool

MANIFEST: Final = references(Role.CLIENT)
REQUIREMENTS: Final = catalogue.load(Role.CLIENT).requirements
SAYS_NOTHING: Final = {Outcome.INCONCLUSIVE, Outcome.BLOCKED}
_A_SAMPLE: Final = 9

# Those in a plain cell share the machine's port with everybody else's.
CELLS: Final = [
    pytest.param("bubblewrap", marks=pytest.mark.xdist_group("clients")),
    pytest.param("plain", marks=pytest.mark.xdist_group("plain")),
]


@pytest.fixture(scope="module", params=CELLS)
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    with Session(Options(rubric=Rubric(strict=True), cell=request.param, seed=1)) as one:
        yield one


@pytest.fixture(scope="module")
def judged() -> dict[tuple[str, str], Result]:
    return {}


def result_of(name: str, session: Session, judged: dict[tuple[str, str], Result]) -> Result:
    key = (name, str(session.options.cell))
    if key not in judged:
        try:
            judged[key] = session.examine(targets.prepare(str(shipped("clients") / MANIFEST[name].path)))
        except NoTool as missing:
            pytest.skip(str(missing))
    return judged[key]


def expected(entry: Reference, identifier: str) -> Outcome:
    if identifier in entry.fails:
        return Outcome.FAIL
    return Outcome.BLOCKED if identifier in entry.blocked else Outcome.PASS


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.one_in_turn(f"client {name}")) for name in MANIFEST]
)
def test_a_client_shows_what_the_manifest_says(
    name: str, session: Session, judged: dict[tuple[str, str], Result]
) -> None:
    entry, result = MANIFEST[name], result_of(name, session, judged)
    told = {i: (v.outcome.value, v.evidence.observed) for i, v in result.verdicts.items()}
    promised = {r.id: expected(entry, r.id).value for r in REQUIREMENTS}
    assert {i: outcome for i, (outcome, _) in told.items()} == promised, told
    causes = {v.evidence.cause for v in result.verdicts.values() if v.outcome is Outcome.FAIL}
    assert causes <= {entry.cause, *entry.also, ""}
    assert entry.cause in causes | {""}
    assert result.level is None


@pytest.mark.parametrize("name", ["tcpclient2.cpp", "tcpclient.py", "loops-on-eof.c", "poll.c"])
def test_a_recording_that_breaks_off_neither_passes_nor_fails_wrongly(
    name: str, session: Session, judged: dict[tuple[str, str], Result]
) -> None:
    if session.options.cell == "plain":
        pytest.skip("recordings of one kind of cell will do")
    result = result_of(name, session, judged)
    whole = judge_all(REQUIREMENTS, result.recordings)
    for scenario, recording in result.recordings.items():
        for stop in range(len(recording.events)):
            cut = replace(recording, events=recording.events[:stop])
            verdicts = judge_all(REQUIREMENTS, {**result.recordings, scenario: cut})
            for each in REQUIREMENTS:
                found = verdicts[each.id].outcome
                if each.scenario == scenario and found not in SAYS_NOTHING:
                    assert found is Outcome.FAIL, (scenario, stop, each.id)
                    assert whole[each.id].outcome is Outcome.FAIL, (scenario, stop, each.id)


def test_what_does_not_compile_is_a_verdict(session: Session) -> None:
    scenario = catalogue.load(Role.CLIENT).scenarios["conversation"]
    subject = targets.prepare(str(shipped("clients") / "tcpclient2.py"))
    broken = replace(subject, failure="client.c:3: error: expected ';'", ways=())
    verdict = session.examine(broken).verdicts["client/connects-first"]
    assert verdict.outcome is Outcome.FAIL
    assert "client.c:3" in verdict.evidence.observed
    assert scenario.name == "conversation"


def test_a_client_is_known_by_its_name(tmp_path: Any) -> None:
    roles = {
        "tcpclient3.py": "client",
        "server.py": "server",
        "many-clients.py": "server",
        "multi_client_server.py": "server",
    }
    for name, role in roles.items():
        (tmp_path / name).write_text("pass\n")
        assert targets.prepare(str(tmp_path / name)).role == role
    some = list(references())[::_A_SAMPLE]  # each is compiled
    assert {targets.prepare(name).role for name in some} == {"server"}


def test_a_folder_with_both_is_judged_as_both(tmp_path: Any, session: Session) -> None:
    if session.options.cell == "plain":
        pytest.skip("it waits for who has the machine's port; one kind of cell will do")
    for name in ("lecture/tcpserver4.py", "../clients/tcpclient.py", "../clients/tcpclient2.py"):
        (tmp_path / name.rpartition("/")[2]).write_bytes((shipped("servers") / name).read_bytes())
    server, mine, _ = targets.prepare_all(str(tmp_path), BuildOptions())
    assert (server.role, mine.role) == ("server", "client")
    verdicts = session.examine(mine).verdicts
    assert {v.outcome for v in verdicts.values()} == {Outcome.PASS}, "the last by name: tcpclient2"
    assert (
        session.examine(server, only=["service/reply"]).verdicts["service/reply"].outcome is Outcome.PASS
    )


def test_events_of_a_client_survive_writing_and_reading(
    session: Session, judged: dict[tuple[str, str], Result]
) -> None:
    result = result_of("tcpclient2.py", session, judged)
    again = judge_recordings(result.recordings.values(), session.options)
    assert {i: v.outcome for i, v in again.verdicts.items()} == {
        i: v.outcome for i, v in result.verdicts.items()
    }
    kinds = {type(event) for event in result.recordings["conversation"].events}
    assert {Connected, Typed, Received, Shown, Fin} <= kinds
    assert isinstance(result.recordings["conversation"].events[0], Event)


GREETED = """import socket, sys
stream = socket.create_connection(("127.0.0.1", 54321)).makefile("rw", newline="\\n")
print(stream.readline(), end="> ", flush=True)
line = sys.stdin.readline() or sys.exit()
stream.write(line)
stream.flush()
print(stream.readline() or sys.exit("no reply"))
"""


@pytest.mark.parametrize(
    ("name", "contract", "fails"),
    [
        ("tcpclient2.py", Contract(closes=False), set()),
        ("designs/loops.c", Contract(closes=False), set()),
        ("designs/reads-to-the-end.py", Contract(closes=False), {"client/prints-reply"}),
        ("", Contract(greeting="hi\n"), set()),
        ("", Contract(), {"client/sends-line"}),
    ],
)
def test_our_server_keeps_the_contract(
    name: str, contract: Contract, fails: set[str], tmp_path: Path
) -> None:
    own = tmp_path / "client.py"
    own.write_text(GREETED)
    options = Options(seed=1, assignment=Assignment(contract=contract))
    with Session(options) as one:
        result = one.examine(targets.prepare(str(shipped("clients") / name if name else own)))
    verdicts = result.verdicts.items()
    assert {i for i, v in verdicts if v.outcome is Outcome.FAIL} == fails, verdicts
