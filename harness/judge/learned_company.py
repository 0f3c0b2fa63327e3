"""Learns whether one client hears what others say, where no contract says so."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from msgspec.structs import replace as changed

from harness.record.dialogue import Dialogue, Step
from harness.record.events import Connected, Left, Received, Sent
from harness.record.recording import Recording
from harness.record.spelling import spell

from .learned_contract import Learned, greeted
from .likeness import ANY, CAPITALS, LINE, common, marked

BESIDE: Final = "beside "  # of whom two are there at once
LISTENER: Final = "listener"
SPEAKER: Final = "speaker"
_PLAIN: Final = {"echo": LINE, "upper": CAPITALS}


def hear_company(found: Learned, seen: Recording) -> None:
    """Learn whether what one client says, or that it comes and goes, is told to the others.

    Such a contract has a dialogue: what comes from others is no answer there.
    """
    heard = _heard(seen)
    contract = found.contract
    if contract.closes or not heard:
        return
    said = [event.data.rstrip(b"\r\n") for event in seen.every(Sent, SPEAKER)]
    forms = {_form(line, said) for line in heard.splitlines(keepends=True)}
    script = contract.dialogue or _as_dialogue(found)
    own = _of_others(str(script.steps[-1].expect))
    between = (common([*forms, own]) or forms.pop()) if len(forms) == 1 else f"{ANY}\n"
    found.contract = replace(
        found.contract,
        transform="either",
        greeting="",
        line_ending="\n",
        dialogue=changed(script, between=between),
    )
    found.traits.append("tells every client what another one says")
    found.told["between"] = (
        f"While another client spoke, one who had nothing to say heard {spell(heard)}."
    )


def _as_dialogue(found: Learned) -> Dialogue:
    """The learnt contract as a dialogue of one step."""
    contract = found.contract
    own = _PLAIN.get(contract.transform)
    reply = f"{own}{contract.line_ending}" if own else contract.transform
    for key, instead in {"greeting": "opening", "transform": "steps", "line_ending": ""}.items():
        if (said := found.told.pop(key, "")) and instead:
            found.told[instead] = said
    return Dialogue((Step(f"{LINE}{contract.line_ending}", reply),), greeted(contract))


def _heard(seen: Recording) -> bytes:
    """The bytes that the listener got from when the speaker came until it left itself."""
    came = next((index for index, _ in seen.all(Connected, SPEAKER)), len(seen.events))
    left = next((index for index, _ in seen.all(Left, LISTENER)), len(seen.events))
    return b"".join(event.data for index, event in seen.all(Received, LISTENER) if came < index < left)


def _form(line: bytes, said: Sequence[bytes]) -> str:
    """How a line is told to others; {any} stands for what one of them says."""
    ending = b"\r\n" if line.endswith(b"\r\n") else b"\n"
    text, *others = (line, *(each for each in said if each.upper() in line.upper()))
    if not others:
        return f"{ANY}{ending.decode()}"
    for each in others:
        text = _of_others(marked(text, each) or ANY).encode()
    return text.decode()


def _of_others(form: str) -> str:
    return form.replace(LINE, ANY).replace(CAPITALS, ANY)
