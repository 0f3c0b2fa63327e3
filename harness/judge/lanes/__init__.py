"""The space-time diagram of a recording: who did what when, as lanes on one axis of time.

    diagram = space_time(recording)
    for lane in diagram.lanes:            # clients first, then the server's processes
        for span in lane.spans: ...       # start_ns, end_ns, phase, text, clients
        for mark in lane.marks: ...       # at_ns, what, text
    for at_ns, parent, child in diagram.forks(): ...
    for step in diagram.family: ...       # at_ns, alive, zombies: a step function

Of a client on trial the lanes are its own, our server's, and those of its processes.

Births, exits and reapings are as the keeper's pidfds told them. Who serves whom was seen in snapshots
only, which are looks at single moments: a span says by `is_start_exact` and `is_end_exact` which of its
ends nobody saw. The module has no opinion: whether what it shows is right is for the requirements.
"""

from __future__ import annotations

from .space_time import space_time
from .timeline import FamilyAt, Happening, Lane, Mark, Phase, SpaceTime, Span

__all__ = ["FamilyAt", "Happening", "Lane", "Mark", "Phase", "SpaceTime", "Span", "space_time"]
