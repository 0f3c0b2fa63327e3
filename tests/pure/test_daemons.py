"""What is expected of real daemons can be read, and its page is as it says."""

from __future__ import annotations

import pytest

from bench import daemons as judged
from harness.engine import catalogue
from tests import daemons


@pytest.mark.parametrize("name", daemons.names())
def test_what_is_expected_can_be_read(name: str) -> None:
    entry = daemons.expected(name)
    found = [identifier for each in entry.finding for identifier in each.ids]
    assert len(set(found)) == len(found)
    assert set(found).isdisjoint(entry.unsettled)
    for identifier in (*found, *entry.unsettled):
        assert catalogue.find(identifier)


def test_every_assignment_says_what_is_expected() -> None:
    written = sorted(path.parent.name for path in daemons.FOLDER.glob("*/assignment.toml"))
    assert written == daemons.names()


def test_the_page_is_as_expected() -> None:
    assert judged.PAGE.read_text(encoding="utf-8") == judged.page(), (
        "run `python bench/daemons.py --page`"
    )
