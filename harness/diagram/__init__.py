"""The space-time diagram of a recording: who did what when, as lanes on one axis of time.

    diagram = space_time(recording)
    for lane in diagram.lanes:            # clients first, then the server's processes
        for span in lane.spans: ...       # start_ns, end_ns, phase, text, clients
        for mark in lane.marks: ...       # at_ns, what, text
    for at_ns, parent, child in diagram.forks(): ...
    for step in diagram.family: ...       # at_ns, alive, zombies: a step function

Of a client on trial the lanes are its own, our server's, and those of its processes.

Exits and reapings are as the keeper's pidfds told them. A birth is the first look that saw the process:
no birth is exact. What clients do and hear is stamped when the harness comes to it: seldom too late, and
then about. Who serves whom was seen in looks (snapshots) too, which are single moments. What is
not exact is placed so that causes come before effects: a client connects, a child is born for it, the
child serves it, the reply comes. How a drawer says so:

    span.about        # "", or a clause: "begins about here", "begins and ends about here"
    span.is_start_exact, span.is_end_exact
    mark.about        # "", or "about ": stands before the mark's moment
    mark.is_exact, mark.since_ns      # the last look that had not shown it yet, or None
    diagram.forks(), diagram.family   # births in them are about

Where nobody looked, nothing is claimed: a process is `Phase.ALIVE` then, and its text says why.

The module has no opinion: whether what it shows is right is for the requirements.
"""

from .layout import space_time
from .timeline import FamilyAt, Happening, Lane, Mark, Phase, SpaceTime, Span

__all__ = ["FamilyAt", "Happening", "Lane", "Mark", "Phase", "SpaceTime", "Span", "space_time"]
