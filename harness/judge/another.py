"""Recognises a server that keeps another contract than the lecture's, where nobody chose one."""

import shlex
from collections.abc import Mapping
from typing import Final

from harness.record.missing import Missing
from harness.record.recording import Recording

from .learned import SCENARIO, learn
from .learned_contract import ANSWERS, AT_END
from .verdict import Outcome, Verdict

REPLY: Final = "service/reply"
CLOSES: Final = "service/closes"
CONSTANT: Final = "answers-something-else"
_NO_MISTAKES: Final = {"", CONSTANT, "reads-on"}  # what another contract looks like by the lecture's


def is_possible(verdicts: Mapping[str, Verdict]) -> bool:
    """Whether the server fails what a contract decides: then its own is worth finding out."""
    decided = [verdicts[each].outcome for each in (REPLY, CLOSES) if each in verdicts]
    return Outcome.FAIL in decided


def traits(recordings: Mapping[str, Recording], verdicts: Mapping[str, Verdict]) -> list[str]:
    """The certain differences from the lecture's contract; a wrong reply of a known cause is none."""
    seen = recordings.get(SCENARIO)
    is_settled = any(not each.contract.is_the_lectures for each in recordings.values())
    if seen is None or not is_possible(verdicts) or is_settled:
        return []
    try:
        found = learn(seen).traits
    except Missing:
        return []
    wrong = verdicts[REPLY].evidence.cause if REPLY in verdicts else ""
    if wrong == "one-byte":  # it reads on for the rest of the line, and closes later for that alone
        return []
    return [each for each in found if wrong in _NO_MISTAKES or not each.startswith(ANSWERS)]


def sentence(found: list[str], target: str) -> str:
    """The advice to the user; "" where the server keeps no contract of its own."""
    if not found:
        return ""
    file, is_command = "assignment.toml", target.startswith("-- ")
    name = target if is_command else shlex.quote(target)
    learning = f"learn -o {file} {name}" if is_command else f"learn {name} -o {file}"
    checking = f"check --assignment {file} {name}" if is_command else f"check {name} --assignment {file}"
    keeps = f"Your server does not keep the lecture's contract: {in_words(found)}."
    if AT_END in found:
        keeps = f"{keeps} The lecture's answers when it has read a line."
    return (
        f"{keeps} That is a fault, unless your assignment asks for it; if it does, "
        f"'forkspec {learning}' writes it down, and 'forkspec {checking}' judges by it."
    )


def in_words(found: list[str]) -> str:
    """The traits as one clause: "it greets, and stays open after its reply"."""
    *before, last = found
    return f"it {', '.join(before)}, and {last}" if before else f"it {last}"
