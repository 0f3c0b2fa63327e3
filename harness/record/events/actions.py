"""What forkspec does to the server, and how its scenario ends."""

from .event import Event
from .family import Standing


class Frozen(Event, frozen=True):
    """A process was stopped; `stopped` is false where that did not come about."""

    pid: int
    stopped: bool = True


class Thawed(Event, frozen=True):
    """A stopped process goes on (SIGCONT)."""

    pid: int


class Signalled(Event, frozen=True):
    """A process was sent a signal; of SIGINT to the whole group the first process's pid."""

    pid: int
    signal: str


class Limited(Event, frozen=True):
    """The family gets no more descriptors, or processes, than it has: its `bound`; 0 without effect."""

    of: str
    bound: int


class Lifted(Event, frozen=True):
    """The limit is over."""

    of: str


class Injected(Event, frozen=True, omit_defaults=True):
    """A system call of the server was made to fail once.

    Which `call`, "" where none was met; `on` which file; how many `times` it was called afterwards.
    Where the file is a socket, `beside` tells how many calls on something else have failed, too.
    """

    error: str
    call: str
    on: str
    times: int
    beside: int = 0


class Ordered(Event, frozen=True):
    """At each fork() of a process the `first`, "parent" or "child", ran before the other; that is over.

    How many `forks` there were meanwhile; how many children had `ended` before their parent went on.
    """

    pid: int
    first: str
    forks: int
    ended: int


class Followed(Event, frozen=True, omit_defaults=True):
    """A process was followed from call to call, and held for a moment before each.

    `when`: a client "comes" or "asks" meanwhile, or a child "ends". There were so many `points`, and so
    many instructions `within` functions of the C library. `called` are those that its handler called
    and must not call (signal-safety(7)), as far as they were seen; they cannot be where the C library is
    part of its program (`is_static`).
    """

    pid: int
    when: str
    points: int
    within: int = 0
    called: tuple[str, ...] = ()
    is_static: bool = False


class AtPoint(Event, frozen=True, omit_defaults=True):
    """A process, or one thread, was held at one point: `before` or `after` a call, `within` a function.

    Meanwhile a child ended, SIGTERM came, or other clients came and asked.

    `result` is that of the call, or of the one before: an error's number, negative; 0; or 1 for more.
    Its `standing` has the library function that makes the call, syslog() say, where that is known.
    Where the point was not reached (`reached`) nobody was held. `trial` counts all that were tried; `of`
    so many that were drawn. Within a `function`, which another one (`via`) may have called, it is
    instruction `step` of `steps`; the last is the one behind the call.
    """

    pid: int
    trial: int
    when: str
    side: str
    call: str
    result: int
    standing: tuple[Standing, ...]
    reached: bool
    of: int = 0
    function: str = ""
    via: str = ""
    step: int = 0
    steps: int = 0


class Idled(Event, frozen=True):
    """What the family used in a window of time in which no client asked."""

    when: str
    window_ns: int
    cpu_ns: int
    wakings: int


class Witness(Event, frozen=True):
    """Whether a process that is none of the server's still lives."""

    lives: bool


class Ended(Event, frozen=True):
    """The whole family was killed; `left` processes could not be."""

    left: int


class Branched(Event, frozen=True, omit_defaults=True):
    """The scenario took another way, or broke off, and why.

    `limit` clients had a place. The accept queue has `places` places. `waiting` bytes lay unread.
    `refused`: this cell cannot do it. `bound`: the whole examination's time was up. `starved` processes
    were ended by the kernel, since all of a cell together had more memory than it may have. `lost`: the
    cell went, and all in it was ended with it. `traceback` is of an error of ours. What the server
    prints after its first `printed` bytes is about a client that does not speak as clients do.
    """

    cause: str
    limit: int | None = None
    places: int | None = None
    waiting: int | None = None
    refused: bool = False
    bound: bool = False
    starved: int = 0
    lost: bool = False
    traceback: str = ""
    printed: int | None = None


class Finished(Event, frozen=True):
    """The scenario ran to its end. The last event of a whole recording."""
