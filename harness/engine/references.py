"""The reference servers: what the manifest expects of each, and which of them fail a requirement."""

from fnmatch import fnmatchcase

from harness.judge.verdict import Evidence, Outcome, Verdict
from harness.record.contract import Contract
from harness.subject.manifest import Reference, cell_differences, references, unlisted

from . import catalogue


def described() -> dict[str, str]:
    """The reference servers: name to role, and for a fault its defect."""
    return {
        name: " ".join(filter(None, (entry.role, entry.says))) for name, entry in references().items()
    }


def expected(entry: Reference, identifier: str, cell: str = "") -> Outcome:
    """The verdict that the manifest expects for one requirement; `unlisted` where it says nothing.

    An id goes before a pattern ("fork/*"); fails goes before blocked and not_applicable. What its
    contract does not ask for is NOT_APPLICABLE, whatever the lists say. What a kind of
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


def _promised(entry: Reference, identifier: str) -> Outcome:
    contract = entry.contract or Contract()
    asks_nothing = {
        "contract/design": not contract.design,
        "contract/idle-timeout": not contract.idle_timeout_s,
        "stream/joined": contract.closes,
    }
    if asks_nothing.get(identifier) or catalogue.find(identifier).not_asked(contract):
        return Outcome.NOT_APPLICABLE
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
    return Outcome(unlisted().get(identifier, "PASS"))


def killers_of(identifier: str) -> list[str]:
    """The reference servers that fail a requirement; first those that were written to fail it."""
    entries = references().items()
    named = [name for name, entry in entries if entry.kills == identifier]
    others = [name for name, entry in entries if identifier in entry.fails]
    return list(dict.fromkeys([*named, *others]))
