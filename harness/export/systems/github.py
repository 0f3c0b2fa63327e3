"""GitHub: a workflow that judges each push, in the repository that students begin with."""

from typing import Final

from harness.export.bundle import Bundle
from harness.export.system import Parts, System

_WORKFLOW: Final = ".github/workflows/forkspec.yml"


def _pack(parts: Parts) -> Bundle:
    """Without the wheels that a package index has: a student's repository need not hold them."""
    ours = {
        f".github/forkspec/{name}": data
        for name, data in parts.files.items()
        if not name.startswith("wheels/") or name.startswith("wheels/forkspec-")
    }
    return Bundle({_WORKFLOW: parts.filled("github/forkspec.yml"), **ours})


SYSTEM: Final = System(
    name="github",
    says="Write a folder with a workflow that judges each push, to be copied into the repository.",
    out="github",
    place=3,
    pack=_pack,
    source="/github/workspace",
    submission="/github/workspace",
    workflow=_WORKFLOW,
)
