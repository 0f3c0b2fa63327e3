"""Where a task stands in its program: return addresses found on its stack.

No debugger and no frame pointers: the words above the stack pointer are read, and those that lie
behind a call instruction of the program's own file are return addresses. The innermost come first; a
stale one may be among them. Source: proc(5), /proc/PID/syscall, maps, mem; the ELF header's e_type.
A Python is asked instead (`told`): how its frames lie in memory changes with every version.
"""

import os
import platform
import struct
from collections.abc import Callable
from typing import Final

import msgspec

from harness.signal_mask import bit

from . import procfs

TELLS_ON: Final = 62
TELLS_INTO: Final = 900
_PATIENCE: Final = 25
_DEPTH: Final = 16_384
_FRAMES: Final = 16
_SHARED_OBJECT: Final = 3
_IS_X86: Final = platform.machine() == "x86_64"
_IS_ARM: Final = platform.machine() == "aarch64"
_CALL_NEAR: Final = 0xE8
_CALL_INDIRECT: Final = 0xFF
_BRANCH_AND_LINK: Final = 0b100101


class _Program(msgspec.Struct, frozen=True):
    """The mapped file of a process: where it begins, and its ranges of code."""

    base: int
    code: tuple[tuple[int, int], ...]
    is_position_independent: bool

    @property
    def ends(self) -> tuple[int, int]:
        """Where the first of its code begins, and where the last ends; (0, 0) without any."""
        return min((start for start, _ in self.code), default=0), max(
            (e for _, e in self.code), default=0
        )

    def holds(self, address: int) -> bool:
        return any(start <= address < end for start, end in self.code)


def standing(pid: int, tid: int) -> list[int]:
    """Addresses in the program's own file where a task stands, innermost first; a few at most.

    As addr2line(1) takes them. Empty when the task runs, or when this machine's code is not known to us.
    """
    line = (procfs.read(f"/proc/{pid}/task/{tid}/syscall") or b"").split()
    if line[:1] == [b"running"] or not (_IS_X86 or _IS_ARM) or not line:
        return []
    pointer, counter = (int(word, 16) for word in line[-2:])
    try:
        memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    except OSError:
        return []
    try:
        program = _program(pid, memory)
        if program is None:
            return []
        words = os.pread(memory, _DEPTH, pointer)
        found = dict.fromkeys([counter] if program.holds(counter) else [])
        low, high = program.ends
        on_stack = struct.unpack_from(f"={len(words) // 8}Q", words)
        for word in [each for each in on_stack if low <= each < high]:
            if program.holds(word) and _follows_a_call(memory, word):
                found[word - 1] = None
                if len(found) >= _FRAMES:
                    break
    except (OSError, IndexError, ValueError, struct.error):  # it has gone meanwhile
        return []
    finally:
        os.close(memory)
    offset = program.base if program.is_position_independent else 0
    return [address - offset for address in found]


def told(pid: int, caught: int, ask: Callable[[], None], wait: Callable[[], None]) -> str:
    """What an interpreter prepared for it says of where it stands, by signal; "" when it says nothing.

    `caught` is the process's mask of caught signals: the signal would end one that is not prepared.
    `ask` sends it TELLS_ON.
    """
    path = f"/proc/{pid}/fd/{TELLS_INTO}"
    try:
        if not caught & bit(TELLS_ON) or "memfd:faulthandler" not in os.readlink(path):
            return ""
        with open(path, "rb") as file:
            file.seek(0, os.SEEK_END)
            ask()
            said = b""
            for _ in range(_PATIENCE):
                wait()
                now = file.read()
                if said and not now:
                    break
                said += now
    except OSError:
        return ""
    return said.decode(errors="replace")


def _program(pid: int, memory: int) -> _Program | None:
    """The mapping of the file that the process runs, None when it cannot be read."""
    start_code = int((procfs.read(f"/proc/{pid}/stat") or b"").rpartition(b")")[2].split()[23])
    rows = [line.split(None, 5) for line in procfs.read_all(f"/proc/{pid}/maps").splitlines()]
    own = next(
        (row[3:5] for row in rows if address_range(row)[0] <= start_code < address_range(row)[1]), []
    )
    parts = [row for row in rows if row[3:5] == own]
    code = tuple(address_range(row) for row in parts if b"x" in row[1])
    base = address_range(parts[0])[0] if parts else 0
    if not base:
        return None
    (kind,) = struct.unpack("=H", os.pread(memory, 2, base + 16))
    return _Program(base, code, kind == _SHARED_OBJECT)


def address_range(row: list[bytes]) -> tuple[int, int]:
    """Beginning and end of a mapping, by its row of /proc/PID/maps."""
    start, _, end = row[0].partition(b"-")
    return int(start, 16), int(end, 16)


def _follows_a_call(memory: int, address: int) -> bool:
    before = os.pread(memory, 6, address - 6)
    if len(before) < 6:  # noqa: PLR2004  (as many as were asked for)
        return False
    if _IS_ARM:
        return before[5] >> 2 == _BRANCH_AND_LINK
    return before[1] == _CALL_NEAR or _CALL_INDIRECT in (before[0], before[3], before[4])
