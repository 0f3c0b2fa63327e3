"""Recipes: every one is right for the shell, and does what it says with either nc."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from harness.engine import catalogue
from harness.judge.by_hand import recipe
from harness.judge.causes import CAUSES, Cause
from harness.record.contract import Contract
from harness.record.dialogue import Dialogue, Step
from harness.record.role import Role

PORT: Final = 41_234
KEY_VALUE: Final = Dialogue(
    (Step("SET {word} {line}\n", "OK\n"), Step("GET {word}\n", "VALUE {line}\n")), partial="SET "
)
CHAT: Final = Dialogue(
    (Step("{line}'s 100%\n", "<{any}> {line}\n"),),
    opening=(Step("NICK {word}\n", "WELCOME {word}\n"),),
)
TERMS: Final = {
    "the lecture's": Contract(),
    "CRLF": Contract(line_ending="\r\n"),
    "stays open": Contract(closes=False),
    "a dialogue": Contract(closes=False, dialogue=KEY_VALUE),
    "a dialogue with an opening": Contract(dialogue=CHAT),
}
REQUIREMENTS: Final = [requirement for role in Role for requirement in catalogue.load(role).requirements]

RECIPES: Final = {each.id: each.by_hand for each in REQUIREMENTS} | {
    name: cause.by_hand for name, cause in CAUSES.items() if cause.by_hand
}


def commands(told: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", told)


def test_the_shell_takes_every_command() -> None:
    """Each once: most are the same for several requirements and contracts."""
    told = [recipe(each, terms, PORT) for each in RECIPES.values() for terms in TERMS.values()]
    for command in sorted({command for one in told for command in commands(one)}):
        checked = subprocess.run(
            ["bash", "-n", "-c", command], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, f"{command}: {checked.stderr}"


@pytest.mark.parametrize("by_hand", RECIPES.values(), ids=RECIPES)
def test_a_command_is_for_both_nc_and_has_the_port(by_hand: str) -> None:
    for name, terms in TERMS.items():
        told = recipe(by_hand, terms, PORT)
        assert told.count("`") % 2 == 0, name
        for command in commands(told):
            assert not re.search(r"\bnc -[a-zA-Z]*[Ndq]", command), f"{name}: {command}: not for both nc"
        assert "54321" not in told, name
        assert "nc 127.0.0.1" not in by_hand or str(PORT) in told, name


def test_the_lectures_recipe_is_told_as_it_is_written() -> None:
    for requirement in REQUIREMENTS:
        assert recipe(requirement.by_hand, Contract()).startswith(requirement.by_hand)


def test_what_stands_for_a_process_is_explained() -> None:
    by_pid = recipe("`kill PID`", Contract(), 8080)
    assert by_pid.startswith("`kill PID` (PID is the number of the process that you started: `ss ")
    assert by_pid.endswith(":8080'` shows it)")
    assert recipe("`nc 127.0.0.1 54321`", Contract()) == "`nc 127.0.0.1 54321`"
    by_name = recipe("`pgrep -x NAME`", Contract(), runs_by="ruby server.rb")
    assert by_name.startswith("`pgrep -f NAME` (NAME is")
    by_ps = recipe("`ps -o pid,stat,args -C NAME`", Contract(), runs_by="java Server.java")
    assert by_ps.startswith("`pgrep -a -f NAME` (NAME is")


@pytest.mark.parametrize("words", ["python3 server.py", "perl server.pl"])
def test_a_script_is_started_as_one(words: str) -> None:
    assert recipe("`./server | cat`", Contract(), runs_by=words) == f"`{words} | cat`"


def test_who_listens_at_the_other_loopback_is_asked_there() -> None:
    told = recipe("`nc 127.0.0.1 54321`; `ss` shows 127.0.0.1", Contract(), PORT, host="::1")
    assert told == f"`nc ::1 {PORT}`; `ss` shows 127.0.0.1"


def test_the_children_of_a_process_below_the_first_are_looked_for_there() -> None:
    told = recipe("`ps --ppid PID`: no <defunct>", Contract(), forks_below=True)
    assert told.startswith("`ps --ppid PARENT`: no <defunct> (PARENT is the process that forks")


def test_a_server_with_threads_is_not_warned_of_what_fork_returns() -> None:
    by_hand = catalogue.find("abuse/no-processes").by_hand
    assert "kill(-1)" in recipe(by_hand, Contract())
    assert "kill" not in recipe(by_hand, Contract(), starts_threads=True)


def test_a_longer_line_is_one_in_every_contract() -> None:
    by_hand = "`echo hello to everybody | nc 127.0.0.1 54321; echo hello | nc 127.0.0.1 54321`"
    assert recipe(by_hand, Contract()) == by_hand
    assert recipe(by_hand, TERMS["CRLF"]).startswith(r"`printf 'hello to everybody\r\n' | nc")


def test_who_is_silent_is_so_for_longer_than_the_limit() -> None:
    by_hand = "`(sleep 3; echo hello) | nc 127.0.0.1 54321`"
    assert "(sleep 8; " in recipe(by_hand, Contract(), facts={"silent_s": 5.2})
    assert "(sleep 3; " in recipe(by_hand, Contract(), facts={})


def test_it_speaks_as_the_contract_does() -> None:
    ask, half = (
        "`echo hello | nc 127.0.0.1 54321`",
        "`(printf he; sleep 9; echo llo) | nc 127.0.0.1 54321`",
    )
    assert recipe(ask, TERMS["CRLF"]) == r"`printf 'hello\r\n' | nc 127.0.0.1 54321`"
    assert recipe(half, TERMS["CRLF"]).startswith(r"`(printf 'he'; sleep 9; printf 'llo\r\n')")
    assert recipe(ask, TERMS["stays open"]) == (
        r"`(printf 'hello\n'; sleep 1) | timeout 2 nc 127.0.0.1 54321`"
    )
    told = recipe(ask, TERMS["a dialogue"])
    assert re.fullmatch(
        r"`\(printf 'SET (\w+) hello\\n'; sleep 1; printf 'GET \1\\n'; sleep 1\) \| timeout 3 nc .*",
        told,
    )


def test_the_error_that_was_met_is_the_one_to_inject() -> None:
    by_hand = catalogue.load().find("abuse/every-error").by_hand
    told = recipe(by_hand, Contract(), facts={"call": "wait4", "error": "EINTR"})
    assert "inject=wait4:error=EINTR:when=1" in told
    assert "ECONNABORTED" not in told


def test_who_starts_a_fork_bomb_is_warned() -> None:
    by_hand = catalogue.load().find("contract/listens").by_hand
    assert "ulimit -u" in recipe(by_hand, Contract(), facts={"runaway": True})
    assert "ulimit -u" not in recipe(by_hand, Contract(), facts={"runaway": False})


def test_advice_for_python_stays_out_of_reports_on_c() -> None:
    cause = Cause("it sleeps in {read()|recv()}", "{fflush(stdout) first|print(..., flush=True)}", "x.c")
    assert cause.told_of("server.c").look_at == "fflush(stdout) first"
    assert cause.told_of("server.py").look_at == "print(..., flush=True)"
    assert cause.told_of("server.py").because == "it sleeps in recv()"
    plain = Cause("nobody waits", "close(conn)", "x.c")
    assert plain.told_of("server.py") == plain


SERVER: Final = """
import socket, sys, threading
ending, closes = sys.argv[1].encode().decode("unicode_escape").encode(), sys.argv[2] == "True"
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
values = {}
def serve(conn):
    for line in conn.makefile("rb"):
        if not line.endswith(ending):
            continue
        verb, *rest = line.split()
        if verb == b"SET":
            values[rest[0]] = rest[1]
            conn.sendall(b"OK" + ending)
        elif verb == b"GET":
            conn.sendall(b"VALUE " + values[rest[0]] + ending)
        else:
            conn.sendall(line.upper())
        if closes:
            break
    conn.close()
while True:
    conn, _ = listener.accept()
    threading.Thread(target=serve, args=(conn,), daemon=True).start()
"""
REPLIES: Final = {
    "the lecture's": b"HELLO\n",
    "CRLF": b"HELLO\r\n",
    "stays open": b"HELLO\n",
    "a dialogue": b"OK\nVALUE hello\n",
}


@pytest.fixture(params=["nc.openbsd", "ncat"])
def tools(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A PATH on which nc is one of both."""
    found = shutil.which(request.param)
    if found is None:
        pytest.skip(f"no {request.param} here")
    (tmp_path / "nc").symlink_to(found)
    return f"{tmp_path}:/usr/bin:/bin"


@pytest.mark.parametrize("terms", REPLIES)
def test_the_reply_is_seen_by_hand(terms: str, tools: str) -> None:
    contract = TERMS[terms]
    ending = contract.line_ending.encode().decode().replace("\r", r"\r").replace("\n", r"\n")
    words = [sys.executable, "-c", SERVER, ending, str(contract.closes)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            told = recipe("`echo hello | nc 127.0.0.1 54321`", contract, port)
            seen = subprocess.run(
                ["bash", "-c", commands(told)[0]], env={"PATH": tools}, capture_output=True, check=False
            )
        finally:
            server.kill()
    assert seen.stdout == REPLIES[terms]
