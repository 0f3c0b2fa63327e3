"""Describes mistakes in a settings file, with the line and the nearest known word."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final, TypeVar, get_args

import msgspec

File = TypeVar("File", bound=msgspec.Struct)
_AT: Final = re.compile(r" - at `\$\.?(.*)`$")
_HEADER: Final = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]")


class Slip(Exception):
    """A mistake in the file, in words. `line` counts from 1; it is 0 where the line is not known."""

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.line = line


def decode(text: str, kind: type[File]) -> File:
    """Decode the file as a struct of the given type.

    Raises:
        Slip: it is no TOML, or it holds an unknown key, or a value of a wrong type.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        raise Slip(str(error), int(where[1]) if where else 0) from error
    for path, known in _unknown(data, kind, ()):
        near = get_close_matches(path[-1], known, 1)
        meant = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(known)}"
        place = f" in [{'.'.join(path[:-1])}]" if path[:-1] else ""
        raise Slip(f'unknown key "{path[-1]}"{place}; {meant}', line_of(text, path))
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        said = str(error)
        match = _AT.search(said)
        path = tuple(match[1].removesuffix("[...]").split(".")) if match else ()
        what = f"{'.'.join(path)}: " if path else ""
        raise Slip(what + _AT.sub("", said), line_of(text, path)) from error


def line_of(text: str, path: tuple[str, ...]) -> int:
    """The line that sets a key, or else the line of its table; 0 when neither is found."""
    *tables, key = path or ("",)
    table, found = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header[1]
            found = number if table == ".".join(path) else found
        elif _sets(line, key) and table == ".".join(tables):
            return number
        elif key in line and any(_sets(line, each) for each in tables):
            return number  # an inline table
    return found


def _sets(line: str, key: str) -> bool:
    return re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", line) is not None


def _unknown(
    data: Mapping[str, Any], kind: type[msgspec.Struct], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in data.items():
        if key not in fields:
            yield (*path, key), list(fields)
        elif (inner := _struct_in(fields[key])) is not None:
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    yield from _unknown(each, inner, (*path, key))


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """The struct type that a key may hold: alone, in a list, or as one of several types."""
    kinds = (kind, *get_args(kind))
    return next((k for k in kinds if isinstance(k, type) and issubclass(k, msgspec.Struct)), None)
