"""Submitty: `config/` of a gradeable, and the image of the container in which it is judged.

One test case judges in a container; a custom validator gives its points. As in networks courses there
is no second container: forkspec's clients are in the server's own.

Source: submitty.org, Instructor, Autograding: Specification, Validation, System Call Filtering.
"""

import json
from pathlib import Path
from typing import Any, Final

from harness.export.bundle import Bundle
from harness.export.image import IMAGE, SETUP, image, start
from harness.export.system import Parts, System

_EXPORT: Final = "/submitty/export"
_CASE: Final = "test01"
_CONFIG: Final = "config/config.json"
_VALIDATOR: Final = "config/custom_validation_code/forkspec_result.py"


def _pack(parts: Parts) -> Bundle:
    own = {
        f"{IMAGE}/Dockerfile": parts.filled("submitty/Dockerfile"),
        _CONFIG: parts.filled("submitty/config.json"),
        _VALIDATOR: parts.filled("submitty/forkspec_result.py"),
    }
    return Bundle({**image(parts, "submitty"), **own})


def _arrange(root: Path) -> None:
    """Do the two phases as Submitty does: the test case in its folder, the validator in that above."""
    config: Any = json.loads((root / _EXPORT[1:] / _CONFIG).read_text(encoding="utf-8"))
    (case,) = config["testcases"]
    (validation,) = case["validation"]
    told = {**validation, "testcase_prefix": f"{_CASE}/", "username": "ada"}
    work = root / "submitty" / "tmp_work"
    (work / "custom_validator_input.json").write_text(json.dumps(told))
    (work / Path(_VALIDATOR).name).write_bytes((root / _EXPORT[1:] / _VALIDATOR).read_bytes())
    lines = [f"cd /submitty/tmp_work/{_CASE}", case["command"], "cd ..", validation["command"]]
    start(root, "/submitty", [*lines, "cp validation_results.json /submitty/part"])


SYSTEM: Final = System(
    name="submitty",
    says="Write a folder with the config of a gradeable, and the image of its container.",
    out="submitty",
    place=5,
    pack=_pack,
    source=_EXPORT,
    submission=f"/submitty/tmp_work/{_CASE}",
    result="/submitty/result",
    setup=f"{_EXPORT}/{IMAGE}/{SETUP}",
    start="/submitty/start.sh",
    arrange=_arrange,
    cpus=1.0,
)
