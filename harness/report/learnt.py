"""A learnt contract as an assignment's file, with comments that say what was seen."""

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import to_builtins

from harness.judge.learned_contract import Learned
from harness.record.contract import Contract

from .printable import printable

_WIDTH: Final = 110
_CONTRACT: Final = ("transform", "greeting", "line_ending", "closes")
_SELDOM: Final = ("unasked", "at_half_close", "port")
_DIALOGUE: Final = ("partial", "opening", "steps", "between")


def as_assignment(found: Learned, again: str) -> str:
    """The whole file; `again` is the command that wrote it."""
    lecture = Contract()
    script = to_builtins(found.contract.dialogue) if found.contract.dialogue is not None else {}
    parts = [_comment(
        f"What this server was seen to do, written down by: {printable(again)}\n"
        "It says what the server does, not what it ought to do: read it before you judge by it. What is "
        "commented out is as in the lecture."
    )]  # fmt: skip
    if found.started_with:
        parts.append(
            _comment(
                f"It was started with {' '.join(found.started_with)}; forkspec finds that out each time."
            )
        )
    if found.port is not None:
        parts.append("\n".join(["[submission]", *_setting(found, "port", found.port, is_set=True)]))
    lines = ["[contract]"]
    for key in (*(("closes",) if script else _CONTRACT), *_SELDOM):
        value = getattr(found.contract, key)
        is_set = value != getattr(lecture, key)
        if is_set or key not in _SELDOM:
            lines += _setting(found, key, value, is_set=is_set or key in found.told)
    parts.append("\n".join(lines))
    if script:
        lines = ["[dialogue]"]
        for key in (key for key in _DIALOGUE if key in script):
            lines += _setting(found, key, script[key], is_set=True)
        parts.append("\n".join(lines))
    if found.untold:
        parts.append(_comment("Could not be told:", *(f"- {printable(each)}" for each in found.untold)))
    return "\n\n".join(parts) + "\n"


def summary(found: Learned) -> Iterator[str]:
    """What was learnt, line by line, for a terminal."""
    for key, said in found.told.items():
        yield f"{key:14} {printable(said)}"
    for each in found.untold:
        yield f"{'not told':14} {printable(each)}"


def _setting(found: Learned, key: str, value: object, *, is_set: bool) -> list[str]:
    said = found.told.get(key)
    line = f"{key} = {_toml(value)}"
    return [*([_comment(printable(said))] if said else []), line if is_set else f"# {line}"]


def _comment(*lines: str) -> str:
    wrapped = [
        part
        for line in lines
        for whole in line.split("\n")
        for part in textwrap.wrap(
            whole, _WIDTH, subsequent_indent="  " if whole.startswith("-") else "",
            break_long_words=False, break_on_hyphens=False,
        )
    ]  # fmt: skip
    return "\n".join(f"# {line}" for line in wrapped)


def _toml(value: object) -> str:
    """A value as TOML 1.0 has it: tables inline, a list of them a line each."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case Mapping():
            return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
        case list() | tuple():
            return "[\n" + "".join(f"    {_toml(each)},\n" for each in value) + "]"
        case _:
            return str(value)
