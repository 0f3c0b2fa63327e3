"""Finds settings of an assignment that exclude each other, or that need another one: never ignored.

`tests/pure/test_setting_pairs.py` holds a table of all pairs: what is accepted here must have effect.
"""

from collections.abc import Mapping
from typing import Final

_CLIENT: Final = 'submission.role = "client"'
_OF_SERVERS: Final = "it is asked of servers; [submission] says that a client is handed in"
_NO_DIALOGUE: Final = (
    "a client is judged without a dialogue, and [submission] says that one is handed in"
)
_OF_NO_CLIENT: Final = (
    "greeting", "unasked", "at_half_close", "design", "port", "idle_timeout_s", "most_at_once", "unseen",
)  # fmt: skip

CLASHES: Final[Mapping[tuple[str, str], str]] = {
    ("contract.transform", "dialogue.steps"): "[dialogue] steps say what a reply is",
    ("contract.greeting", "dialogue.steps"): "what the server says first stands in [dialogue] opening",
    ("contract.line_ending", "dialogue.steps"): "in [dialogue] each form brings its own line ending",
    ("contract.unasked", "dialogue.steps"): "in a [dialogue] the server is asked first",
    ("contract.at_half_close", "dialogue.steps"): "in a [dialogue] each step waits for its answer",
    ("contract.at_half_close", "contract.unasked"): "who answers whoever connects waits for nothing",
    **{(f"contract.{key}", _CLIENT): _OF_SERVERS for key in _OF_NO_CLIENT},
    ("dialogue.steps", _CLIENT): _NO_DIALOGUE,
    ("dialogue.ready", _CLIENT): _OF_SERVERS,
    ("dialogue.ready_in", _CLIENT): _OF_SERVERS,
}
NEEDS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "dialogue.ready_in": (("dialogue.ready",), "ready does not say what to look for in it"),
    "most_points": (("points", "award"), "there is nothing that gives points"),
    "feedback.until": (("feedback.hidden",), "nothing is hidden until then"),
    "feedback.deadline": (("feedback.before_deadline",), "before_deadline does not say what it changes"),
}


def objection(told: Mapping[str, object]) -> tuple[str, str]:
    """(key, sentence) for the first setting that would have no effect; ("", "") when all have one."""
    written = set(_written(told))
    for (key, other), why in CLASHES.items():
        if {key, other} <= written:
            return key, f"{_spoken(key)}: {why}"
    for key, (others, why) in NEEDS.items():
        if key in written and written.isdisjoint(others):
            return key, f"{_spoken(key)}: {why}"
    return "", ""


def _written(told: Mapping[str, object]) -> list[str]:
    """Every setting in the file as "table.key"; a table with keys of the teacher's own counts as one."""
    found = []
    for table, value in told.items():
        if isinstance(value, dict) and table not in {"points", "references", "hints"}:
            found += [f"{table}.{key}" for key in value]
            found += [_CLIENT] if table == "submission" and value.get("role") == "client" else []
        else:
            found.append(table)
    return found


def _spoken(key: str) -> str:
    table, _, name = key.rpartition(".")
    return f"[{table}] {name}" if table else name
