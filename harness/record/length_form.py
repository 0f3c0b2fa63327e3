"""The place {length}: how many bytes a line has, as the protocols of the world write it.

{length+31:04x} is the number of the line's bytes and 31 more, in four hexadecimal digits. A number that
is too large for its form is written as the largest that this can have.
"""

import re
from typing import Final

PLACE: Final = (
    r"\{length(?:\+\d+)?(?::(?:04x|08x|u16le|u32le|u16|u32|varint))?\}"  # no groups: it is split by
)
_PARTS: Final = re.compile(r"\{length(?:\+(\d+))?(?::(04x|08x|u16le|u32le|u16|u32|varint))?\}")
_MOST: Final = {
    "04x": 1 << 16, "08x": 1 << 32, "varint": 1 << 28,
    "u16": 1 << 16, "u32": 1 << 32, "u16le": 1 << 16, "u32le": 1 << 32,
}  # fmt: skip
_ANY: Final = {
    "": rb"\d+", "04x": rb"[0-9a-f]{4}", "08x": rb"[0-9a-f]{8}",
    "u16": rb"(?s:.{2})", "u32": rb"(?s:.{4})", "u16le": rb"(?s:.{2})", "u32le": rb"(?s:.{4})",
    "varint": rb"[\x80-\xff]{0,3}[\x00-\x7f]",
}  # fmt: skip
_SEVEN_BITS: Final = 0x7F


def is_length(part: str) -> bool:
    """Whether it is this place."""
    return _PARTS.fullmatch(part) is not None


def written(part: str, length: int) -> bytes:
    """What stands at the place, for a line of a given length in bytes.

    Source: git's protocol-common(5), "pkt-line" (04x); MQTT 3.1.1, 2.2.3 (varint); u16 and u32 are in
    network byte order, u16le and u32le in the other one (Zabbix, SMB).
    """
    more, form = _parts(part)
    number = min(length + more, _MOST.get(form, length + more + 1) - 1)
    match form:
        case "04x" | "08x":
            return f"{number:{form}}".encode()
        case "u16" | "u32" | "u16le" | "u32le":
            return number.to_bytes(int(form[1:3]) // 8, "little" if form.endswith("le") else "big")
        case "varint":
            return _varint(number)
        case _:
            return b"%d" % number


def expression(part: str) -> bytes:
    """A regular expression for the place, of any line."""
    return _ANY[_parts(part)[1]]


def _parts(part: str) -> tuple[int, str]:
    found = _PARTS.fullmatch(part)
    return (int(found[1] or 0), found[2] or "") if found else (0, "")


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the highest bit says that more follow."""
    digits = bytearray()
    while number > _SEVEN_BITS:
        digits.append(number & _SEVEN_BITS | _SEVEN_BITS + 1)
        number >>= 7
    return bytes([*digits, number])
