"""What can happen in a run: one kind of event for each fact that a judgement may need.

In a stored recording an event is a row: its moment, its actor, its kind, its bytes, its further fields.
The kind is the name of the class in lower case, `half-closed` for one. docs/recording.md is made from
these files: one list of one kind, a struct for each event, in the order of a run.
"""

from typing import Final

from . import actions, clients, family, program, reruns
from .actions import *  # noqa: F403  (the events are this package's names)
from .clients import *  # noqa: F403
from .event import Event as Event
from .event import OfProcess as OfProcess
from .event import WithBytes as WithBytes
from .event import word as word
from .family import *  # noqa: F403
from .program import *  # noqa: F403
from .reruns import *  # noqa: F403

KINDS: Final[dict[str, type[Event]]] = {
    word(kind): kind
    for module in (program, family, reruns, clients, actions)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Event) and kind.__module__ == module.__name__
}
"""Each kind by its word, in the order of a run."""
