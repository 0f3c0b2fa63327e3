"""The manifest of clients names a fault for each requirement and for each cause."""

from __future__ import annotations

from typing import Final

from harness.engine import catalogue
from harness.judge.causes import CAUSES, client
from harness.record.role import Role
from harness.subject.manifest import references

MANIFEST: Final = references(Role.CLIENT)
REQUIREMENTS: Final = catalogue.load(Role.CLIENT).requirements


def test_every_requirement_is_killed_by_a_fault_named_for_it() -> None:
    assert {entry.kills for entry in MANIFEST.values() if entry.kills} == {
        each.id for each in REQUIREMENTS
    }


def test_every_cause_of_a_client_is_shown_by_a_client_of_the_manifest() -> None:
    mine = {cause for each in MANIFEST.values() if (cause := each.cause)}
    assert mine == client.CAUSES.keys()
    assert all(CAUSES[each] is client.CAUSES[each] for each in mine)
