"""Course systems, as an export sees them: their archive, its place, and how it is started."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import harness
from harness.engine import catalogue
from harness.engine.assignment_file import AssignmentFile, read
from harness.results.marking import of_the_lecture

from .bundle import Bundle
from .wheels import Wheels

WITHIN_S: Final = 110  # then what is known so far is written, so that all ends within 120 s
_TEMPLATES: Final = Path(__file__).parent / "templates"
_TIMEOUT_S: Final = 180
ASSIGNMENT: Final = "assignment.toml"
_LECTURE: Final = b"# The lecture's own contract and levels.\n"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of every archive: files by path, and the words that templates leave open."""

    files: Mapping[str, bytes]
    words: Mapping[str, str]

    def filled(self, template: str) -> bytes:
        """A file of templates/, its words filled in."""
        text = (_TEMPLATES / template).read_text(encoding="utf-8")
        for word, value in self.words.items():
            text = text.replace(f"@{word}@", value)
        return text.encode()


@dataclass(frozen=True, slots=True)
class System:
    """A course system. The paths are absolute ones of the machine on which it judges.

    `says` is the help of its command, `out` where that writes to if nothing is said: a zip, or a folder.
    `pack` makes the archive. It lies in `source` there, and what was handed in lies in `submission`.
    In a container `setup` is run once when the image is made and `start` for each submission, which
    writes `result`; `arrange` does below a scratch root what the system itself does before. `cpus` and
    `memory_bytes` are what its container grants. Elsewhere `workflow` is the file, in `source`, whose
    steps are run. `place` is where the system stands in the help.
    """

    name: str
    says: str
    out: str
    place: int
    pack: Callable[[Parts], Bundle]
    source: str
    submission: str
    result: str = ""
    setup: str = ""
    start: str = ""
    arrange: Callable[[Path], None] = lambda _: None
    cpus: float = 0.5
    memory_bytes: int = 768 << 20
    workflow: str = ""

    @property
    def is_zip(self) -> bool:
        """Whether it takes a zip; the others take a folder."""
        return self.out.endswith(".zip")


def _most(settings: AssignmentFile) -> int:
    """The points that can be reached, as the whole number that some systems want."""
    known = list(catalogue.every_requirement())
    marking = settings.assignment.marking or of_the_lecture(known)
    return math.ceil(sum(each.points for each in marking.awards if not each.bonus))


def bundle(system: System, assignment: Path | None, wheels: Wheels) -> Bundle:
    """The files for a system, with the assignment's settings, else the lecture's; raises OSError."""
    settings = assignment.read_bytes() if assignment else _LECTURE
    image = re.sub(r"[^a-z0-9]+", "-", assignment.stem.lower()).strip("-") if assignment else ""
    files = {f"wheels/{name}": data for name, data in wheels.files.items()}
    files |= {"requirements.txt": wheels.requirements.encode(), ASSIGNMENT: settings}
    words = {
        "VERSION": harness.__version__,
        "WITHIN": str(WITHIN_S),
        "TIMEOUT": str(_TIMEOUT_S),
        "IMAGE": f"forkspec-{image or 'lecture'}",
        "POINTS": str(_most(read(assignment))),
    }
    return system.pack(Parts(files, words))
