"""A class of made-up students, graded: how fast, how busy, how large; is a resumed one the same?

References under students' names, a tenth of them broken in other ways. With --kills the same class is
graded again and ended by SIGKILL at so many random moments; the grade books must be identical.
Exit status 0 or 1.
"""

from __future__ import annotations

import argparse
import fcntl
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

import psutil

from harness.cohort.store import Store
from harness.engine import references
from harness.subject import manifest
from harness.subject.places import shipped
from tests import promises

_FIRST: Final = ("Ada", "Bjarne", "Chloé", "Dörte", "Edsger", "Frances", "Grace", "Håkon", "Jürgen")
_TENTH: Final = 10
_BROKEN: Final = ("int main( {", "", "#include <nothing.h>\n", "int main(void) { for (;;); }\n")
_LOOK_S: Final = 0.02


def is_apart(entry: manifest.Reference) -> bool:
    """Whether a server is judged otherwise than it would be as a mere file."""
    return bool(entry.contract or entry.limits or entry.flags)


def make(folder: Path, count: int, seed: int) -> dict[str, str]:
    """Hand in for so many students; returns which reference each of them took, "" for a broken one."""
    draw, took = random.Random(seed), {}
    names = [
        name
        for name, entry in manifest.references().items()
        if name.endswith((".c", ".cpp", ".py")) and entry.role != "design" and _is_alone(name)
    ]
    draw.shuffle(names)
    for number in range(count):
        student = f"{_FIRST[number % len(_FIRST)]} {number:03}"
        here = folder / student
        here.mkdir(parents=True)
        if number % _TENTH == 0:
            text, took[student] = _BROKEN[number // _TENTH % len(_BROKEN)], ""
            (here / "server.c").write_text(text)
            continue
        name = took[student] = names[number % len(names)]
        text = _source(name).read_text(encoding="utf-8").replace("../base.h", "base.h")
        remark = f"{'#' if name.endswith('.py') else '//'} {student}"
        (here / name).write_text(f"{text}\n{remark}\n", encoding="utf-8")
        if "base.h" in text:
            shutil.copyfile(shipped("servers") / "base.h", here / "base.h")
    return took


def _source(name: str) -> Path:
    (source,) = (path for path in shipped("servers").rglob(name) if path.parent.name != "servers")
    return source


def _is_alone(name: str) -> bool:
    """Whether it includes nothing of ours but base.h."""
    included = re.findall('^#include "(.*)"', _source(name).read_text(encoding="utf-8"), re.MULTILINE)
    return set(included) <= {"../base.h"}


def grade(submissions: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "harness.cli", "grade", str(submissions), "--out", str(out), *more]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL)


@dataclass
class Watch:
    """A class while it is graded: times in seconds, the harness's memory in MiB at every tenth.

    `alone_s` is how long somebody measured with the machine to himself: nobody else may work then.
    """

    seconds: float = 0.0
    busy: float = 0.0
    alone_s: float = 0.0
    busy_beside: float = 0.0
    sizes: list[int] = field(default_factory=list)


def watched(running: subprocess.Popen[bytes]) -> Watch:
    start_s, sizes = time.monotonic(), []
    me = psutil.Process(running.pid)
    seconds, idle = {True: 0.0, False: 0.0}, {True: 0.0, False: 0.0}
    cores, before = psutil.cpu_count() or 1, (start_s, psutil.cpu_times().idle)
    with Path("/tmp/forkspec-lane.lock").open("a") as road:
        while running.poll() is None:
            alone = _is_held_alone(road)
            time.sleep(_LOOK_S)
            now = (time.monotonic(), psutil.cpu_times().idle)
            seconds[alone] += now[0] - before[0]
            idle[alone] += now[1] - before[1]
            before = now
            with suppress(psutil.Error):
                sizes.append(me.memory_info().rss >> 20)
    whole = seconds[True] + seconds[False]
    return Watch(
        time.monotonic() - start_s,
        1 - (idle[True] + idle[False]) / whole / cores,
        seconds[True],
        1 - idle[False] / max(seconds[False], _LOOK_S) / cores,
        sizes[:: max(1, len(sizes) // 10)],
    )


def _is_held_alone(road: TextIO) -> bool:
    try:
        fcntl.flock(road, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(road, fcntl.LOCK_UN)
    return False


def wrong(took: dict[str, str], out: Path) -> list[str]:
    """Verdicts that are not the manifest's, those left open as a race apart."""
    from harness.cohort.grade import Grading  # noqa: PLC0415
    from harness.engine.assignment_file import AssignmentFile  # noqa: PLC0415

    found = []
    with Store(out, new=False) as store:
        for student in Grading(store, AssignmentFile()).everybody():
            name = took[student.name]
            entry = manifest.references().get(name)
            if entry is None or is_apart(entry):
                continue
            for result in student.results:
                for identifier, verdict in result.verdicts.items():
                    promised = references.expected(entry, identifier, result.cell)
                    if verdict.outcome is not promised and promises.is_settled(entry, identifier):
                        said = verdict.evidence.observed
                        found.append(f"{name}: {identifier} {verdict.outcome}, not {promised}: {said}")
    return found


def main() -> int:
    words = _words()
    with tempfile.TemporaryDirectory(dir=words.scratch) as scratch:
        submissions, whole = Path(scratch) / "class", Path(scratch) / "whole"
        took = make(submissions, words.students, words.seed)
        seen = watched(running := grade(submissions, whole))
        if running.returncode:
            return 1
        rate = 60 * words.students / seen.seconds
        print(f"{words.students} students in {seen.seconds:.0f} s, {rate:.1f} a minute")
        print(f"cores busy {100 * seen.busy:.0f} %; somebody measured alone for {seen.alone_s:.0f} s")
        print(f"cores busy in the rest {100 * seen.busy_beside:.0f} %; harness, MiB: {seen.sizes}")
        odd = wrong(took, whole)
        print(*odd, f"{len(odd)} verdicts otherwise than the manifest", sep="\n")
        if not words.kills:
            return 0
        killed, draw = Path(scratch) / "killed", random.Random(words.seed)
        moments = [draw.uniform(1, 2 * seen.seconds / words.kills) for _ in range(words.kills)]
        for moment in moments:
            running = grade(submissions, killed)
            time.sleep(moment)
            running.send_signal(signal.SIGKILL)
            running.wait()
        grade(submissions, killed).wait()
        books = [_book(out) for out in (whole, killed)]
        differing = [pair for pair in zip(*books, strict=True) if pair[0] != pair[1]]
        print(f"killed {words.kills} times and resumed: {len(differing)} lines of the grade book differ")
        for before, after in differing:
            print(f"- {before}\n+ {after}")
        return 1 if differing else 0


def _book(out: Path) -> list[str]:
    return (out / "gradebook.csv").read_text(encoding="utf-8-sig").splitlines()


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scratch", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
