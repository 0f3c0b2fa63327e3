"""CodeGrade: files for the setup of AutoTest, and a Custom Test.

Source: codegrade.com, How to use custom test blocks; help.codegrade.com, AutoTest V2 blocks, JSON
object for automatic comments (descriptor 3, /home/codegrade/student).
"""

from pathlib import Path
from typing import Final

from harness.export.bundle import Bundle
from harness.export.image import IMAGE, SETUP, image, start
from harness.export.system import Parts, System

_EXPORT: Final = "/codegrade/export"
_STUDENT: Final = "/home/codegrade/student"
_TEST: Final = "custom-test.sh"
_PART: Final = "/codegrade/part"
_POINTS: Final = "/codegrade/points"


def _pack(parts: Parts) -> Bundle:
    files = {path.removeprefix(f"{IMAGE}/"): data for path, data in image(parts, "codegrade").items()}
    own = {name: parts.filled(f"codegrade/{name}") for name in (SETUP, _TEST)}
    return Bundle({**files, "install-forkspec.sh": files[SETUP], **own})


def _arrange(root: Path) -> None:
    """Start the test where the student's files lie, and read what it writes to descriptor 3."""
    lines = [f"cd {_STUDENT}", f"bash /opt/forkspec/{_TEST} > {_PART} 3> {_POINTS}"]
    start(
        root,
        "/codegrade",
        [*lines, f"cat {_POINTS} >> {_PART}", f"test -s {_POINTS} || echo '{{}}' >> {_PART}"],
    )


SYSTEM: Final = System(
    name="codegrade",
    says="Write codegrade.zip, with the files for the setup of AutoTest and a Custom Test.",
    out="codegrade.zip",
    place=6,
    pack=_pack,
    source=_EXPORT,
    submission=_STUDENT,
    result="/codegrade/result",
    setup=f"{_EXPORT}/{SETUP}",
    start="/codegrade/start.sh",
    arrange=_arrange,
    cpus=1.0,
)
