"""A comparison as plain values; scripts may rely on the keys."""

from typing import Any

import harness
from harness.results.compare_result import CompareResult
from harness.results.comparison import Change, Comparison, moved_facts
from harness.results.side_by_side import CONFIDENCE, Compared, ServersCompared, SideBySide
from harness.results.stored import StoredResult, StoredVerdict

from . import side_by_side_text


def as_data(found: CompareResult) -> dict[str, Any]:
    """Both sides, what changed, and of two servers what was measured."""
    servers = found.servers
    return {
        "forkspec": harness.__version__,
        "old": found.old,
        "new": found.new,
        "compared": "stored results" if servers is None else "servers",
        "exit_status": found.exit_status,
        "says": [] if servers is None else side_by_side_text.told(servers),
        "subjects": [_subject(each) for each in found.comparisons],
        "differed_once": 0 if servers is None else servers.once,
        "untold": [] if servers is None else list(servers.untold),
        "costs": None if servers is None or servers.costs is None else _costs(servers.costs),
        "not_measured": _why_not(servers),
    }


def _why_not(servers: ServersCompared | None) -> str:
    return side_by_side_text.LESS if servers is None else servers.why_not


def _subject(each: Comparison) -> dict[str, Any]:
    return {
        "subject": each.new.subject,
        "run": each.run,
        "old": _side(each.old),
        "new": _side(each.new),
        "verdicts": [_change(change) for change in each.changes],
    }


def _side(result: StoredResult) -> dict[str, Any]:
    return {
        "subject": result.subject,
        "forkspec": result.version,
        "cell": result.cell,
        "level": result.level,
        "diagnosis": result.diagnosis,
    }


def _change(change: Change) -> dict[str, Any]:
    moved = moved_facts(change.old, change.new) if change.old and change.new else {}
    return {
        "id": change.id,
        "trend": change.trend.value,
        "counts": change.counts,
        "old": _verdict(change.old),
        "new": _verdict(change.new),
        "moved": {name: list(pair) for name, pair in moved.items()},
    }


def _verdict(verdict: StoredVerdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    return {
        "verdict": verdict.outcome.value,
        "observed": verdict.observed,
        "cause": verdict.cause,
        "facts": dict(verdict.facts),
    }


def _costs(costs: SideBySide) -> dict[str, Any]:
    return {
        "clients": costs.clients,
        "confidence": CONFIDENCE,
        "least_ms": costs.least_ms,
        "left_out": dict(costs.left_out),
        "measures": [_measure(each, costs) for each in costs.measures],
    }


def _measure(each: Compared, costs: SideBySide) -> dict[str, Any]:
    return {
        "name": each.measure.name,
        "unit": "for 1,000 clients" if each.measure.is_counted else each.measure.unit,
        "old": each.old,
        "new": each.new,
        "difference": [each.low, each.high],
        "ratio": None if each.ratio is None else list(each.ratio),
        "more": each.more,
        "less": each.less,
        "sees": each.sees,
        "is_worse": each in costs.worse,
    }
