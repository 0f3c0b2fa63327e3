"""A small reader of ELF files: a program's sections, and what it shares with its libraries.

Source: elf(5), the header, the section headers, .dynsym and the relocations. It reads 64-bit files of
little-endian machines, and knows nothing of processes.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final, NamedTuple

X86_64: Final = 62  # EM_X86_64
_MAGIC: Final = b"\x7fELF\x02\x01"
_RELOCATIONS, _DYNAMIC_SYMBOLS = 4, 11  # SHT_RELA, SHT_DYNSYM
_FUNCTIONS: Final = frozenset({2, 10})  # STT_FUNC, STT_GNU_IFUNC
_SYMBOL, _RELOCATION = struct.Struct("<IBBHQQ"), struct.Struct("<QQq")


class Section(NamedTuple):
    """A part of the file: its place there and, if it is loaded, its address; in bytes."""

    kind: int
    address: int
    offset: int
    size: int
    link: int


class Symbol(NamedTuple):
    """A name that is shared: the file's own, at its `address`, or one that it takes from a library."""

    name: str
    address: int
    is_own: bool
    is_function: bool


def in_source(name: str) -> str:
    """A function's name in the source, where gcc(1) has taken that with checks (-D_FORTIFY_SOURCE)."""
    return name.removeprefix("__").removesuffix("_chk")


class Image(NamedTuple):
    """The content of one file."""

    data: bytes
    machine: int
    sections: tuple[Section, ...]
    symbols: tuple[Symbol, ...]

    def at(self, address: int, size: int) -> bytes:
        """The bytes that are loaded there; fewer at the end of a section, none outside."""
        for each in self.sections:
            if each.address and each.address <= address < each.address + each.size:
                start = each.offset + address - each.address
                return self.data[start : start + size]
        return b""

    def slots(self) -> dict[int, str]:
        """By the address where its own goes, the name of each symbol that is filled in at the start."""
        found = {}
        for table in self.sections:
            for offset, info, _ in _rows(_RELOCATION, self.data, table, _RELOCATIONS):
                if 0 < (number := info >> 32) < len(self.symbols):
                    found[offset] = self.symbols[number].name
        return found


def read(path: str) -> Image | None:
    """Read a file; None if it is no ELF file, or shares no symbols: a script, a static program."""
    try:
        data = Path(path).read_bytes()
        if not data.startswith(_MAGIC):
            return None
        (machine,) = struct.unpack_from("<H", data, 18)
        (table,) = struct.unpack_from("<Q", data, 40)
        size, count = struct.unpack_from("<HH", data, 58)
        rows = [struct.unpack_from("<IIQQQQII", data, table + size * n) for n in range(count)]
        sections = tuple(Section(row[1], *row[3:7]) for row in rows)
        symbols = tuple(each for section in sections for each in _symbols(data, section, sections))
    except (OSError, struct.error, IndexError, ValueError):
        return None
    return Image(data, machine, sections, symbols) if symbols else None


def _symbols(data: bytes, table: Section, sections: tuple[Section, ...]) -> list[Symbol]:
    found = []
    for name, info, _, section, address, _ in _rows(_SYMBOL, data, table, _DYNAMIC_SYMBOLS):
        start = sections[table.link].offset + name
        text = data[start : data.index(b"\0", start)].decode(errors="replace")
        found.append(Symbol(text, address, section != 0, info & 15 in _FUNCTIONS))
    return found


def _rows(row: struct.Struct, data: bytes, table: Section, kind: int) -> list[tuple[int, ...]]:
    """The rows of a table; none where it is of another kind."""
    if table.kind != kind:
        return []
    return list(row.iter_unpack(data[table.offset : table.offset + table.size // row.size * row.size]))
