"""What Gradescope and PrairieLearn have written down about `results.json`, as a check of one file.

It knows nothing of forkspec: a file may come from anybody.

Source: gradescope-autograders.readthedocs.io (Autograder specifications); PrairieLearn docs, External
grading.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_MOST_BYTES: Final = 1 << 20
_VISIBILITIES: Final = {"hidden", "after_due_date", "after_published", "visible"}
_FORMATS: Final = {"text", "html", "simple_format", "md", "ansi"}
_GRADESCOPE: Final[Mapping[str, type | tuple[type, ...]]] = {
    "score": (int, float), "execution_time": (int, float), "output": str, "output_format": str,
    "test_output_format": str, "test_name_format": str, "visibility": str, "stdout_visibility": str,
    "extra_data": dict, "tests": list, "leaderboard": list,
}  # fmt: skip
_GRADESCOPE_TEST: Final[Mapping[str, type | tuple[type, ...]]] = {
    "score": (int, float), "max_score": (int, float), "status": str, "name": str, "name_format": str,
    "number": str, "output": str, "output_format": str, "tags": list, "visibility": str,
    "extra_data": dict,
}  # fmt: skip
_PRAIRIELEARN: Final[Mapping[str, type | tuple[type, ...]]] = {
    "gradable": bool, "score": (int, float), "format_errors": (str, list), "message": str, "output": str,
    "images": list, "tests": list,
}  # fmt: skip
_PRAIRIELEARN_TEST: Final[Mapping[str, type | tuple[type, ...]]] = {
    "name": str, "description": str, "points": (int, float), "max_points": (int, float), "message": str,
    "output": str, "images": list,
}  # fmt: skip


def broken(system: str, text: str) -> list[str]:
    """The rules of a system ("gradescope", "prairielearn") that a file breaks, one sentence each."""
    try:
        told = json.loads(text)
    except ValueError as error:
        return [f"no JSON: {error}"]
    if not isinstance(told, dict):
        return ["not an object"]
    return list(_CHECKS[system](told, text))


def _gradescope(told: Mapping[str, Any], _: str) -> Iterator[str]:
    yield from _odd("", told, _GRADESCOPE)
    if "score" not in told and not told.get("tests"):
        yield "neither score nor tests"
    yield from _chosen("", told)
    for number, test in enumerate(told.get("tests", [])):
        where = f"tests[{number}]: "
        yield from _odd(where, test, _GRADESCOPE_TEST)
        yield from _chosen(where, test)
        if test.get("status", "passed") not in {"passed", "failed"}:
            yield f"{where}status: {test['status']!r}"


def _chosen(where: str, told: Mapping[str, Any]) -> Iterator[str]:
    for key, value in told.items():
        if key in {"visibility", "stdout_visibility"} and value not in _VISIBILITIES:
            yield f"{where}{key}: {value!r}"
        if key.endswith("_format") and value not in _FORMATS:
            yield f"{where}{key}: {value!r}"


def _prairielearn(told: Mapping[str, Any], text: str) -> Iterator[str]:
    if len(text.encode()) > _MOST_BYTES:
        yield f"more than {_MOST_BYTES} bytes"
    yield from _odd("", told, _PRAIRIELEARN)
    if told.get("gradable", True):
        if not 0 <= told.get("score", -1) <= 1:
            yield f"score: {told.get('score')!r} is not between 0 and 1"
    elif not told.get("format_errors"):
        yield "not gradable, and no format_errors"
    for number, test in enumerate(told.get("tests", [])):
        where = f"tests[{number}]: "
        yield from _odd(where, test, _PRAIRIELEARN_TEST)
        if not {"points", "max_points"} <= set(test):
            yield f"{where}without points or max_points, so that no points are shown at all"


def _odd(
    where: str, told: Mapping[str, Any], known: Mapping[str, type | tuple[type, ...]]
) -> Iterator[str]:
    for key, value in told.items():
        if key not in known:
            yield f"{where}{key}: no such key"
        elif not isinstance(value, known[key]):
            yield f"{where}{key}: {value!r}"


_CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any], str], Iterator[str]]]] = {
    "gradescope": _gradescope,
    "prairielearn": _prairielearn,
}
