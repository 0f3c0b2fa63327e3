"""The lists of docs/recording.md, written from the structs that recordings are made of."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, Struct, UnsetType
from msgspec.structs import fields

from harness.record.events import KINDS, Standing, WithBytes
from harness.record.snapshot import Connection, Listener, Process

FILE: Final = Path(__file__).parent / "recording.md"
_MADE_FROM: Final = "## Kinds of events\n"
_KINDS: Final = "\n| kind | bytes | fields | what has happened |\n|---|---|---|---|\n"
_PARTS: Final = "\n## Parts\n\nWhat stands in the fields of an event, or in a list of them.\n\n"
_PLAIN: Final = {int: "number", str: "text", bool: "true or false", bytes: "text", type(None): "null"}


def page(text: str) -> str:
    """The page, its lists of kinds and parts made anew; what stands above them stays."""
    text = text.partition(_MADE_FROM)[0] + _MADE_FROM + _KINDS
    for kind, event in KINDS.items():
        has_bytes = "yes" if issubclass(event, WithBytes) else ""
        text += f"| `{kind}` | {has_bytes} | {_fields(event)} | {_told(event)} |\n"
    text += _PARTS + "| part | fields | |\n|---|---|---|\n"
    for part in (Process, Connection, Listener, Standing):
        text += f"| {part.__name__.lower()} | {_fields(part)} | {_told(part)} |\n"
    return text


def _fields(struct: type[Struct]) -> str:
    hints = get_type_hints(struct)
    told = []
    for each in fields(struct):
        if each.name in {"at_ns", "actor", "data"}:
            continue
        is_needed = each.default is NODEFAULT and each.default_factory is NODEFAULT
        of = _type(hints[each.name])
        of = of.removesuffix(" or null") if each.default is None else of
        told.append(f"`{each.name}`: {of}{'' if is_needed else ', or absent'}")
    return "; ".join(told)


def _type(hint: Any) -> str:
    if hint in _PLAIN:
        return _PLAIN[hint]
    of = [each for each in get_args(hint) if each not in {UnsetType, Ellipsis}]
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        return " or ".join(dict.fromkeys(map(_type, of)))
    if origin is tuple:
        return f"list of {_plural(_type(of[0]))}"
    if origin is dict:
        return f"{_plural(_type(of[1]))} by {_type(of[0])}"
    if of:
        return ", ".join(f'"{each}"' for each in of)
    return str(hint.__name__).lower()


def _plural(word: str) -> str:
    if word.endswith(("s", "x")):
        return f"{word}es"
    return word if word == "text" else f"{word}s"


def _told(struct: type[Struct]) -> str:
    return re.sub(r"\s+", " ", inspect.getdoc(struct) or "").strip()
