"""Where a process's descriptors lead, and where most of those lead that are new."""

from __future__ import annotations

from harness.judge.growth import new_ones
from harness.observe.descriptors import by_what
from harness.record.recording import Recording
from tests.recordings import story


def test_sockets_pipes_and_files_are_told_apart() -> None:
    told = ["socket:[1]", "socket:[22]", "pipe:[3]", "anon_inode:[eventpoll]", "/dev/null", "/dev/null"]
    links = [(str(number), link) for number, link in enumerate([*told, "/tmp/log (deleted)", ""])]
    assert by_what(links) == {
        "socket": 2,
        "pipe": 1,
        "eventpoll": 1,
        "/dev/null": 2,
        "/tmp/log (deleted)": 1,
        "": 1,
    }
    assert by_what(links[:3]) == {}


def test_many_files_are_told_together() -> None:
    links = [(str(number), f"/tmp/log-{number}") for number in range(20)]
    assert by_what([*links, ("20", "socket:[9]")]) == {"file": 20, "socket": 1}


def grown(opens: dict[str, int]) -> Recording:
    return story("long run").starts().has(opens=opens).quiet().over()


def test_what_is_new_is_told_and_what_was_there_is_not() -> None:
    def between(before: dict[str, int], after: dict[str, int]) -> str:
        return new_ones(grown(before).last(), grown(after).last())

    assert between({"socket": 5}, {"socket": 5, "/dev/null": 40}) == "each the file /dev/null"
    assert between({}, {"socket": 40, "pipe": 2}) == "mostly a socket"
    assert between({}, {}) == ""
