"""What a comparison has found, as files tell it: of two servers that ran, or of two stored results."""

from dataclasses import dataclass

from . import comparison
from .comparison import Comparison
from .side_by_side import ServersCompared


@dataclass(frozen=True, slots=True)
class CompareResult:
    """The comparison of `old` and `new`, as the user named them.

    Of two servers there is one entry in `comparisons`, and `servers` has what was measured; of two
    stored results there is one for each subject and run, and `servers` is None.
    """

    old: str
    new: str
    comparisons: tuple[Comparison, ...]
    servers: ServersCompared | None = None

    @property
    def exit_status(self) -> int:
        """The status of the command; of servers as `git bisect run` has it."""
        if self.servers is not None:
            return self.servers.exit_status
        return comparison.exit_status(self.comparisons)


def of_servers(old: str, new: str, found: ServersCompared) -> CompareResult:
    """Two servers that were judged and measured."""
    return CompareResult(old, new, (found.verdicts,), found)
