"""Is the reply the line? Slide 4 capitalises it, slide 10 sends it back as it came."""

from __future__ import annotations

from collections.abc import Sequence

from . import views
from .contract import Contract
from .recording import Client


def difference(client: Client, contract: Contract) -> tuple[str, str, str] | None:
    """(observed, expected, cause) at the first byte that differs; None when the reply is right."""
    if contract.is_reply(client.sent, client.came):
        return None
    wanted = contract.replies(client.sent)
    want = max(wanted, key=lambda each: common_length(each, client.came))
    at = common_length(want, client.came)
    padded = client.came[: len(want)] == want and not client.came[len(want) :].strip(b"\0")
    one_off = at == len(want.rstrip(b"\r\n")) - 1 and want.upper() == client.came.upper()
    cause = "nul-padding" if padded else "last-byte" if one_off else ""
    observed = f"{views.spell(client.came, at)}; the first difference is at byte {at}"
    return observed, " or ".join(views.spell(each) for each in dict.fromkeys(wanted)), cause


def is_stale(client: Client, earlier: Sequence[Client], contract: Contract) -> bool:
    """Whether the reply is right, and behind it comes the tail of one that somebody got before."""
    for want in contract.replies(client.sent):
        rest = client.came.removeprefix(want)
        if rest and rest != client.came and any(each.came[len(want) :] == rest for each in earlier):
            return True
    return False


def common_length(one: bytes, other: bytes) -> int:
    """How many bytes two byte strings have in common at their beginning."""
    if one == other[: len(one)]:
        return len(one)
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
