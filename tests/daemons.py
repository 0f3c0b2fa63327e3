"""Real daemons of a distribution: what is expected of each, and whether this machine has it.

`examples/daemons/NAME/` has an assignment, by which the daemon is judged, and `expected.toml`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, Literal

import msgspec

from harness.engine import assignment_file, targets
from harness.engine.session import Options
from harness.judge.verdict import Outcome
from harness.results.result import Result
from harness.results.rubric import Rubric
from harness.subject.subject import Subject

FOLDER: Final = Path(__file__).parent.parent / "examples" / "daemons"
EXPECTED: Final = "expected.toml"
_UPSTREAM: Final = re.compile(r"^(?:\d+:)?(.+?)(?:-[^-]+)?$")
_NOT_MEANT: Final = frozenset({"contract/announces"})  # of exercises
_SHOWN: Final = frozenset({Outcome.FAIL, Outcome.INCONCLUSIVE})


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Requirements that a daemon does not meet, and why.

    A "defect" is the daemon's: its last words say it, or it was seen by hand. A "limit" is documented,
    and may be set otherwise; "design" is what it is meant to do; "protocol" says that what is asked
    cannot be said in it.
    """

    ids: tuple[str, ...]
    kind: Literal["defect", "limit", "design", "protocol"]
    why: str


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a daemon of one version shows. `programs` are those that it needs, by name or path.

    Nothing is expected of what is `unsettled`: it could not be told, or differs from run to run, or
    nobody has looked at it by hand. What is `slow` wakes by the clock: half a minute even for a few.
    """

    package: str
    version: str
    programs: tuple[str, ...]
    level: int
    design: str
    reaping: str = ""
    slow: bool = False
    finding: tuple[Finding, ...] = ()
    unsettled: tuple[str, ...] = ()
    note: str = ""


def names() -> list[str]:
    """Every daemon that has an assignment."""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{EXPECTED}"))


@cache
def expected(name: str) -> Expected:
    """What is expected of a daemon."""
    return msgspec.toml.decode((FOLDER / name / EXPECTED).read_bytes(), type=Expected)


def lack(name: str) -> str:
    """Why it cannot be compared on this machine, "" where it can."""
    entry = expected(name)
    missing = [program for program in entry.programs if shutil.which(program) is None]
    if missing:
        return f"{', '.join(missing)} is not installed (package {entry.package})"
    here = installed_version(entry.package)
    if here != entry.version:
        return f"what is expected is of {entry.package} {entry.version}; here is {here or 'no package'}"
    return ""


def installed_version(package: str) -> str:
    """The upstream version of a Debian package; "" where it is not installed."""
    dpkg = shutil.which("dpkg-query")
    if dpkg is None:
        return ""
    asked = [dpkg, "-W", "-f", "${Version}", package]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    found = _UPSTREAM.match(done.stdout) if done.returncode == 0 else None
    return found[1] if found else ""


def prepared(name: str, only: tuple[str, ...] = ()) -> tuple[Subject, Options]:
    """A daemon, and how it is judged."""
    settings = assignment_file.read(FOLDER / name / "assignment.toml")
    subject = targets.prepare(str(FOLDER / name), settings.handed_in)
    rubric = Rubric(settings.tier) if settings.tier else Rubric()
    return subject, Options(only=only, rubric=rubric, assignment=settings.assignment)


def differences(entry: Expected, result: Result) -> Iterator[str]:
    """Where a result is not what is expected, one sentence each; the level only where all was judged."""
    why = {identifier: each.kind for each in entry.finding for identifier in each.ids}
    for requirement in result.requirements:
        verdict = result.verdicts.get(requirement.id)
        if verdict is None or requirement.id in {*entry.unsettled, *_NOT_MEANT}:
            continue
        is_expected = requirement.id in why
        if (verdict.outcome in _SHOWN) != is_expected:
            known = f"a {why[requirement.id]}" if is_expected else "nothing"
            observed = verdict.evidence.observed
            yield f"{requirement.id} is {verdict.outcome.value}, expected is {known}: {observed}"
    if result.level is not None and result.level != entry.level:
        yield f"the level is {result.level}, not {entry.level}"
    if result.diagnosis.design != entry.design:
        yield f"the design is told as {result.diagnosis.design!r}, not {entry.design!r}"
    if result.level is not None and result.diagnosis.reaping != entry.reaping:
        yield f"the reaping is told as {result.diagnosis.reaping!r}, not {entry.reaping!r}"
