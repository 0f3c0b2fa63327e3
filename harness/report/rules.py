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
_NUMBER: Final = (int, float)
_VISIBILITIES: Final = {"hidden", "after_due_date", "after_published", "visible"}
_FORMATS: Final = {"text", "html", "simple_format", "md", "ansi"}
_GRADESCOPE: Final[Mapping[str, type | tuple[type, ...]]] = {
    "score": _NUMBER, "execution_time": _NUMBER, "output": str, "output_format": str,
    "test_output_format": str, "test_name_format": str, "visibility": str, "stdout_visibility": str,
    "extra_data": dict, "tests": list, "leaderboard": list,
}  # fmt: skip
_GRADESCOPE_TEST: Final[Mapping[str, type | tuple[type, ...]]] = {
    "score": _NUMBER, "max_score": _NUMBER, "status": str, "name": str, "name_format": str,
    "number": str, "output": str, "output_format": str, "tags": list, "visibility": str,
    "extra_data": dict,
}  # fmt: skip
_PRAIRIELEARN: Final[Mapping[str, type | tuple[type, ...]]] = {
    "gradable": bool, "score": _NUMBER, "format_errors": (str, list), "message": str, "output": str,
    "images": list, "tests": list,
}  # fmt: skip
_PRAIRIELEARN_TEST: Final[Mapping[str, type | tuple[type, ...]]] = {
    "name": str, "description": str, "points": _NUMBER, "max_points": _NUMBER, "message": str,
    "output": str, "images": list,
}  # fmt: skip


def broken(system: str, text: str) -> list[str]:
    """The rules of a system ("gradescope", "prairielearn") that a file breaks, one sentence each."""
    try:
        told = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        return [f"no JSON: {error}"]
    if not isinstance(told, dict):
        return ["not an object"]
    return list(_CHECKS[system](told, text))


def _gradescope(told: Mapping[str, Any], _: str) -> Iterator[str]:
    yield from _odd("", told, _GRADESCOPE)
    if "score" not in told and not told.get("tests"):
        yield "neither score nor tests"
    yield from _chosen("", told)
    yield from _in_tests(told, _gradescope_test)


def _gradescope_test(where: str, test: Mapping[str, Any]) -> Iterator[str]:
    yield from _odd(where, test, _GRADESCOPE_TEST)
    yield from _chosen(where, test)
    status = test.get("status")
    if isinstance(status, str) and status not in {"passed", "failed"}:
        yield f"{where}status: {status!r}"


def _chosen(where: str, told: Mapping[str, Any]) -> Iterator[str]:
    for key, value in told.items():
        if not isinstance(value, str):
            continue
        if key in {"visibility", "stdout_visibility"} and value not in _VISIBILITIES:
            yield f"{where}{key}: {value!r}"
        if key.endswith("_format") and value not in _FORMATS:
            yield f"{where}{key}: {value!r}"


def _prairielearn(told: Mapping[str, Any], text: str) -> Iterator[str]:
    if len(text.encode()) > _MOST_BYTES:
        yield f"more than {_MOST_BYTES} bytes"
    yield from _odd("", told, _PRAIRIELEARN)
    score: Any = told.get("score")
    if told.get("gradable") is False:
        if not told.get("format_errors"):
            yield "not gradable, and no format_errors"
    elif "score" not in told:
        yield "gradable, and no score"
    elif _is_of(score, _NUMBER) and not 0 <= score <= 1:
        yield f"score: {score!r} is not between 0 and 1"
    yield from _in_tests(told, _prairielearn_test)


def _prairielearn_test(where: str, test: Mapping[str, Any]) -> Iterator[str]:
    yield from _odd(where, test, _PRAIRIELEARN_TEST)
    if not {"points", "max_points"} <= set(test):
        yield f"{where}without points or max_points, so that no points are shown at all"


def _in_tests(
    told: Mapping[str, Any], check: Callable[[str, Mapping[str, Any]], Iterator[str]]
) -> Iterator[str]:
    tests = told.get("tests")
    for number, test in enumerate(tests if isinstance(tests, list) else []):
        where = f"tests[{number}]: "
        if isinstance(test, dict):
            yield from check(where, test)
        else:
            yield f"{where}not an object"


def _odd(
    where: str, told: Mapping[str, Any], known: Mapping[str, type | tuple[type, ...]]
) -> Iterator[str]:
    for key, value in told.items():
        if key not in known:
            yield f"{where}{key}: no such key"
        elif not _is_of(value, known[key]):
            yield f"{where}{key}: {value!r}"


def _is_of(value: object, types: type | tuple[type, ...]) -> bool:
    """Python takes true for a number; JSON does not."""
    return isinstance(value, types) and not (types == _NUMBER and isinstance(value, bool))


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


_CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any], str], Iterator[str]]]] = {
    "gradescope": _gradescope,
    "prairielearn": _prairielearn,
}
