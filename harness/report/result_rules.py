"""What the checks of course systems' result files have in common: objects, their keys and types.

They know nothing of forkspec: a file may come from anybody.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

NUMBER: Final = (int, float)


def broken(text: str, rules: Callable[[Mapping[str, Any], str], Iterator[str]]) -> list[str]:
    """The rules that a file breaks, one sentence each; `rules` are given its object, and its text."""
    try:
        told = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        return [f"no JSON: {error}"]
    if not isinstance(told, dict):
        return ["not an object"]
    return list(rules(told, text))


def in_tests(
    told: Mapping[str, Any], check: Callable[[str, Mapping[str, Any]], Iterator[str]]
) -> Iterator[str]:
    """The complaints of a check about each object under "tests", and about entries that are none."""
    tests = told.get("tests")
    for number, test in enumerate(tests if isinstance(tests, list) else []):
        where = f"tests[{number}]: "
        if isinstance(test, dict):
            yield from check(where, test)
        else:
            yield f"{where}not an object"


def odd_values(
    where: str, told: Mapping[str, Any], known: Mapping[str, type | tuple[type, ...]]
) -> Iterator[str]:
    """The keys of an object that are not known, and its values of another type."""
    for key, value in told.items():
        if key not in known:
            yield f"{where}{key}: no such key"
        elif not is_of(value, known[key]):
            yield f"{where}{key}: {value!r}"


def is_of(value: object, types: type | tuple[type, ...]) -> bool:
    """Python takes true for a number; JSON does not."""
    return isinstance(value, types) and not (types == NUMBER and isinstance(value, bool))


def last_line(text: str) -> str:
    """The last line, where some systems read the points."""
    return text.rstrip("\n").rpartition("\n")[2]


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")
