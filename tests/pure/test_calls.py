"""Which calls of the kernel have no time limit, by their numbers and arguments."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import struct
import time
from pathlib import Path
from typing import Final

import pytest

from harness.observe import syscalls
from harness.observe.syscalls import Call

HEADERS: Final = {
    "x86_64": (
        syscalls.X86_64,
        ["/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"],
    ),
    "aarch64": (syscalls.AARCH64, ["/usr/include/asm-generic/unistd.h"]),
}
NULL, SOMEWHERE = 0, 0x7FFD0000
MINUS_ONE = 0xFFFFFFFF


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_are_the_kernels(machine: str) -> None:
    table, places = HEADERS[machine]
    header = next((path for path in map(Path, places) if path.is_file()), None)
    if header is None:
        pytest.skip(f"no kernel headers for {machine} here")
    defined = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\s", header.read_text())
    number_of = {name: int(number) for name, number in defined}
    assert {name: number_of.get(name) for name in table.values()} == {
        name: number for number, name in table.items()
    }


@pytest.mark.parametrize("line", [b"running\n", b"-1 0x7ffd1 0x7f2c3\n", b"", b"\n"])
def test_a_task_outside_any_call_has_none(line: bytes) -> None:
    assert syscalls.parse(line) is None


def test_a_call_nobody_knows_proves_nothing() -> None:
    call = syscalls.parse(b"9999 0x0 0x0 0x0 0x0 0x0 0x0 0x1 0x2\n")
    assert call is not None
    assert call.name == ""
    assert not call.has_no_time_limit


@pytest.mark.parametrize("name", ["read", "accept", "accept4", "recvfrom", "wait4", "pause", "write"])
def test_some_calls_only_an_event_ends(name: str) -> None:
    assert Call(name, (3, SOMEWHERE, 1024, 0, 0, 0)).has_no_time_limit


@pytest.mark.parametrize(
    ("name", "before", "unlimited", "limited"),
    [
        ("poll", (SOMEWHERE, 1), MINUS_ONE, 500),
        ("poll", (SOMEWHERE, 1), 0xFFFFFFFFFFFFFFFF, 0),
        ("epoll_wait", (4, SOMEWHERE, 8), MINUS_ONE, 100),
        ("epoll_pwait", (4, SOMEWHERE, 8), MINUS_ONE, 0),
        ("epoll_pwait2", (4, SOMEWHERE, 8), NULL, SOMEWHERE),
        ("select", (4, SOMEWHERE, 0, 0), NULL, SOMEWHERE),
        ("pselect6", (4, SOMEWHERE, 0, 0), NULL, SOMEWHERE),
        ("ppoll", (SOMEWHERE, 1), NULL, SOMEWHERE),
        ("futex", (SOMEWHERE, 0, 2), NULL, SOMEWHERE),
        ("rt_sigtimedwait", (SOMEWHERE, 0), NULL, SOMEWHERE),
        ("recvmmsg", (3, SOMEWHERE, 1, 0), NULL, SOMEWHERE),
    ],
)
def test_a_time_limit_is_seen(name: str, before: tuple[int, ...], unlimited: int, limited: int) -> None:
    assert Call(name, (*before, unlimited, 0, 0)).has_no_time_limit
    assert not Call(name, (*before, limited, 0, 0)).has_no_time_limit


@pytest.mark.parametrize("name", ["nanosleep", "clock_nanosleep", "restart_syscall"])
def test_a_nap_is_never_rest(name: str) -> None:
    assert not Call(name, (0, 0, SOMEWHERE, 0, 0, 0)).has_no_time_limit


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86-64")
def test_a_sleeping_call_is_read_with_its_arguments() -> None:
    line = b"43 0x3 0x7ffc1 0x10 0x0 0x0 0x5 0x7ffd2 0x7f1c3\n"
    assert syscalls.parse(line) == Call("accept", (3, 0x7FFC1, 16, 0, 0, 5))


def test_what_poll_waits_for_is_read_from_the_tasks_memory() -> None:
    listed = ctypes.create_string_buffer(struct.pack("=iIiIiI", 7, 1, -1, 1, 9, 4))
    call = Call("poll", (ctypes.addressof(listed), 3, 500, 0, 0, 0))
    assert call.watched(os.getpid()) == [7, 9]


def test_what_select_waits_for_is_read_from_the_tasks_memory() -> None:
    listed = ctypes.create_string_buffer((1 << 5 | 1 << 70).to_bytes(128, "little"))
    at = ctypes.addressof(listed)
    assert Call("pselect6", (71, at, 0, 0, 0, 0)).watched(os.getpid()) == [5, 70]
    assert Call("select", (6, at, 0, 0, 0, 0)).watched(os.getpid()) == [5]


@pytest.mark.parametrize("name", ["poll", "select", "epoll_wait", "read"])
def test_nothing_is_known_of_a_list_that_cannot_be_read(name: str) -> None:
    assert Call(name, (8, 8, 0, 0, 0, 0)).watched(os.getpid()) == []


@pytest.mark.parametrize(
    ("name", "args", "clock"),
    [
        ("futex", (0, 0x189), time.CLOCK_REALTIME),  # pthread_cond_timedwait()
        ("futex", (0, 0x89), time.CLOCK_MONOTONIC),
        ("clock_nanosleep", (time.CLOCK_MONOTONIC, 1), time.CLOCK_MONOTONIC),
        ("clock_nanosleep", (time.CLOCK_REALTIME, 1), time.CLOCK_REALTIME),
    ],
)
def test_a_limit_that_is_a_time_of_day_ends_then(name: str, args: tuple[int, int], clock: int) -> None:
    wanted = time.clock_gettime_ns(clock) + 60_000_000_000
    limit = ctypes.create_string_buffer(struct.pack("qq", *divmod(wanted, 1_000_000_000)))
    at = ctypes.addressof(limit)
    call = Call(name, (*args, at if name == "clock_nanosleep" else 0, at, 0, 0))
    end = call.ends_ns(os.getpid())
    assert end is not None
    assert 50 < (end - time.monotonic_ns()) / 1e9 <= 60
    assert call.limit_ns(os.getpid()) is None


def test_a_limit_that_is_a_duration_is_told_as_one() -> None:
    limit = ctypes.create_string_buffer(struct.pack("qq", 5, 7))
    at = ctypes.addressof(limit)
    for call in (Call("futex", (0, 0x80, 0, at, 0, 0)), Call("clock_nanosleep", (1, 0, at, 0, 0, 0))):
        assert call.limit_ns(os.getpid()) == 5_000_000_007
        assert call.ends_ns(os.getpid()) is None
