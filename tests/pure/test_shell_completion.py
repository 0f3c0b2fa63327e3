"""What a shell is told when its user presses the tab key."""

from __future__ import annotations

import pytest

from tests.command import run_here


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("forkspec che", ["check"]),
        ("forkspec autog", []),
        ("forkspec check --sar", ["--sarif"]),
        ("forkspec check --cell ", ["bubblewrap", "namespaces", "plain"]),
        ("forkspec check --only reaping/b", ["reaping/burst"]),
        ("forkspec explain reaping/b", ["reaping/burst"]),
        ("forkspec completion z", ["zsh"]),
        ("forkspec check ./serv", []),
    ],
)
def test_it_offers_what_may_follow(
    monkeypatch: pytest.MonkeyPatch, typed: str, offered: list[str]
) -> None:
    monkeypatch.setenv("_FORKSPEC_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(typed.split(" ")) - 1))
    assert run_here().stdout.split() == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str) -> None:
    done = run_here("completion", shell)
    assert done.returncode == 0
    assert f"_FORKSPEC_COMPLETE=complete_{shell}" in done.stdout


def test_another_shell_is_refused_in_a_sentence() -> None:
    done = run_here("completion", "ksh")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
