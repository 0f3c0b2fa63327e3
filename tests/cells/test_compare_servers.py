"""Two servers side by side: a regression is found, and none in a server compared with itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import regressed
from tests.command import run

CANNOT_TELL = 125


@pytest.mark.slow
@pytest.mark.one_in_turn("regression")
@pytest.mark.parametrize(
    "name", ["zombie-in-500", "descriptor-in-100", "kib-a-client", "dies-after-1000"]
)
def test_a_regression_is_found(name: str, tmp_path: Path) -> None:
    old, new = (regressed.compiled(each, tmp_path) for each in (regressed.SOUND, name))
    found = regressed.measured(old, new)
    assert regressed.FOUND_BY[name] in regressed.worse(found)


@pytest.mark.one_in_turn("regression")
@pytest.mark.parametrize("server", ["", "tcpserver3.py"])
def test_a_server_is_no_worse_than_itself(server: str, tmp_path: Path) -> None:
    """Also one that leaves zombies as it happens: of two such runs, one has more."""
    same = server or regressed.compiled(regressed.SOUND, tmp_path)
    found = regressed.measured(same, same)
    assert not regressed.worse(found)
    assert found.clients > 0


@pytest.mark.slow
@pytest.mark.one_in_turn("regression")
def test_the_command_says_what_got_worse_and_has_the_status_of_a_bisection(tmp_path: Path) -> None:
    old, new = (regressed.compiled(each, tmp_path) for each in (regressed.SOUND, "kib-a-client"))
    done = run("compare", old, new)
    assert done.stderr == ""
    assert "REGRESSION" in done.stdout
    assert "memory kept: 0.0" in done.stdout
    assert done.returncode == 1


def test_who_does_not_compile_or_never_listens_is_not_bisected_to(tmp_path: Path) -> None:
    broken = tmp_path / "broken.c"
    broken.write_text("int main(void) { return oops; }\n", encoding="utf-8")
    done = run("compare", "tcpserver4", broken)
    assert (done.returncode, done.stdout) == (CANNOT_TELL, "")
    assert "does not compile" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_different_contracts_are_refused() -> None:
    done = run("compare", "tcpserver4.py", "stays-open-threads.py")
    assert (done.returncode, done.stdout) == (CANNOT_TELL, "")
    assert "different contracts" in done.stderr
