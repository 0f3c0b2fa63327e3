"""SARIF 2.1.0: a rule for each requirement, a result for each failure, at its line of source.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

import functools
import glob
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import harness
from harness.judge.requirement import Requirement, Tier
from harness.judge.standing import line_in
from harness.judge.verdict import Outcome, Verdict
from harness.report.because import sites_named
from harness.report.failure_lines import explained
from harness.report.hide_paths import without_our_folders
from harness.report.printable import printable
from harness.results.result import Result

from .format import Format, Option

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
# As gcc, javac, Go and rustc write it: with or without a column, an arrow, an error's name.
_OF_A_COMPILER: Final = re.compile(
    r"^(?: *--> )?(?:\./)?(\S[^:\n]*):(\d+)(?::\d+)?(?=: |$)", re.MULTILINE
)
_SITE: Final = re.compile(r"(.+?) at (.+):(\d+)( in .+)?")
_NOT_HERE: Final = frozenset({"by hand", "again"})  # in the rule's help; names the target's folder


def as_sarif(results: Sequence[Result]) -> str:
    """One run, whatever the number of subjects: code scanning takes no more from one tool."""
    rules = {each.id: _rule(each) for result in results for each in result.requirements}
    places = {rule: index for index, rule in enumerate(rules)}
    untold = [each for result in results for each in _untold(result)]
    driver = {"name": "forkspec", "version": harness.__version__, "rules": list(rules.values())}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": not untold, "toolExecutionNotifications": untold}],
        "columnKind": "unicodeCodePoints",
        "results": [each for result in results for each in _failures(result, places)],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


def _rule(requirement: Requirement) -> dict[str, Any]:
    return {
        "id": requirement.id,
        "shortDescription": {"text": requirement.says},
        "help": {
            "text": f"{requirement.why}\n\nBy hand: {requirement.by_hand}\n\nFrom: {requirement.source}"
        },
        "properties": {"tags": [requirement.tier.value, requirement.group.value]},
    }


def _failures(result: Result, places: dict[str, int]) -> Iterator[dict[str, Any]]:
    path_of = functools.cache(functools.partial(_path, result))  # it may look through a whole checkout
    for requirement in result.requirements:
        verdict = result.verdicts[requirement.id]
        if verdict.outcome is Outcome.FAIL:
            calls = _calls(result, verdict)
            place, others = _location(result, verdict, calls, path_of), _beside(verdict, calls, path_of)
            yield {
                "ruleId": requirement.id,
                "ruleIndex": places[requirement.id],
                "level": _severity(result, requirement),
                "message": {"text": _message(result, requirement, verdict)},
                "locations": [{"physicalLocation": place}],
                **({"relatedLocations": others} if others else {}),
            }


def _severity(result: Result, requirement: Requirement) -> str:
    if result.rubric.counts(requirement):
        return "error"
    return "note" if requirement.tier is Tier.ADVISORY else "warning"


def _message(result: Result, requirement: Requirement, verdict: Verdict) -> str:
    said = dict(explained(result, requirement, verdict, alone=True))
    lines = [said.pop("observed")]
    lines += [f"{name}: {text}" for name, text in said.items() if name not in _NOT_HERE]
    return printable(without_our_folders("\n".join(lines)))


def _untold(result: Result) -> Iterator[dict[str, Any]]:
    """Notes on what counts and could not be told: without them it would look like a PASS."""
    for each in result.requirements:
        verdict = result.verdicts[each.id]
        if verdict.outcome is Outcome.INCONCLUSIVE and result.rubric.counts(each):
            told = f"{result.subject}: {each.id} could not be told: {verdict.evidence.observed}"
            yield {
                "level": "warning",
                "message": {"text": printable(without_our_folders(told))},
                "associatedRule": {"id": each.id},
            }


_Call = tuple[str, str, int]  # what is called and in which function, the file's name, the line


def _calls(result: Result, verdict: Verdict) -> list[_Call]:
    """The calls in the source that the failure's cause speaks of."""
    found = (_SITE.fullmatch(each) for each in sites_named(result, verdict))
    return [(f"{each[1]}{each[4] or ''}", each[2], int(each[3])) for each in found if each]


def _location(
    result: Result, verdict: Verdict, calls: Sequence[_Call], path_of: Callable[[str], str]
) -> dict[str, Any]:
    """The line at which it stood, or else that of a call that is to be looked at.

    Without one the file of another failure, or what was handed in.
    """
    if found := line_in(verdict.evidence.where) or _compilers_line(verdict):
        return _place(*found, path_of)
    if calls:
        return _place(*calls[0][1:], path_of)
    others = (line_in(each.evidence.where) for each in result.verdicts.values())
    return _place(next((each[0] for each in others if each), ""), 0, path_of)


def _beside(
    verdict: Verdict, calls: Sequence[_Call], path_of: Callable[[str], str]
) -> list[dict[str, Any]]:
    """The other lines that are to be looked at."""
    stood = line_in(verdict.evidence.where) or _compilers_line(verdict)
    return [
        {"physicalLocation": _place(name, line, path_of), "message": {"text": printable(called)}}
        for called, name, line in (calls if stood else calls[1:])
        if (name, line) != stood
    ]


def _place(name: str, line: int, path_of: Callable[[str], str]) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": quote(path_of(name), errors="surrogateescape")}}
    return {**place, "region": {"startLine": line}} if line else place


def _compilers_line(verdict: Verdict) -> tuple[str, int] | None:
    """The file and the line of a compiler's first error."""
    if verdict.evidence.cause != "does-not-compile":
        return None
    found = _OF_A_COMPILER.search(verdict.evidence.observed)
    return (Path(found[1]).name, int(found[2])) if found else None


def _path(result: Result, name: str) -> str:
    """A file's path from the folder in which forkspec was started, or else from the submission.

    Code scanning looks for it from there. Evidence names a file without its folder: of several files of
    one name none is chosen.
    """
    typed = next(iter(result.recordings.values())).target or result.subject
    target = Path() if typed.startswith("-- ") and name else Path(typed)
    if not target.exists():
        return name or result.subject
    folder = target if target.is_dir() else target.parent
    file = folder / name if name else target
    if not file.exists():
        places = [folder] if folder.is_absolute() else [folder, Path()]
        found = (list(each.rglob(glob.escape(name))) for each in places)
        file = next((each[0] for each in found if len(each) == 1), file)
    is_elsewhere = file.is_absolute() or ".." in file.parts
    if not file.exists() or (is_elsewhere and file == folder):
        return name or result.subject
    return (file.relative_to(folder) if is_elsewhere else file).as_posix()


FORMAT: Final = Format(
    name="sarif",
    extension="sarif",
    says="SARIF 2.1.0, for code scanning: each failure at its line of source",
    option=Option("--sarif", "Write the failures as SARIF."),
    of_results=as_sarif,
    place=5,
)
