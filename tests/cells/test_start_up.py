"""What a command loads before it begins: every user waits for it."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest
import typer

from harness import cli

_NEEDLESS: Final = (
    "harness.cohort",
    "harness.diagram",
    "harness.export",
    "harness.report.html",
    "jinja2",
    "plotly",
    "dask",
    "sqlite3",
    "pydantic",
    "importlib.metadata",
    "psutil",
)
_GIVEN: Final = """
import sys
from harness.cli import main
try:
    main()
finally:
    print(*sys.modules)
"""


def _loaded_by(code: str, *words: str) -> set[str]:
    """All modules that the code loads, which prints them last."""
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return set(done.stdout.splitlines()[-1].split())


def test_the_command_line_loads_no_room() -> None:
    for loaded in (
        _loaded_by("import sys, harness.cli; print(*sys.modules)"),
        _loaded_by(_GIVEN, "--help"),
    ):
        ours = {each for each in loaded if each.startswith("harness.")}
        assert ours == {
            "harness.cli",
            "harness.commands",
            "harness.commands.plain_words",
            "harness.commands.standard_output",
        }
        assert loaded.isdisjoint({"asyncio", "msgspec", "rich"})


def test_a_check_loads_nothing_of_classes_systems_and_pages() -> None:
    loaded = _loaded_by(_GIVEN, "check", "no-such-file")
    assert "harness.report.formats.html" in loaded
    assert not [each for each in loaded if each.startswith(_NEEDLESS)]


@pytest.mark.parametrize("name", typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]
def test_the_help_tells_of_a_command_what_the_command_tells(name: str) -> None:
    late = typer.main.get_command(cli.app).commands[name]  # type: ignore[attr-defined]
    real = late.imported()
    assert real.name == name
    assert (real.help or "").partition("\n")[0] == late.help
    assert real.hidden == late.hidden


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (("--repeat", "3"), "3"),
        (("--only", "a/b", "--only", "c/d"), "['a/b', 'c/d']"),
        (("--cell", "plain"), "plain"),
        (("--assignment", "x.toml"), "x.toml"),
        (("--entry", "x.c"), "x.c"),
        ((), "('x.c', '')"),
    ],
)
def test_words_mean_what_typer_makes_of_them(words: tuple[str, ...], value: str) -> None:
    command = typer.main.get_command(cli.app).commands["check"].imported()  # type: ignore[attr-defined]
    taken = command.make_context("check", [*words, "x.c"]).params
    name = words[0].lstrip("-") if words else ""
    assert str(taken[name] if name else (taken["targets"][0], taken["entry"])) == value
