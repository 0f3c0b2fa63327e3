"""Describes mistakes in a settings file, with the line and the nearest known word."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from enum import EnumMeta
from typing import Any, Final, TypeVar, get_args

import msgspec

from .toml_syntax import explained

File = TypeVar("File", bound=msgspec.Struct)
_AT: Final = re.compile(r" - at `\$\.?(.*)`$")
_HEADER: Final = re.compile(r"^\s*\[(\[?)\s*([^\[\]]+?)\s*\]")
_TYPES: Final = re.compile(r"`(\w+)`")
_TWO: Final = " (of several tables each stands in two brackets, [[...]])"
_WORDS: Final = {
    "float": "a number", "int": "a whole number", "bool": "true or false", "str": "text",
    "object": "a table", "array": "a list",
}  # fmt: skip


class Slip(Exception):
    """A mistake in the file, in words. `line` counts from 1; it is 0 where the line is not known."""

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.line = line


def decode(text: str, kind: type[File]) -> File:
    """Decode the file as a struct of the given type.

    A setting of the file itself may also stand below a table, where somebody has pasted it.

    Raises:
        Slip: it is no TOML, or it holds an unknown key, or a value of a wrong type.
    """
    data = loaded(text, kind)
    for path, known in _unknown(data, kind, ()):
        near = get_close_matches(path[-1], known, 1)
        meant = f'did you mean "{near[0]}"?' if near else _elsewhere(path[-1], kind)
        meant = meant or f"there are {', '.join(known)}"
        place = f" in [{'.'.join(path[:-1])}]" if path[:-1] else ""
        raise Slip(f'unknown key "{path[-1]}"{place}; {meant}', line_of(text, path))
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        said = str(error)
        match = _AT.search(said)
        whole = match[1] if match else ""
        if whole.endswith("[...]"):
            whole = f"{whole.removesuffix('[...]')}.{_odd_one(data, whole, kind)}".rstrip(".")
        path = tuple(re.sub(r"\[\d*\]|\[\.\.\.\]", "", whole).split(".")) if match else ()
        what = f"{'.'.join(path)}: " if path else ""
        number = re.search(r"\[(\d+)\]", whole)
        line = line_of(text, path, int(number[1]) if number else None) or _of_word(text, said)
        raise Slip(what + _in_words(_AT.sub("", said)) + _choices(kind, path, said), line) from error


def loaded(text: str, kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The settings by table. A setting of the file itself that stands below a table is taken out of it.

    Raises:
        Slip: it is no TOML, or a setting stands twice.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Slip(*explained(text, str(error))) from error
    fields, told = _keys_of(kind), dict(data)
    for table, value in data.items():
        known = _keys_of(fields.get(table))
        if isinstance(value, dict) and table in fields:
            lifted = {key: each for key, each in value.items() if key in fields and key not in known}
            told[table] = {key: each for key, each in value.items() if key not in lifted}
            for key, each in lifted.items():
                both = isinstance(each, dict) and isinstance(told.get(key), dict)
                if key in told and not both:
                    raise Slip(f"{key} stands twice in this file", line_of(text, (table, key)))
                told[key] = {**told[key], **each} if both else each
    return told


def _elsewhere(key: str, kind: type[msgspec.Struct]) -> str:
    """The hint at the table in which a misplaced key belongs; "" where no table has it."""
    tables = (table for table, inner in _keys_of(kind).items() if key in _keys_of(inner))
    return next((f"it belongs into [{table}]" for table in tables), "")


def _odd_one(data: Mapping[str, Any], whole: str, kind: type[msgspec.Struct]) -> str:
    """The key in a table of the teacher's own keys whose value is of a wrong type."""
    path, value = whole.removesuffix("[...]").split("."), data
    for key in path:
        value = value.get(key, {})
    wanted = get_args(_type_at(kind, path))[-1:] or (object,)
    for key, each in value.items() if isinstance(value, dict) else ():
        try:
            msgspec.convert(each, wanted[0])
        except msgspec.ValidationError:
            return str(key)
    return ""


def _in_words(said: str) -> str:
    """The validator's words in the reader's: "Expected `bool`, got `str`" needs no types."""
    said = said.replace("Invalid enum value", "Invalid value")
    said = said.replace("Expected `array`, got `object`", f"Expected `array`, got `object`{_TWO}")
    return _TYPES.sub(lambda match: _WORDS.get(match[1], match[0]), said)


def _choices(kind: type[msgspec.Struct], path: tuple[str, ...], said: str) -> str:
    """The words that a key may have, where it has another one; the nearest of them."""
    value = re.search(r"Invalid enum value '(.*)'", said)
    if value is None or not path:
        return ""
    found = _type_at(kind, path)
    words = [
        str(word)
        for each in (found, *get_args(found))
        for word in (each if isinstance(each, EnumMeta) else [each] if isinstance(each, str) else [])
    ]
    near = get_close_matches(value[1], words, 1)
    return f'; did you mean "{near[0]}"?' if near else f"; there are {', '.join(filter(None, words))}"


def _of_word(text: str, said: str) -> int:
    """The line with the value that the validator speaks of; 0 if there is none."""
    value = re.search(r"'(.*)'", said)
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if value and value[1] in line), 0)


def line_of(text: str, path: tuple[str, ...], index: int | None = None) -> int:
    """The line that sets a key, or else the line of its table; 0 when neither is found.

    Of an array of tables `index` says which one, if that is known.
    """
    *tables, key = path or ("",)
    table, found, seen = "", 0, -1
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header[2]
            seen += bool(header[1]) and table == ".".join(tables or path)
            found = (
                number if table == ".".join(path) or (table == ".".join(tables) and not found) else found
            )
        elif _sets(line, key) and table == ".".join(tables) and index in {None, seen}:
            return number
        elif tables and (_sets(line, ".".join(path)) or (key in line and _sets(line, ".".join(tables)))):
            return number  # a dotted key, an inline table
    return found or (line_of(text, tuple(tables)) if len(tables) > 1 else 0)  # tables in one line


def _sets(line: str, key: str) -> bool:
    return re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", line) is not None


def _unknown(
    data: Mapping[str, Any], kind: type[msgspec.Struct], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    fields = _keys_of(kind)
    for key, value in data.items():
        if key not in fields:
            yield (*path, key), list(fields)
        elif (inner := _struct_in(fields[key])) is not None:
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    yield from _unknown(each, inner, (*path, key))


def _type_at(kind: Any, path: Sequence[str]) -> Any:
    """The type of the key to which a path of keys leads; None where there is no such key."""
    for key in path:
        kind = _keys_of(kind).get(key)
    return kind


def _keys_of(kind: Any) -> dict[str, Any]:
    """The keys of a table with their types, by the struct type that it has; none without one."""
    inner = _struct_in(kind)
    return {each.encode_name: each.type for each in msgspec.structs.fields(inner)} if inner else {}


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """The struct type that a key may hold: alone, in a list, or as one of several types."""
    kinds = (kind, *get_args(kind))
    return next((k for k in kinds if isinstance(k, type) and issubclass(k, msgspec.Struct)), None)
