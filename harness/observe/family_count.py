"""How large the family is: cheap enough to be counted again and again while thousands are born."""

from collections.abc import Collection
from typing import NamedTuple

from . import census, descriptors


class Count(NamedTuple):
    """Processes that live, zombies, and the open descriptors of all."""

    processes: int
    zombies: int
    descriptors: int


def count(init: int, without: Collection[int] = ()) -> Count:
    """Count once below `init`, without these and all below them; who comes meanwhile may be missed."""
    processes = zombies = open_ = 0
    todo = census.children(init, [init])
    while todo:
        pid = todo.pop()
        if pid in without or (line := census.read(f"/proc/{pid}/stat")) is None:
            continue
        fields = line[line.rindex(b")") + 2 :].split(None, 18)
        if fields[0] in b"ZX":
            zombies += 1
            continue
        processes += 1
        open_ += descriptors.count(pid)
        tids = [pid] if fields[17] == b"1" else census.task_ids(pid)
        todo += census.children(pid, tids)
    return Count(processes, zombies, open_)
