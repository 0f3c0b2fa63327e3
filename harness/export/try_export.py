"""An export tried here: set up and started in a scratch root, under the limits of its system."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from harness.report.formats.format import CourseSystem

from . import scratch_root
from .bundle import Bundle
from .scratch_root import CannotTry
from .system import System
from .tried import Tried
from .try_container import try_container
from .try_workflow import try_workflow


def refuse_what_cannot_be(solution: Path) -> None:
    """Raise CannotTry at once without a solution, root or bubblewrap."""
    if not solution.exists():
        raise CannotTry(f"{solution}: no such file or folder to try it on")
    scratch_root.words({}, [], environment={}, folder="/", as_in_docker=False)


def try_export(
    system: System,
    bundle: Bundle,
    index: Mapping[str, bytes],
    solution: Path,
    reads: CourseSystem | None = None,
) -> Tried:
    """Lay it out, set it up, judge the solution; `reads` is how the system reads a result file.

    `index` are wheels by name, in place of the package index that a workflow asks.

    Raises:
        CannotTry: this machine cannot; the text says why.
    """
    refuse_what_cannot_be(solution)
    tried = Tried()
    with _scratch() as scratch:
        if system.workflow:
            try_workflow(system, bundle, index, solution, scratch, tried)
        else:
            try_container(system, bundle, solution, reads, scratch, tried)
    return tried


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder for what the root may write to; open to the subject's uid."""
    folder = Path(tempfile.mkdtemp(prefix="forkspec-try-"))
    try:
        folder.chmod(0o755)
        yield folder
    except OSError as error:
        raise CannotTry(f"{error.filename or folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
