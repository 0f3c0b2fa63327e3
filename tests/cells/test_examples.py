"""The three examples in examples/: each meets its own assignment, and with a fault it does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from harness.engine import assignment_file as assignment
from harness.engine import targets
from harness.engine.session import Options, Session
from harness.judge.verdict import Outcome
from harness.record.events import Listens
from harness.results.result import Result
from harness.results.rubric import Rubric

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
MET: Final = {Outcome.PASS, Outcome.NOT_APPLICABLE}


def judged(server: Path, settings: Path, *only: str) -> Result:
    read = assignment.read(settings)
    rubric = Rubric(read.tier or Rubric().tier)
    options = Options(only=only, rubric=rubric, seed=7, assignment=read.assignment)
    with Session(options) as session:
        return session.examine(targets.prepare(str(server)))


@pytest.mark.one_in_turn("examples")
@pytest.mark.parametrize("name", ["http", "key-value", "chat"])
def test_an_example_meets_everything(name: str) -> None:
    result = judged(EXAMPLES / name / "server.py", EXAMPLES / name / "assignment.toml")
    odd = {i: v.evidence.observed for i, v in result.verdicts.items() if v.outcome not in MET}
    assert not {i for i in odd if result.verdicts[i].outcome is not Outcome.INCONCLUSIVE}, odd
    assert len(odd) <= 1, odd


FAULTS: Final[dict[str, tuple[str, Callable[[str], str]]]] = {
    "one client at a time": (
        "http",
        lambda text: text.replace(
            "pid = os.fork()", "serve(conn)\n            conn.close()\n            continue"
        ),
    ),
    "one connection at a time": (
        "key-value",
        lambda text: re.sub(r"threading\.Thread\(.*\)\.start\(\)", "serve(conn)", text),
    ),
    "waits for the first word": (
        "chat",
        lambda text: text.replace(
            "    conn.setblocking(False)\n    people[conn] = Person(conn)\n",
            "    name = conn.recv(99)[5:-1]\n"
            "    conn.sendall(b'WELCOME %s\\n' % name)\n"
            "    conn.recv(1, socket.MSG_PEEK)\n"
            "    conn.setblocking(False)\n"
            "    people[conn] = Person(conn)\n"
            "    people[conn].name = name\n",
        ),
    ),
    "waits for the name": (
        "chat",
        lambda text: text.replace(
            "    conn.setblocking(False)\n    people[conn] = Person(conn)\n",
            "    name = conn.recv(99)[5:-1]\n"
            "    conn.sendall(b'WELCOME %s\\n' % name)\n"
            "    conn.setblocking(False)\n"
            "    people[conn] = Person(conn)\n"
            "    people[conn].name = name\n",
        ),
    ),
    "joins who waits for the name": (
        "chat",
        lambda text: text.replace(
            "    conn.setblocking(False)\n    people[conn] = Person(conn)\n",
            "    import threading\n"
            "    names = []\n"
            "    thread = threading.Thread(target=lambda: names.append(conn.recv(99)[5:-1]))\n"
            "    thread.start()\n"
            "    thread.join()\n"
            "    conn.sendall(b'WELCOME %s\\n' % names[0])\n"
            "    conn.setblocking(False)\n"
            "    people[conn] = Person(conn)\n"
            "    people[conn].name = names[0]\n",
        ),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_silent_client_who_blocks_the_others_is_found(tmp_path: Path, fault: str) -> None:
    name, spoil = FAULTS[fault]
    text = (EXAMPLES / name / "server.py").read_text(encoding="utf-8")
    assert spoil(text) != text
    (tmp_path / "server.py").write_text(spoil(text))
    only = "concurrency/silent-client"
    result = judged(tmp_path / "server.py", EXAMPLES / name / "assignment.toml", only)
    assert result.verdicts[only].outcome is Outcome.FAIL


def test_a_wrong_value_is_found(tmp_path: Path) -> None:
    text = (EXAMPLES / "key-value" / "server.py").read_text(encoding="utf-8")
    (tmp_path / "server.py").write_text(text.replace("store[key] = value", "store[key] = value[:-1]"))
    settings = EXAMPLES / "key-value" / "assignment.toml"
    verdict = judged(tmp_path / "server.py", settings, "service/reply").verdicts["service/reply"]
    assert verdict.outcome is Outcome.FAIL


def test_a_server_is_ready_when_it_says_so(tmp_path: Path) -> None:
    text = (EXAMPLES / "http" / "server.py").read_text(encoding="utf-8")
    late = text.replace(
        '    print("listening', '    import time\n    time.sleep(0.4)\n    print("listening'
    )
    (tmp_path / "server.py").write_text(late)
    settings = tmp_path / "a.toml"
    ready = (EXAMPLES / "http" / "assignment.toml").read_text(
        encoding="utf-8"
    ) + '\nready = "listening on"\n'
    settings.write_text(ready)
    result = judged(tmp_path / "server.py", settings, "service/reply")
    assert result.verdicts["service/reply"].outcome is Outcome.PASS
    started = result.recordings["starting"].first(Listens)
    assert started is not None
    assert started.at_ns > 400_000_000
