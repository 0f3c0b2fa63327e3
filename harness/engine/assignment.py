"""Reads an assignment's file: TOML, every key of it known, every value possible."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Final

import msgspec

import harness
from harness.judge.assignment import Assignment
from harness.judge.contract import DESIGNS, LINE_ENDINGS, TRANSFORMS, Contract

from . import catalogue

_PLACES: Final = re.compile(r"\{(\w*)\}")


class UnusableAssignment(harness.HarnessError):
    """The file cannot be read, or says something impossible; the text says what and where."""


class _Contract(msgspec.Struct, forbid_unknown_fields=True):
    transform: str = "either"
    greeting: str = ""
    line_ending: str = "\n"
    closes: bool = True
    design: str = ""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    contract: _Contract = msgspec.field(default_factory=_Contract)
    references: dict[str, str] = {}
    hints: dict[str, str] = {}


def read(path: Path) -> Assignment:
    """The assignment that a file describes.

    Raises:
        UnusableAssignment: no such file, no TOML, an unknown key, an impossible value; the user's.
        UnknownRequirement: a reference or a hint for a requirement that does not exist.
    """
    try:
        file = msgspec.toml.decode(path.read_bytes(), type=_File)
    except OSError as error:
        raise UnusableAssignment(f"{path}: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise UnusableAssignment(f"{path}: {error}") from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise UnusableAssignment(f"{path}: {error}") from error
    known = catalogue.load()
    for identifier in [*file.references, *file.hints]:
        known.find(identifier)
    contract = Contract(**{each.name: getattr(file.contract, each.name) for each in fields(Contract)})
    if wrong := _impossible(contract):
        raise UnusableAssignment(f"{path}: [contract] {wrong}")
    return Assignment(contract, file.references, file.hints, str(path))


def _impossible(contract: Contract) -> str:
    """What cannot be meant, in words; "" when all of it can."""
    for key in ("transform", "greeting"):
        strange = set(_PLACES.findall(getattr(contract, key))) - {"line", "LINE", "any"}
        if strange:
            return (
                f"{key}: {{{min(strange)}}} stands for nothing; there are {{line}}, {{LINE}} and {{any}}"
            )
    own = contract.transform not in TRANSFORMS
    if own and not _PLACES.search(contract.transform):
        known = ", ".join(map(repr, TRANSFORMS))
        return (
            f"transform: {contract.transform!r} is none of {known}, and no pattern with {{line}} in it"
        )
    if contract.line_ending not in LINE_ENDINGS:
        known = " nor ".join(map(repr, LINE_ENDINGS))
        return f"line_ending: {contract.line_ending!r} is neither {known}"
    if contract.design and contract.design not in DESIGNS:
        return f"design: {contract.design!r} is none of {', '.join(map(repr, DESIGNS))}"
    return ""
