"""Moodle's Virtual Programming Lab: execution files of an activity, and what the execution server needs.

Source: vpl.dis.ulpgc.es, Advanced features, Execution files: vpl_evaluate.sh lies beside what was
handed in and generates vpl_execution, whose output is the evaluation.
"""

import shutil
from pathlib import Path
from typing import Final

from harness.export.bundle import Bundle
from harness.export.image import IMAGE, SETUP, image, start
from harness.export.system import ASSIGNMENT, Parts, System

_EXPORT: Final = "/vpl/export"
_FILES: Final = "execution-files"


def _pack(parts: Parts) -> Bundle:
    own = {
        f"{_FILES}/vpl_evaluate.sh": parts.filled("vpl/vpl_evaluate.sh"),
        f"{_FILES}/forkspec-assignment.toml": parts.files[ASSIGNMENT],
    }
    server = {path.replace(IMAGE, "execution-server", 1): d for path, d in image(parts, "vpl").items()}
    return Bundle({**server, **own})


def _arrange(root: Path) -> None:
    """Put the execution files beside what was handed in, as VPL does."""
    shutil.copytree(root / _EXPORT[1:] / _FILES, root / "vpl" / "task", dirs_exist_ok=True)
    lines = ["cd /vpl/task", "bash vpl_evaluate.sh && ./vpl_execution > /vpl/part"]
    start(root, "/vpl", lines)


SYSTEM: Final = System(
    name="vpl",
    says="Write a folder with the execution files of an activity, and what its server needs.",
    out="vpl",
    place=7,
    pack=_pack,
    source=_EXPORT,
    submission="/vpl/task",
    result="/vpl/result",
    setup=f"{_EXPORT}/execution-server/{SETUP}",
    start="/vpl/start.sh",
    arrange=_arrange,
    cpus=1.0,
)
