"""Results as files: JSON and JUnit XML, written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import harness
from harness.judge.causes import CAUSES
from harness.judge.verdict import Outcome
from harness.results.result import Result

from .printable import printable
from .words import terms


class UnwritableFile(harness.HarnessError):
    """A file that the user named cannot be written; the results were shown all the same."""


def as_data(result: Result) -> dict[str, Any]:
    """One subject's result as plain values; scripts may rely on the keys."""
    return {
        "forkspec": harness.__version__,
        "subject": result.subject,
        "cell": result.cell,
        "seed": result.seed,
        "level": result.level,
        "level_means": result.level_means or None,
        "level_is_least": result.is_least,
        "judged_by": terms(result),
        "diagnosis": result.diagnosis.sentence,
        "design": result.diagnosis.design,
        "reaping": result.diagnosis.reaping,
        "causes": list(result.diagnosis.causes),
        "exit_status": result.exit_status,
        "points": _points(result),
        "retried": list(result.retried),
        "warnings": result.warnings,
        "verdicts": [
            {
                "id": requirement.id,
                "tier": requirement.tier.value,
                "verdict": (verdict := result.verdicts[requirement.id]).outcome.value,
                "counts": result.rubric.counts(requirement),
                "evidence": {
                    "says": requirement.says,
                    "slide": requirement.slide,
                    "expected": verdict.evidence.expected,
                    "observed": verdict.evidence.observed,
                    "cause": verdict.evidence.cause,
                    "where": verdict.evidence.where,
                    "blocked_by": verdict.blocked_by,
                    "reference": result.assignment.references.get(requirement.id, ""),
                    "hint": result.assignment.hints.get(requirement.id, ""),
                    "facts": dict(verdict.evidence.facts),
                },
            }
            for requirement in result.requirements
        ],
    }


def _points(result: Result) -> dict[str, float] | None:
    marks = result.marks
    if marks is None:
        return None
    return {"earned": marks.earned, "of": marks.of, "pending": marks.pending}


def as_json(results: Sequence[Result]) -> str:
    """One object for one subject; for several, a list of them."""
    data = [as_data(result) for result in results]
    return json.dumps(data[0] if len(data) == 1 else data, indent=2, ensure_ascii=False) + "\n"


def as_junit(results: Sequence[Result]) -> str:
    """One testsuite a subject, one testcase a requirement (FORMATS: JUnit XML)."""
    suites = ET.Element("testsuites")
    for result in results:
        suite = ET.SubElement(suites, "testsuite", name=printable(result.subject))
        counts = dict.fromkeys(("failures", "skipped", "errors"), 0)
        for requirement in result.requirements:
            verdict = result.verdicts[requirement.id]
            case = ET.SubElement(suite, "testcase", classname=requirement.group, name=requirement.id)
            observed = printable(verdict.evidence.observed)
            kind = _junit_kind(verdict.outcome, counts=result.rubric.counts(requirement))
            if kind is not None:
                element, counter = kind
                counts[counter] += 1
                child = ET.SubElement(case, element, message=f"{verdict.outcome.value}: {observed}")
                if cause := CAUSES.get(verdict.evidence.cause):
                    child.text = printable(f"because {cause.because}; look at {cause.look_at}")
        suite.attrib |= {"tests": str(len(result.requirements))}
        suite.attrib |= {key: str(value) for key, value in counts.items()}
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def write(path: Path, content: str | bytes) -> None:
    """Put a file in its place in one step.

    Raises:
        UnwritableFile: no such folder, no right, no room.
    """
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.write_bytes(
            content.encode(errors="backslashreplace") if isinstance(content, str) else content
        )
        new.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise UnwritableFile(f"{path}: {error.strerror}") from error


def _junit_kind(outcome: Outcome, *, counts: bool) -> tuple[str, str] | None:
    match outcome:
        case Outcome.FAIL if counts:
            return "failure", "failures"
        case Outcome.INCONCLUSIVE:
            return "error", "errors"
        case Outcome.FAIL | Outcome.NOT_APPLICABLE | Outcome.BLOCKED:
            return "skipped", "skipped"
        case Outcome.PASS:
            return None
