"""The doctor says of a cell what SECURITY.md says of it."""

from __future__ import annotations

import re
from pathlib import Path

from harness.engine.cell_promises import PROMISES, not_held

PAGE = Path(__file__).parent.parent.parent / "SECURITY.md"


def test_the_doctor_knows_each_row_of_the_page() -> None:
    table = (
        PAGE.read_text(encoding="utf-8").partition("## What is promised")[2].partition("\n\nA build")[0]
    )
    rows = [line.strip("|").split("|") for line in re.findall(r"^\| .*\|$", table, re.MULTILINE)][1:]
    page = [(says.strip(), tuple(how.strip() or "yes" for how in held[:3])) for says, *held in rows]
    assert page == [(each.says, each.held) for each in PROMISES]


def test_what_holds_as_root_is_not_held_for_a_user() -> None:
    assert list(not_held("bubblewrap", is_root=False)) == []
    as_root, as_user = (
        {says: how for how, says in not_held("plain", is_root=is_root)} for is_root in (True, False)
    )
    memory = "all processes of a cell together take no more memory than it may have"
    assert memory not in as_root
    assert as_user[memory] == "only as root"
    assert as_root.keys() < as_user.keys()
