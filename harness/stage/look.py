"""The server's family as it was last seen, in a scenario's words. It judges nothing."""

from dataclasses import dataclass
from signal import Signals

from harness.record.snapshot import Process, Snapshot
from harness.signal_mask import bit

from .rest import Connection

_WAITS_FOR_SIGNALS = "rt_sigtimedwait"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the family.

    `root` is the server's first process; `at_start` are the pids that lived when it had started.
    """

    snapshot: Snapshot
    root: int
    at_start: frozenset[int]

    @property
    def living(self) -> int:
        """How many processes live; zombies are not counted."""
        return len(self.snapshot.living)

    @property
    def tasks(self) -> int:
        """How many threads and zombies there are."""
        return sum(max(1, process.threads) for process in self.snapshot.processes)

    @property
    def births(self) -> int:
        """How many tasks have been born in the cell so far; 0 in a cell that does not count them."""
        return self.snapshot.last_pid or 0

    @property
    def is_alone(self) -> bool:
        """True when no more processes live than at the start."""
        return self.living <= len(self.at_start)

    @property
    def listener(self) -> int:
        """The process that holds the listening socket; the first process when none does."""
        return next((each.pid for each in self.snapshot.processes if each.listens), self.root)

    def heeds(self, number: Signals) -> bool:
        """Whether the first process catches a signal, or blocks it, to read it by other means.

        A process in sigwait() may wait for any: the kernel then shows what it waits for as not blocked.
        Source: proc(5), SigCgt and SigBlk; signalfd(2); sigwait(3).
        """
        root = self.find(self.root)
        if root is None:
            return False
        waits = _WAITS_FOR_SIGNALS in {root.call, *root.calls}
        return waits or bool(((root.caught or 0) | (root.blocked or 0)) & bit(number))

    def find(self, pid: int) -> Process | None:
        """The process with this pid, zombie or not."""
        return self.snapshot.find(pid)

    def has_taken(self, client: Connection) -> bool:
        """Whether the server has taken this client's connection from its queue, or ended it."""
        connection = self.snapshot.connection(client.port)
        return client.end is not None or (connection is not None and connection.accepted)

    def is_deferred(self, client: Connection) -> bool:
        """Whether the kernel keeps it from the server until it speaks (tcp(7), TCP_DEFER_ACCEPT)."""
        connection = self.snapshot.connection(client.port)
        return connection is not None and connection.accepted and connection.state == "SYN_RECV"

    def process_serving(self, client: Connection) -> Process | None:
        """The youngest process that holds this client's connection."""
        holders = self.snapshot.holders(client.port)
        return holders[-1] if holders else None

    def child_serving(self, client: Connection) -> Process | None:
        """The process born after the start that holds this client's connection; the oldest of them."""
        for process in self.snapshot.processes:
            is_new = process.pid not in self.at_start and process.pid != self.root
            if is_new and client.port in process.serves:
                return process
        return None

    def idle_workers(self) -> list[Process]:
        """The first process's children that can take the next client, and serve none."""
        living = self.snapshot.living
        return [each for each in living if each.ppid == self.root and each.listens and not each.serves]

    def parent_of(self, child: Process) -> int:
        """The pid of its parent; that of the first process when the parent is not of the family."""
        return child.ppid if self.find(child.ppid) is not None else self.root
