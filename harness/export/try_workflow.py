"""An export that is a workflow, tried: its steps, one after the other."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from . import scratch_root
from .bundle import Bundle
from .system import System
from .tried import Tried, end_of, hand_in, run

_RUNNER: Final = "/github/runner"
_INDEX: Final = "/github/index"


def try_workflow(
    system: System,
    bundle: Bundle,
    index: Mapping[str, bytes],
    solution: Path,
    scratch: Path,
    tried: Tried,
) -> None:
    """Run each step of the workflow that runs something and asks nothing of the machine itself."""
    folders = {"/github": scratch / "github", "/opt": scratch / "opt", "/var": scratch / "var"}
    for each in folders.values():
        each.mkdir()
    work, runner = scratch / system.source[1:], scratch / _RUNNER[1:]
    runner.mkdir(parents=True)
    hand_in(solution, work)
    bundle.lay_out(work)
    Bundle(index).lay_out(scratch / _INDEX[1:])
    workflow = work / system.workflow
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
        took_s, status = run(words, log, lambda _: None)
        tried.took_s += took_s
        tried.say("step", f"{name}: status {status}, {took_s:.1f} s", sound=not status)
        if status and not (runner / "summary.md").exists():
            tried.say("", end_of(log))
            return
    with contextlib.suppress(FileNotFoundError):
        summary = (runner / "summary.md").read_text(encoding="utf-8").split("\n", 3)
        tried.say("summary", summary[2].strip())
