"""What one subject may use, so that a hostile one harms nobody.

Source: getrlimit(2). RLIMIT_NPROC counts per user namespace (Linux 5.14) and does not bind root.
"""

import contextlib
import os
import resource
from collections.abc import Mapping
from typing import Self

import msgspec

_BEFORE_ANY, _OF_A_DESKTOP = "1000", "200"


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one subject may use; `start_s` is how long it may take to listen.

    `all_memory_bytes` hold for all processes of a cell together, where a control group can be made.
    """

    processes: int = 192
    descriptors: int = 1024
    memory_bytes: int = 4 << 30
    all_memory_bytes: int = 2 << 30
    file_bytes: int = 16 << 20
    cpu_s: int = 20
    start_s: int = 30

    @classmethod
    def of(cls, settled: Mapping[str, int], **own: int) -> Self:
        """The usual limits but for what was settled otherwise, and but for our `own`.

        What was settled may hold more than a cell's limits: how long all runs may take together.
        """
        ours = {name: settled[name] for name in cls.__struct_fields__ if name in settled}
        return cls(**{**ours, **own})


def apply(limits: Limits) -> None:
    """Bind this process and all it starts, the number of processes excepted."""
    _set(resource.RLIMIT_CORE, 0, 0)
    _set(resource.RLIMIT_NOFILE, limits.descriptors, limits.descriptors)
    _set(resource.RLIMIT_AS, limits.memory_bytes, limits.memory_bytes)
    _set(resource.RLIMIT_FSIZE, limits.file_bytes, limits.file_bytes)
    # Soft below hard: a program that overruns is told by SIGXCPU before it is killed.
    _set(resource.RLIMIT_CPU, limits.cpu_s, limits.cpu_s + 1)


def first_to_go(*, unbounded: bool) -> None:
    """When memory runs out on this machine, end this process and what it starts before others.

    Before any other where nothing bounds the sum of many processes; else as the programs of a desktop.
    Source: proc(5), oom_score_adj; systemd.exec(5), OOMScoreAdjust.
    """
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write(_BEFORE_ANY if unbounded else _OF_A_DESKTOP)


def apply_processes(limits: Limits, already: int) -> None:
    """Bind the number of processes where no namespace counts them apart from the user's others."""
    _set(resource.RLIMIT_NPROC, limits.processes + already, limits.processes + already)


def tasks_of_user(uid: int) -> int:
    """How many threads this user runs on the machine now; what RLIMIT_NPROC will count too."""
    total = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid == uid:
                    total += len(os.listdir(f"/proc/{name}/task"))
            except OSError:
                continue
    return total


def _set(which: int, soft: int, hard: int) -> None:
    ceiling = resource.getrlimit(which)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(which, (soft, hard))
