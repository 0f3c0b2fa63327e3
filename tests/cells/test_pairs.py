"""Both halves of one student's work, together: their client against their server."""

from __future__ import annotations

from pathlib import Path

import pytest

import harness
from harness.engine import catalogue, targets
from harness.engine.session import Options, Session, examine_all
from harness.judge.verdict import Outcome
from harness.record import recording_line
from harness.results.result import Result
from harness.subject.places import shipped
from harness.subject.subject import Subject
from harness.subject.submission import BuildOptions
from tests.recordings import cut

ID = "pair/together"
# A server of another contract: it answers with the length of the line.
COUNTS = """
import os, socket
server = socket.create_server(("127.0.0.1", 54321))
while True:
    conn, _ = server.accept()
    if os.fork() == 0:
        conn.sendall(b"%d\\n" % len(conn.recv(1000)))
        os._exit(0)
    conn.close()
"""


def handed_in(folder: Path, *names: str) -> list[Subject]:
    for name in names:
        (folder / Path(name).name).write_bytes((shipped("servers") / name).read_bytes())
    return targets.prepare_all(str(folder), BuildOptions())


def judged(pair: Subject) -> Result:
    with Session(Options(seed=7)) as session:
        return session.examine(pair)


@pytest.mark.parametrize(
    ("server", "client", "outcome", "observed"),
    [
        ("tcpserver2.py", "tcpclient2.py", Outcome.PASS, "3 people, each with the reply"),
        ("tcpserver2.py", "tcpclient.py", Outcome.PASS, "3 people, each with the reply"),
        ("tcpserver.py", "tcpclient2.py", Outcome.FAIL, "person 3 only when somebody else had typed"),
        ("tcpserver2.py", "faults/says-nothing.c", Outcome.PASS, "3 people"),
        ("tcpserver2.py", "faults/never-connects.c", Outcome.FAIL, "person 3 never"),
    ],
)
def test_a_folder_with_both_is_judged_together(
    tmp_path: Path, server: str, client: str, outcome: Outcome, observed: str
) -> None:
    (tmp_path / "tcpserver.py").write_bytes((shipped("servers") / "lecture" / server).read_bytes())
    source = shipped("clients") / client
    text = source.read_text(encoding="utf-8").replace("../base.h", "base.h")
    (tmp_path / f"tcpclient{source.suffix}").write_text(text)
    (tmp_path / "base.h").write_bytes((shipped("clients") / "base.h").read_bytes())
    theirs = targets.prepare_all(str(tmp_path), BuildOptions())
    assert [each.role for each in theirs] == ["server", "client", "pair"]
    verdict = judged(theirs[2]).verdicts[ID]
    assert verdict.outcome is outcome, verdict.evidence.observed
    assert observed in verdict.evidence.observed


def test_halves_of_two_contracts_do_not_work_together(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(COUNTS)
    *_, pair = handed_in(tmp_path, "../clients/tcpclient2.py")
    result = judged(pair)
    assert result.verdicts[ID].outcome is Outcome.FAIL
    assert result.level is None


def test_a_pair_cut_after_any_event_is_never_failed(tmp_path: Path) -> None:
    *_, pair = handed_in(tmp_path, "lecture/tcpserver2.py", "../clients/tcpclient2.py")
    (recording,) = judged(pair).recordings.values()
    requirement = catalogue.find(ID)
    assert recording == recording_line.from_line(recording_line.to_line(recording))
    for end in range(len(recording.events)):
        assert requirement.decide(cut(recording, end)).outcome is Outcome.INCONCLUSIVE


def test_only_what_was_chosen_is_judged(tmp_path: Path) -> None:
    theirs = handed_in(tmp_path, "lecture/tcpserver2.py", "../clients/tcpclient2.py")
    options = Options(only=("service/reply",), seed=7)
    assert [result.subject for result in examine_all(theirs, options)] == [tmp_path.name]
    with pytest.raises(harness.HarnessError, match="nothing that is asked of a server"):
        examine_all(theirs[:1], Options(only=(ID,)))
