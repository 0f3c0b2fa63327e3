"""Exports for course systems, each tried here as there: half a processor, 768 MiB, no namespaces.

For each reference server: seconds until what counts was known, and all; the points; and whether each
test in the result file says what the manifest promises for the plain cell. Needs root, bubblewrap, a
C++ compiler and a package index. The wheels are made once.

Exit status: 1 when a claim does not hold, a file breaks a rule, or a verdict is not the manifest's.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from harness.engine import references
from harness.export import wheels
from harness.export.every_system import SYSTEMS
from harness.export.system import bundle
from harness.export.try_export import try_export
from harness.judge.verdict import Outcome
from harness.report.formats.registry import formats
from harness.subject import manifest
from harness.subject.places import shipped
from tests import promises

_NAMES: Final = (
    "tcpserver", "tcpserver2", "tcpserver3", "tcpserver4", "never-reaps", "half-line-blocks-loop",
    "spins-on-accept", "ticks-to-dodge", "connfd-pointer", "takes-turns",
    "forking_tcpserver",
)  # fmt: skip
_MET: Final = {Outcome.PASS, Outcome.NOT_APPLICABLE}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", default=_NAMES, help="reference servers, without suffix")
    parser.add_argument("--system", choices=["gradescope", "prairielearn"], default="gradescope")
    words = parser.parse_args()
    system = SYSTEMS[words.system]
    reads = formats()[system.name].course_system
    packed = bundle(system, None, wheels.collect())
    size = len(packed.as_zip()) / 1e6
    print(f"{system.name}: {len(packed.files)} files, {size:.1f} MB packed", flush=True)
    bad = 0
    for name in words.names:
        with tempfile.TemporaryDirectory() as folder:
            entry = _hand_in(name, Path(folder))
            tried = try_export(system, packed, {}, Path(folder), reads)
        told = json.loads(tried.written[-1].text) if tried.written else {}
        wrong, untold = _otherwise(entry, told)
        bad += bool(wrong) or not tried.is_sound
        print(f"\n{name}", *tried.lines, *wrong, *untold, sep="\n  ", flush=True)
    print(f"\n{len(words.names)} tried, {bad} not as they must be")
    return min(bad, 1)


def _hand_in(name: str, folder: Path) -> manifest.Reference:
    """Put a reference server into a folder, with the headers that it includes; its manifest's entry."""
    found = [key for key in manifest.references() if Path(key).stem == name]
    key = next((each for each in found if each.endswith((".cpp", ".c"))), found[0])
    entry = manifest.references()[key]
    source = shipped("servers") / entry.path
    for header in shipped("servers").rglob("*.h"):
        target = folder / header.relative_to(shipped("servers"))
        target.parent.mkdir(exist_ok=True)
        shutil.copy(header, target)
    target = folder / source.relative_to(shipped("servers"))
    target.parent.mkdir(exist_ok=True)
    shutil.copy(source, target)
    return entry


def _otherwise(entry: manifest.Reference, told: dict[str, Any]) -> tuple[list[str], list[str]]:
    """What is met and should not be, or the other way round; and what could not be told.

    Only Gradescope's file tells.
    """
    wrong, untold = [], []
    for test in told.get("tests", []):
        if "/" not in test["name"] or "score" in test or not promises.is_settled(entry, test["name"]):
            continue
        promised = references.expected(entry, test["name"], "plain")
        if "status" not in test:
            untold.append(f"{test['name']} could not be told")
        elif (promised in _MET) != (test["status"] == "passed"):
            wrong.append(f"{test['name']} {test['status']}, promised: {promised.value}")
    return wrong, untold


if __name__ == "__main__":
    sys.exit(main())
