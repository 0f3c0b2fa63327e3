"""The promises of SECURITY.md for each kind of cell: the rows of its first table, for the doctor."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from harness.cell.cells import KINDS, CellKind

_HELD: Final = "yes"
_FOR_ROOT: Final = "as root"


class Promise(NamedTuple):
    """One sentence, and how far it is held in each kind of cell, in the order of KINDS."""

    says: str
    held: tuple[str, str, str]


PROMISES: Final = (
    Promise(
        "whatever the program does, the check ends with a verdict, or says that it could not tell",
        ("yes", "yes", "yes"),
    ),
    Promise(
        "a reply, a greeting or a storm of connections without end ends within `most_s` of "
        "the assignment, or four times that where the server rests and the machine is slow",
        ("yes", "yes", "yes"),
    ),
    Promise(
        "who kills what injects errors into it from inside is not told that it has outlived them",
        ("yes", "yes", "as root"),
    ),
    Promise(
        "where the machine is short of memory, processes or descriptors, no server fails for it",
        ("yes", "yes", "not tried"),
    ),
    Promise(
        "no process, no scratch folder and no listener outlives the check", ("yes", "yes", "as root")
    ),
    Promise(
        "no process, no scratch folder and no listener outlives forkspec where it is killed itself",
        ("yes", "yes", "as root"),
    ),
    Promise(
        "all processes of a cell together take no more memory than it may have",
        ("yes", "yes", "as root"),
    ),
    Promise(
        "no file in /tmp, /var/tmp and /dev/shm, and nothing of System V, outlives the check",
        ("yes", "yes", "as root"),
    ),
    Promise(
        "other processes of the user who runs forkspec are neither killed nor stopped",
        ("yes", "yes", "as root"),
    ),
    Promise(
        "nothing that the program reads of itself and of what is around it names forkspec",
        ("yes", "not its files", "no"),
    ),
    Promise(
        "a server that is sound only where it recognises a judge by its user, host name, "
        "folder, name, pid, parent, process 1 or variables is judged as any other",
        ("yes", "yes", "no"),
    ),
    Promise(
        "in a class nobody finds the assignment, another's work, or results, in files or "
        "processes, while serving or while being built; no kept build of another's is "
        "changed; who is graded beside such is judged as alone",
        ("yes", "not tried", "no"),
    ),
    Promise(
        "a build is not ended, and its server not failed, for time in which others had the processors",
        ("yes", "yes", "yes"),
    ),
    Promise(
        "the verdicts on the lecture's servers are the same as in bubblewrap",
        ("yes", "yes", "yes, but for what the report marks as not applicable"),
    ),
)


def not_held(kind: CellKind, *, is_root: bool) -> Iterator[tuple[str, str]]:
    """How far each promise is held that such a cell does not hold whole, and the promise."""
    for promise in PROMISES:
        how = promise.held[KINDS.index(kind)]
        if how != _HELD and not (how == _FOR_ROOT and is_root):
            yield f"only {how}" if how == _FOR_ROOT else how, promise.says
