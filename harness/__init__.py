"""forkspec: a judge of concurrent TCP servers.

submission -> subject -> cell -> stage -> recording -> verdict -> report
"""

__version__ = "0.1.0"


class HarnessError(Exception):
    """Something of ours, or of the machine, went wrong: never a grade; exit status 3."""
