"""An export tried here: set up and started in a scratch root, under the limits of its system."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from . import scratch_root
from .allowance import allowance
from .bundle import Bundle
from .scratch_root import CannotTry
from .systems import System

CPUS: Final = 0.5
MEMORY_BYTES: Final = 768 << 20
LECTURE_S: Final = 30.0
ALL_S: Final = 120.0
_GUARD_S: Final = 400.0
_BETWEEN_LOOKS_S: Final = 0.02
_TOLD_LINES: Final = 12
_RUNNER: Final = "/github/runner"
_INDEX: Final = "/github/index"
_METADATA: Final = {
    "id": 1,
    "users": [{"id": 1, "email": "ada@example.org", "name": "Ada Lovelace"}],
    "assignment": {"title": "tried", "due_date": "2999-01-01T00:00:00.000000Z"},
}
Rules = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Written:
    """What stood in the result file from a moment on, in seconds after the start."""

    after_s: float
    text: str


@dataclass(slots=True)
class Tried:
    """How it went: `lines` for a person, the result file's contents in order, whether all is well."""

    lines: list[str] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    took_s: float = 0.0
    is_sound: bool = True

    def say(self, what: str, text: str, *, sound: bool = True) -> None:
        """One line more; what is not sound spoils the whole."""
        self.lines.append(f"{what:<10}{text}")
        self.is_sound &= sound


def refuse_what_cannot_be(solution: Path) -> None:
    """Say at once what would fail after minutes.

    Raises:
        CannotTry: no such solution, no root, no bubblewrap.
    """
    if not solution.exists():
        raise CannotTry(f"{solution}: no such file or folder to try it on")
    scratch_root.words({}, [], environment={}, folder="/", as_in_docker=False)


def rehearse(
    system: System, bundle: Bundle, index: Mapping[str, bytes], solution: Path, rules: Rules
) -> Tried:
    """Lay it out, set it up, judge the solution; `rules` tell what is wrong with a result file.

    `index` are wheels by name, in place of the package index that a workflow asks.

    Raises:
        CannotTry: this machine cannot; the text says why.
    """
    refuse_what_cannot_be(solution)
    tried = Tried()
    with _scratch() as scratch:
        if system.result:
            _in_container(system, bundle, solution, rules, scratch, tried)
        else:
            _in_workflow(system, bundle, index, solution, scratch, tried)
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


def _in_container(
    system: System, bundle: Bundle, solution: Path, rules: Rules, scratch: Path, tried: Tried
) -> None:
    tops = {place.split("/")[1] for place in (system.source, system.submission, system.result)}
    folders = {f"/{top}": scratch / top for top in ("opt", "var", *sorted(tops))}
    for each in folders.values():
        each.mkdir()
    bundle.lay_out(scratch / system.source[1:])
    _hand_in(solution, scratch / system.submission[1:])
    if system.name == "gradescope":  # it copies what is started, and tells who handed in
        shutil.copy2(scratch / system.source[1:] / "run_autograder", scratch / system.start[1:])
        (scratch / "autograder" / "submission_metadata.json").write_text(json.dumps(_METADATA))
    log = scratch / "log"
    setup = scratch_root.words(
        folders, ["/bin/bash", system.setup], environment={}, folder="/", as_in_docker=False
    )
    took_s, status = _run(setup, log, lambda _: None)
    if status:
        tried.say("setup", f"failed after {took_s:.1f} s: {_end_of(log)}", sound=False)
        return
    tried.say("setup", f"{took_s:.1f} s, without network; the interpreter is this machine's")
    result, written = scratch / system.result[1:], tried.written

    def look(after_s: float) -> None:
        with contextlib.suppress(FileNotFoundError):
            text = result.read_text(encoding="utf-8")
            if not written or written[-1].text != text:
                written.append(Written(after_s, text))

    with allowance(CPUS, MEMORY_BYTES) as limits:
        start = scratch_root.words(
            folders, ["/bin/bash", system.start], environment={}, folder="/", as_in_docker=True
        )
        tried.took_s, status = _run([*limits.prefix, *start], log, look)
        used = limits.most_bytes()
    held = "; ".join(limits.missing) or f"{CPUS:g} processors, {MEMORY_BYTES >> 20} MiB"
    held += f" ({used >> 20} used)" if used else ""
    tried.say("limits", f"{held}; no namespaces, no network")
    if status:
        tried.say("start", f"status {status}: {_end_of(log)}", sound=False)
    _tell_result(tried, rules)


def _tell_result(tried: Tried, rules: Rules) -> None:
    if not tried.written:
        tried.say("result", "none was written", sound=False)
        return
    slips = [
        f"after {each.after_s:.1f} s: {slip}" for each in tried.written for slip in rules(each.text)
    ]
    often = f"{len(tried.written)} times in its place, the first after {tried.written[0].after_s:.1f} s"
    tried.say("result", f"{often}; {'; '.join(slips) or 'valid each time'}", sound=not slips)
    counted_s = next((each.after_s for each in tried.written[1:]), tried.took_s)
    tried.say(
        "time",
        f"what counts was known after {counted_s:.1f} s (at most {LECTURE_S:g}), "
        f"all after {tried.took_s:.1f} s (at most {ALL_S:g})",
        sound=counted_s <= LECTURE_S and tried.took_s <= ALL_S,
    )
    if slips:
        return
    told: dict[str, Any] = json.loads(tried.written[-1].text)
    is_published = told.get("gradable", True) and told.get("visibility") != "hidden"
    points = f"{told.get('score', 0):g}"
    if "stdout_visibility" in told:
        points += f" of {sum(test.get('max_score', 0) for test in told['tests']):g}"
    elif told.get("gradable"):
        points = f"{100 * told['score']:g} %"
    why = told.get("message") or told.get("output") or "; ".join(told.get("format_errors", []))
    hidden = "" if is_published else "not published: "
    tried.say(
        "points", f"{hidden}{points}  {why.splitlines()[0] if why else ''}".rstrip(), sound=is_published
    )


def _in_workflow(
    system: System,
    bundle: Bundle,
    index: Mapping[str, bytes],
    solution: Path,
    scratch: Path,
    tried: Tried,
) -> None:
    """Each step of the workflow that runs something and asks nothing of the machine itself."""
    folders = {"/github": scratch / "github", "/opt": scratch / "opt", "/var": scratch / "var"}
    for each in folders.values():
        each.mkdir()
    work, runner = scratch / system.source[1:], scratch / _RUNNER[1:]
    runner.mkdir(parents=True)
    _hand_in(solution, work)
    bundle.lay_out(work)
    Bundle(index).lay_out(scratch / _INDEX[1:])
    workflow = work / ".github" / "workflows" / "forkspec.yml"
    job = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]["judge"]
    environment = {
        **job["env"],
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": _INDEX,
        "RUNNER_TEMP": _RUNNER,
        "GITHUB_WORKSPACE": system.source,
        "GITHUB_STEP_SUMMARY": f"{_RUNNER}/summary.md",
    }
    log = scratch / "log"
    for step in job["steps"]:
        name, script = step.get("name", step.get("uses", "")), step.get("run", "")
        if not script or "sudo" in script:
            tried.say("skipped", name)
            continue
        (runner / "step.sh").write_text(script)
        words = scratch_root.words(
            folders,
            ["/bin/bash", "-e", f"{_RUNNER}/step.sh"],
            environment=environment,
            folder=system.source,
            as_in_docker=False,
        )
        took_s, status = _run(words, log, lambda _: None)
        tried.took_s += took_s
        tried.say("step", f"{name}: status {status}, {took_s:.1f} s", sound=not status)
        if status and not (runner / "summary.md").exists():
            tried.say("", _end_of(log))
            return
    with contextlib.suppress(FileNotFoundError):
        summary = (runner / "summary.md").read_text(encoding="utf-8").split("\n", 3)
        tried.say("summary", summary[2].strip())


def _hand_in(solution: Path, place: Path) -> None:
    if solution.is_dir():
        shutil.copytree(solution, place, symlinks=True)
    else:
        place.mkdir(parents=True)
        shutil.copy2(solution, place)


def _run(words: Sequence[str], log: Path, look: Callable[[float], None]) -> tuple[float, int]:
    """Seconds and status of a command; `look` is called all the while with the seconds so far."""
    start_s = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
        )
        try:
            while process.poll() is None:
                look(time.monotonic() - start_s)
                if time.monotonic() - start_s > _GUARD_S:
                    raise CannotTry(f"{words[-1]} did not end within {_GUARD_S:g} s")
                time.sleep(_BETWEEN_LOOKS_S)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    look(time.monotonic() - start_s)
    return time.monotonic() - start_s, process.returncode


def _end_of(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return " | ".join(lines[-_TOLD_LINES:])
