"""The groups of requirements: their order, their roles, their levels, their place in the story.

To add a group, add it here, in both places. Everybody else reads it from here.
"""

from enum import StrEnum
from typing import Final, Self

from harness.record.role import Role


class Group(StrEnum):
    """The first word of a requirement's id, in the catalogue's order.

    `role` is what its requirements are asked of. `level` is the level, 1 to 3, that a server reaches by
    them; 0 for a group that makes none.
    """

    role: Role
    level: int

    CONTRACT = "contract", Role.SERVER, 1
    SERVICE = "service", Role.SERVER, 1
    CONCURRENCY = "concurrency", Role.SERVER, 2
    FORK = "fork", Role.SERVER, 2
    REAPING = "reaping", Role.SERVER, 3
    STREAM = "stream", Role.SERVER, 3
    ABUSE = "abuse", Role.SERVER, 0
    LIFECYCLE = "lifecycle", Role.SERVER, 0
    MOMENTS = "moments", Role.SERVER, 0
    CLIENT = "client", Role.CLIENT, 0
    PAIR = "pair", Role.PAIR, 0

    def __new__(cls, word: str, role: Role, level: int) -> Self:
        """A string, with what is known of the group."""
        group = str.__new__(cls, word)
        group._value_ = word
        group.role, group.level = role, level
        return group


TOLD: Final = (
    Group.CONTRACT, Group.CONCURRENCY, Group.FORK, Group.REAPING, Group.SERVICE, Group.STREAM,
    Group.ABUSE, Group.LIFECYCLE, Group.MOMENTS, Group.CLIENT, Group.PAIR,
)  # fmt: skip
"""The order of the lecture's story: of several causes that of the earlier group is told first."""

STEPS: Final = tuple(
    tuple(group for group in Group if group.level == level)
    for level in range(1, 1 + max(group.level for group in Group))
)
"""The groups that each level adds, from the first level on."""


def group_of(identifier: str) -> Group:
    """The group of a requirement, by its id; raises ValueError for an unknown one."""
    return Group(identifier.partition("/")[0])  # type: ignore[call-arg]  # by its word, as every enum
