"""JUnit XML: a suite for each subject, a test case for each requirement."""

from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET

from harness.judge.causes import CAUSES
from harness.judge.verdict import Outcome
from harness.report.printable import printable
from harness.results.result import Result
from harness.results.student import Student

from .format import Format, Option


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
                if known := CAUSES.get(verdict.evidence.cause):
                    cause = known.told_of(result.written_in)
                    child.text = printable(f"because {cause.because}; look at {cause.look_at}")
        suite.attrib |= {"tests": str(len(result.requirements))}
        suite.attrib |= {key: str(value) for key, value in counts.items()}
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _book_as_junit(students: Sequence[Student]) -> str:
    return as_junit([result for each in students for result in each.results])


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


FORMAT: Final = Format(
    name="junit",
    extension="xml",
    says="JUnit XML: failure for a FAIL that counts, error for INCONCLUSIVE, skipped for the rest",
    option=Option("--junit", "Write them as JUnit XML."),
    of_results=as_junit,
    of_class=_book_as_junit,
    place=4,
)
