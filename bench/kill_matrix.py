"""The kill matrix: every reference server and client against every requirement, and the manifests.

Red when a verdict or a diagnosis is not the manifest's, when a fault is not killed by the requirement
named for it, when a design fails anything, when no fault kills a requirement. Exit status 0 or 1.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from harness.cell import isolation
from harness.cell.cells import KINDS, CellKind, Cells
from harness.engine import catalogue, references, trial
from harness.engine.play import RunConfig
from harness.engine.session import Options, contract_of, judge_recordings
from harness.judge.verdict import Outcome
from harness.observe import linux
from harness.record.role import Role
from harness.results.assignment import Assignment
from harness.results.result import Result
from harness.subject import manifest
from harness.subject.subject import Subject
from harness.subject.tools import NoTool
from tests import promises

_MOST_NAMED: Final = 4

_SIGN: Final = {
    Outcome.PASS.value: "+",
    Outcome.FAIL.value: "F",
    Outcome.NOT_APPLICABLE.value: ".",
    Outcome.BLOCKED.value: "b",
    Outcome.INCONCLUSIVE.value: "?",
}
_HEAD: Final = """# Kill matrix

Written by `tox -e faults` (`bench/kill_matrix.py --write`). Every reference server against every
requirement: `+` PASS, `F` FAIL, `.` NOT_APPLICABLE, `b` BLOCKED, `?` INCONCLUSIVE. All of it is as
`servers/manifest.toml` says, or `tox -e faults` is red.
"""


@dataclass(slots=True)
class Seen:
    """One kind of cell: what each server showed, and which of them this machine cannot run."""

    cell: str
    role: Role = Role.SERVER
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    wall_s: float = 0.0


async def run(
    names: Sequence[str], cell: CellKind | None, at_once: int, seed: int, role: Role = Role.SERVER
) -> Seen:
    """Everybody named once, several at a time, INCONCLUSIVE tried again as for any user."""
    seen, client = Seen(cell or "best", role), trial.reference_client()
    subjects: list[Subject] = []
    for name in names:
        try:
            subjects.append(promises.prepare_reference(name, role))
        except NoTool as missing:
            seen.missing[name] = str(missing)
    start_s, todo = time.monotonic(), iter(subjects)

    async def work(cells: Cells) -> None:
        for subject in todo:
            before_s = time.monotonic()
            contract = contract_of(subject, Assignment())
            setting = RunConfig(seed=seed, contract=contract, client=client)
            done = await trial.observe(cells, subject, setting)
            result = judge_recordings(done.recordings.values(), Options(), done.retried)
            span_s = time.monotonic() - before_s
            shown = seen.shown[subject.name] = {"span_s": span_s, **_shown(subject.name, result, role)}
            told = "".join(f"\n          not as promised: {wrong}" for wrong in shown["wrong"])
            print(f"{span_s:6.1f} s  {subject.name}{told}", file=sys.stderr, flush=True)

    with Cells(cell) as cells:
        seen.cell = (await cells.grant()).kind
        async with asyncio.TaskGroup() as group:
            for _ in range(1 if seen.cell == "plain" else at_once):
                group.create_task(work(cells))
    seen.wall_s = time.monotonic() - start_s
    seen.shown = {name: seen.shown[name] for name in names if name in seen.shown}
    return seen


def run_apart(names: Sequence[str], at_once: int, seed: int) -> Seen:
    """The plain cell has no port of its own: so many processes, each in a network namespace."""
    start_s, seen = time.monotonic(), Seen("plain")
    with tempfile.TemporaryDirectory() as folder:
        parts = [(names[number::at_once], Path(folder) / str(number)) for number in range(at_once)]
        words = [sys.executable, __file__, "--cell", "plain", "--seed", str(seed)]
        children = [
            subprocess.Popen(
                [*words, "--json", str(file), "--servers", *part],
                preexec_fn=_alone,  # noqa: PLW1509  (one thread, and nothing but two system calls)
                stdout=subprocess.DEVNULL,
            )
            for part, file in parts
            if part
        ]
        for child in children:
            child.wait()
        for told in [json.loads(file.read_text())["plain"] for part, file in parts if part]:
            seen.shown |= told["shown"]
            seen.missing |= told["missing"]
    seen.wall_s = time.monotonic() - start_s
    seen.shown = {name: seen.shown[name] for name in names if name in seen.shown}
    return seen


def _alone() -> None:
    linux.unshare(linux.CLONE_NEWNET)
    isolation.raise_loopback()


def _shown(name: str, result: Result, role: Role) -> dict[str, Any]:
    """One subject's level, diagnosis and verdicts, and what of it is not as the manifest says."""
    return {
        "level": result.level,
        "diagnosis": promises.diagnosed(result),
        "sentence": result.diagnosis.sentence,
        "verdicts": {identifier: v.outcome.value for identifier, v in result.verdicts.items()},
        "observed": {identifier: v.evidence.observed for identifier, v in result.verdicts.items()},
        "retried": list(result.retried),
        "wrong": list(_wrong(name, result, role)),
    }


def _wrong(name: str, result: Result, role: Role) -> Iterator[str]:
    entry = manifest.references(role)[name]
    for requirement in result.requirements:
        verdict = result.verdicts[requirement.id]
        promised = references.expected(entry, requirement.id, result.cell)
        if verdict.outcome is not promised and promises.is_settled(entry, requirement.id):
            observed = verdict.evidence.observed
            yield f"{requirement.id} is {verdict.outcome}, not {promised}: {observed}"
    yield from promises.misdiagnosed(entry, result)
    if entry.role == "design" and entry.fails and not entry.limits:
        yield f"a valid design that fails {[*entry.fails]}, and nobody says why"


def red(seen: Seen, names: Sequence[str]) -> list[str]:
    """Everything that is not as the manifest says, one sentence each."""
    entries = manifest.references(seen.role)
    found = [f"{name}: {wrong}" for name, shown in seen.shown.items() for wrong in shown["wrong"]]
    if set(names) == set(entries) and not seen.missing:
        killed = {
            target
            for name, shown in seen.shown.items()
            if (target := entries[name].kills) and shown["verdicts"][target] == Outcome.FAIL.value
        }
        killed |= manifest.cell_differences().get(seen.cell, {}).keys()
        found += [
            f"{r.id}: no fault kills it"
            for r in catalogue.load(seen.role).requirements
            if r.id not in killed
        ]
    return found


def differences(cells: Sequence[Seen]) -> Iterator[str]:
    """Verdicts that are not the same in every cell, as rows of a table: one for the same reason."""
    servers: dict[tuple[str, ...], list[str]] = {}
    for requirement in catalogue.load().requirements:
        for name in cells[0].shown:
            shown = [seen.shown[name] for seen in cells if name in seen.shown]
            verdicts = [each["verdicts"][requirement.id] for each in shown]
            if len(set(verdicts)) > 1:
                other = next(number for number, each in enumerate(verdicts) if each != verdicts[0])
                known = manifest.cell_differences().get(cells[other].cell, {})
                why = known.get(requirement.id) or shown[other]["observed"][requirement.id]
                settled = promises.is_settled(manifest.references()[name], requirement.id)
                why = why if settled else f"a race: now so, now so ({why})"
                servers.setdefault((requirement.id, *verdicts, why), []).append(name)
    for (identifier, *verdicts, why), names in servers.items():
        several = f"{len(names)} servers" if len(names) > _MOST_NAMED else ", ".join(names)
        yield f"| {identifier} | {several} | {' | '.join(verdicts)} | {why} |"


def matrix(seen: Seen) -> list[str]:
    """A line for each subject, a column for each requirement, and who kills which."""
    requirements, entries = catalogue.load(seen.role).requirements, manifest.references(seen.role)
    width = max(map(len, seen.shown))
    marks = [f"{number:02}" for number in range(1, len(requirements) + 1)]
    lines = ["```", *(" " * width + " " + "".join(mark[row] for mark in marks) for row in (0, 1))]
    for name, shown in seen.shown.items():
        signs = "".join(_SIGN[shown["verdicts"][r.id]] for r in requirements)
        lines.append(f"{name:{width}} {signs}")
    lines += ["```", "", "| | requirement | killed by |", "|---|---|---|"]
    for mark, requirement in zip(marks, requirements, strict=True):
        named = [name for name, entry in entries.items() if entry.kills == requirement.id]
        others = sum(
            requirement.id in entry.fails and name not in named for name, entry in entries.items()
        )
        also = f", and {others} more fail it" if others else ""
        lines.append(f"| {mark} | {requirement.id} | {', '.join(f'`{n}`' for n in named)}{also} |")
    return lines


def page(cells: Sequence[Seen], clients: Seen, at_once: int) -> str:
    """docs/kill-matrix.md."""
    best, requirements = cells[0], catalogue.load().requirements
    release = ".".join(platform.release().split(".")[:2])
    machine = f"{os.cpu_count()} cores, Linux {release}, Python {platform.python_version()}"
    today = dt.datetime.now(dt.UTC).date()
    lines = [
        _HEAD,
        (
            f"{machine}, {today}: {len(best.shown)} servers x {len(requirements)} requirements in "
            f"{best.wall_s:.0f} s, {at_once} servers at a time, cell: {best.cell}. "
            f"As of commit {_commit()}.\n"
        ),
        *matrix(best),
        "",
        "## Clients",
        "",
        f"{len(clients.shown)} clients in {clients.wall_s:.0f} s, as `clients/manifest.toml` says.",
        "",
        *matrix(clients),
    ]
    if len(cells) > 1:
        kinds = " | ".join(seen.cell for seen in cells)
        lines += ["", "## Where cells differ", ""]
        lines += [f"{kind.cell}: {kind.wall_s:.0f} s.  " for kind in cells]
        lines += [
            "",
            f"| requirement | server | {kinds} | because |",
            "|---|---|" + "---|" * len(cells) + "---|",
        ]
        lines += differences(cells)
    spans = [(name, shown["span_s"]) for name, shown in best.shown.items()]
    slowest = sorted(spans, key=lambda each: -each[1])[:8]
    lines += ["", "## The slowest", "", "| server | s |", "|---|---|"]
    lines += [f"| {name} | {span_s:.1f} |" for name, span_s in slowest]
    return "\n".join(lines) + "\n"


def _commit() -> str:
    """What is checked out here, and whether it was changed."""
    ask = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=7"]
    told = subprocess.run(ask, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


def main() -> int:
    words = _words()
    names = words.servers or list(manifest.references())
    kinds: list[CellKind | None] = [*KINDS] if words.cells else [words.cell]
    seen = [
        run_apart(names, words.at_once, words.seed)
        if kind == "plain" and words.at_once > 1
        else asyncio.run(run(names, kind, words.at_once, words.seed))
        for kind in kinds
    ]
    if words.beside is not None:
        seen = [Seen(**told) for told in json.loads(words.beside.read_text()).values()] + seen
    found = [f"{each.cell}: {wrong}" for each in seen for wrong in red(each, names)]
    if not words.servers:
        mine = list(manifest.references(Role.CLIENT))
        clients = asyncio.run(run(mine, words.cell, words.at_once, words.seed, Role.CLIENT))
        found += [f"{clients.cell}: {wrong}" for wrong in red(clients, mine)]
        if words.write is not None:
            words.write.write_text(page(seen, clients, words.at_once), encoding="utf-8")
    if words.json is not None:
        told = {each.cell: asdict(each) for each in seen}
        words.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    with contextlib.suppress(BrokenPipeError):
        print("\n".join(found))
        for each in seen:
            count = sum(len(shown["verdicts"]) for shown in each.shown.values())
            print(
                f"{each.cell}: {len(each.shown)} servers, {count} verdicts in {each.wall_s:.0f} s; "
                f"{sum(len(shown['retried']) for shown in each.shown.values())} scenarios run twice; "
                f"{len(each.missing)} servers this machine cannot run"
            )
        print(f"{len(found)} not as the manifest says")
    return 1 if found else 0


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--servers", nargs="+", metavar="NAME", help="only these of the manifest")
    parser.add_argument("--cell", choices=KINDS, help="this kind of cell, or a lesser one")
    parser.add_argument("--cells", action="store_true", help="every kind of cell, and where they differ")
    parser.add_argument("--beside", type=Path, help="compare with other cells in this file (--json)")
    parser.add_argument("--at-once", type=int, default=1, help="so many servers at once (tox: 3)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=Path, help="write the page to this file")
    parser.add_argument("--json", type=Path, help="write every verdict to this file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
