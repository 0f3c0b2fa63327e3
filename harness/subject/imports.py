"""What a program takes from its libraries, by the names that its source has.

Source: elf(5); psABI for x86-64, the PLT. Only what the submission's own program says is read, and no
library.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Final

from harness.observe import elf

_CALL, _STUB = 5, 16  # bytes of a call instruction, and of an entry of the PLT
_JUMP: Final = b"\xff\x25"  # jmp *offset(%rip)
_read = lru_cache(maxsize=8)(elf.read)


def imported(path: str) -> frozenset[str] | None:
    """The names that a program takes from libraries; None of a script, and of a static program."""
    program = _read(path)
    return frozenset(each.name for each in program.symbols if not each.is_own) if program else None


def callee(path: str, address: int) -> str:
    """Which library function is called by the call that ends before this address; "" where unknown."""
    program, target = _read(path), called_address(path, address)
    if program is None or target is None:
        return ""
    stub = program.at(target, _STUB)
    jump = stub.find(_JUMP)
    if jump < 0 or len(stub) < jump + 6:
        return ""
    (to,) = struct.unpack_from("<i", stub, jump + 2)
    return _slots(path).get(target + jump + 6 + to, "")


def called_address(path: str, address: int) -> int | None:
    """Where the call that ends before this address goes; None through a pointer, or where unknown."""
    program = _read(path)
    if program is None or program.machine != elf.X86_64:
        return None
    call = program.at(address - _CALL, _CALL)
    if len(call) < _CALL or call[:1] != b"\xe8":
        return None
    (offset,) = struct.unpack("<i", call[1:])
    return address + int(offset)


@lru_cache(maxsize=8)
def _slots(path: str) -> dict[int, str]:
    program = _read(path)
    return program.slots() if program else {}
