"""The reference servers and clients: what the manifests expect of each, and whether a result agrees."""

from fnmatch import fnmatchcase

from harness.judge.diagnosis import MOST_TOLD
from harness.judge.verdict import Evidence, Outcome, Verdict
from harness.record.contract import Contract
from harness.record.role import Role
from harness.results.result import Result
from harness.subject.manifest import Reference, cell_differences, references
from harness.subject.places import shipped
from harness.subject.subject import Subject

from . import catalogue
from .targets import prepare


def described() -> dict[str, str]:
    """The reference servers: name to role, and for a fault its defect."""
    return {
        name: " ".join(filter(None, (entry.role, entry.says))) for name, entry in references().items()
    }


def prepare_reference(name: str, role: Role = Role.SERVER) -> Subject:
    """Build a reference server or client; raises as `targets.prepare`."""
    return prepare(
        str(shipped("clients") / references(role)[name].path) if role is Role.CLIENT else name
    )


def expected(entry: Reference, identifier: str, cell: str = "") -> Outcome:
    """The verdict that the manifest expects for one requirement; PASS where it says nothing.

    An id goes before a pattern ("fork/*"); fails goes before blocked and not_applicable. What a kind of
    cell cannot show is NOT_APPLICABLE there, unless its baseline fails. The entry's own differences for
    that kind of cell go before all.
    """
    if here := entry.differs.get(cell, {}).get(identifier):
        return Outcome(here)
    promised = _promised(entry, identifier)
    if promised is not Outcome.BLOCKED and identifier in cell_differences().get(cell, {}):
        return Outcome.NOT_APPLICABLE
    return promised


def promised(name: str) -> dict[str, Verdict]:
    """All verdicts that the manifest expects of a reference server, as if it had been judged."""
    entry = references()[name]
    told = Evidence("as the manifest promises")
    return {r.id: Verdict(expected(entry, r.id), told) for r in catalogue.load().requirements}


def is_settled(entry: Reference, identifier: str) -> bool:
    """False where the fault is a race that shows only now and then: there only `kills` is certain."""
    return identifier not in entry.varies


def _promised(entry: Reference, identifier: str) -> Outcome:
    lists = {
        Outcome.PASS: entry.passes,
        Outcome.FAIL: entry.fails,
        Outcome.BLOCKED: entry.blocked,
        Outcome.NOT_APPLICABLE: entry.not_applicable,
    }
    for matches in (str.__eq__, fnmatchcase):
        for outcome, names in lists.items():
            if any(matches(identifier, named) for named in names):
                return outcome
    contract = entry.contract or Contract()
    asks_nothing = {
        "contract/design": not contract.design,
        "contract/idle-timeout": not contract.idle_timeout_s,
        "stream/joined": contract.closes,
    }
    return Outcome.NOT_APPLICABLE if asks_nothing.get(identifier) else Outcome.PASS


def diagnosed(result: Result) -> dict[str, str]:
    """Design, reaping and first cause of a result, under the manifest's names."""
    diagnosis = result.diagnosis
    cause = next(iter(diagnosis.causes), "")
    return {"design": diagnosis.design, "reaping": diagnosis.reaping, "cause": cause}


def misdiagnosed(entry: Reference, result: Result) -> list[str]:
    """The differences between a result's diagnosis and the manifest's, one sentence each.

    There is nothing to compare where the kind of cell cannot show the fault.
    """
    if entry.kills and expected(entry, entry.kills, result.cell) is not Outcome.FAIL:
        return []
    seen, told = diagnosed(result), result.diagnosis.causes[:MOST_TOLD]
    return [
        f"the diagnosis says {key} {seen[key]!r}, not {promised!r}"
        for key, promised in entry.diagnosis.items()
        if seen[key] != promised and not (key == "cause" and promised in told)
    ]


def killers_of(identifier: str) -> list[str]:
    """The reference servers that fail a requirement; first those whose fault it is named for."""
    entries = references().items()
    named = [name for name, entry in entries if entry.kills == identifier]
    others = [name for name, entry in entries if identifier in entry.fails]
    return list(dict.fromkeys([*named, *others]))
