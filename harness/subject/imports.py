"""What a program takes from its libraries, by the names that its source has: a small reader of ELF.

Source: elf(5), .dynsym and the relocations; psABI for x86-64, the PLT. Only what the submission's own
program says is read, and no library.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

_ELF_64: Final = b"\x7fELF\x02\x01"
_RELOCATIONS, _LOADED_SYMBOLS = 4, 11  # SHT_RELA, SHT_DYNSYM
_X86: Final = 62
_CALL, _STUB = 5, 16  # bytes of a call instruction, and of an entry of the PLT


class _Section(NamedTuple):
    kind: int
    address: int
    offset: int
    size: int
    link: int


class _Program(NamedTuple):
    data: bytes
    machine: int
    sections: tuple[_Section, ...]
    symbols: tuple[tuple[str, bool], ...]

    def at(self, address: int, size: int) -> bytes:
        """The bytes that are loaded there."""
        for each in self.sections:
            if each.address and each.address <= address < each.address + each.size:
                start = each.offset + address - each.address
                return self.data[start : start + size]
        return b""


def imported(path: str) -> frozenset[str] | None:
    """The names that a program takes from libraries; None of a script, and of a static program."""
    program = _read(path)
    return frozenset(name for name, is_own in program.symbols if not is_own) if program else None


def callee(path: str, address: int) -> str:
    """Which library function is called by the call that ends before this address; "" where unknown."""
    program, target = _read(path), called_address(path, address)
    if program is None or target is None:
        return ""
    stub = program.at(target, _STUB)
    jump = stub.find(b"\xff\x25")  # jmp *offset(%rip)
    if jump < 0 or len(stub) < jump + 6:
        return ""
    (to,) = struct.unpack_from("<i", stub, jump + 2)
    return _slots(path).get(target + jump + 6 + to, "")


def called_address(path: str, address: int) -> int | None:
    """Where the call that ends before this address goes; None through a pointer, or where unknown."""
    program = _read(path)
    if program is None or program.machine != _X86:
        return None
    call = program.at(address - _CALL, _CALL)
    if len(call) < _CALL or call[:1] != b"\xe8":
        return None
    (offset,) = struct.unpack("<i", call[1:])
    return address + int(offset)


@lru_cache(maxsize=8)
def _read(path: str) -> _Program | None:
    try:
        data = Path(path).read_bytes()
        if not data.startswith(_ELF_64):
            return None
        (machine,) = struct.unpack_from("<H", data, 18)
        (table,) = struct.unpack_from("<Q", data, 40)
        size, count = struct.unpack_from("<HH", data, 58)
        rows = [struct.unpack_from("<IIQQQQII", data, table + size * n) for n in range(count)]
        sections = tuple(_Section(row[1], *row[3:7]) for row in rows)
        loaded = next((each for each in sections if each.kind == _LOADED_SYMBOLS), None)
        if loaded is None:
            return None
        return _Program(data, machine, sections, _symbols(data, loaded, sections[loaded.link].offset))
    except (OSError, struct.error, IndexError, ValueError):
        return None


def _symbols(data: bytes, table: _Section, names: int) -> tuple[tuple[str, bool], ...]:
    """Name of each symbol, and whether it is the program's own."""
    found = []
    for at in range(table.offset, table.offset + table.size, 24):
        name, _, _, section = struct.unpack_from("<IBBH", data, at)
        end = data.index(b"\0", names + name)
        found.append((data[names + name : end].decode(errors="replace"), section != 0))
    return tuple(found)


@lru_cache(maxsize=8)
def _slots(path: str) -> dict[int, str]:
    """By the address of its slot in the GOT, each library function."""
    program = _read(path)
    found: dict[int, str] = {}
    for table in program.sections if program else ():
        if table.kind == _RELOCATIONS and program is not None:
            for offset, info, _ in struct.iter_unpack(
                "<QQq", program.data[table.offset : table.offset + table.size // 24 * 24]
            ):
                number = info >> 32
                if 0 < number < len(program.symbols):
                    found[offset] = program.symbols[number][0]
    return found
