"""Which of the reference servers a commit tries: always the same; all parts together are all of them."""

from __future__ import annotations

from harness.subject import manifest
from tests.faults.trial import PARTS, in_turn, part_of


def test_a_commit_has_its_part_for_good() -> None:
    commits = [f"{number:040x}" for number in range(0, 10**6, 997)]
    assert [part_of(each) for each in commits] == [part_of(each) for each in commits]
    assert {part_of(each) for each in commits} == set(map(str, range(1, PARTS + 1)))
    assert part_of("75aa999b") == "86", "of the hash and of nothing else: no date, no chance"


def test_outside_a_clone_it_is_the_first() -> None:
    assert part_of("") == "1"


def test_the_parts_together_are_all_servers_and_each_holds_some_of_the_lectures() -> None:
    parts = [in_turn(str(number)) for number in range(1, PARTS + 1)]
    lecture = {name for name, entry in manifest.references().items() if entry.role == "lecture"}
    assert set.union(*parts) == in_turn("all") == set(manifest.references())
    assert all(each & lecture for each in parts)
    assert sum(len(each - lecture) for each in parts) == len(in_turn("all") - lecture)
