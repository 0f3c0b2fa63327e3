"""What a command loads before it begins: everybody waits for it."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest
import typer

from harness import cli

_NEEDLESS: Final = ("harness.cohort", "harness.export", "jinja2", "dask", "sqlite3")


def _loaded_by(module: str) -> set[str]:
    code = f"import sys, {module}; print(*sys.modules)"
    words = [sys.executable, "-c", code]
    return set(subprocess.run(words, check=True, capture_output=True, text=True).stdout.split())


def test_the_command_line_loads_no_room() -> None:
    assert {each for each in _loaded_by("harness.cli") if each.startswith("harness.")} == {"harness.cli"}


def test_a_check_loads_nothing_of_classes_systems_and_pages() -> None:
    loaded = _loaded_by("harness.commands.check_command")
    assert not [each for each in loaded if each.startswith(_NEEDLESS)]


@pytest.mark.parametrize("name", typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]
def test_the_help_tells_of_a_command_what_the_command_tells(name: str) -> None:
    late = typer.main.get_command(cli.app).commands[name]  # type: ignore[attr-defined]
    real = late.imported()
    assert real.name == name
    assert (real.help or "").partition("\n")[0] == late.help
    assert real.hidden == late.hidden
