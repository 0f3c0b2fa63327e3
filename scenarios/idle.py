"""Beyond the lecture: how much processor time the server uses while it has nothing to do."""

from __future__ import annotations

from harness.call_kinds import ACCEPTS
from harness.judge import branches
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, blocked, failed, inconclusive, passed
from harness.record.events import Branched, Connected, Idled, Left, Proved, Reads
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.stage import Stage, scenario

# Twenty idle servers must not fill a core. A sound server that polls by the clock uses some 0.1 %.
MOST_OF_A_CORE = 0.05
# The kernel's coarsest clock ticks a hundred times a second: no server needs to wake more often.
# Servers that poll for their children, or send heartbeats, wake two to fifty times.
MOST_WAKINGS_PER_S = 100
EXPECTED = (
    f"at most {MOST_OF_A_CORE:.0%} of a core, and {MOST_WAKINGS_PER_S} wake-ups a second, while idle"
)
A_WHILE_S = 10.0  # in which a clock may end its wait for clients
LONG_LINE = b"a reply that nobody reads " * (5 << 10) + b"\n"
NEVER = "; it never sleeps, and takes all the processor time that it can get"
SPINS = {"one who is silent": "spins-on-goodbye", "one who breaks off": "spins-on-half-close"}
MOMENTS = {
    "before": "before the first client",
    "silent": "while a client was connected and said nothing",
    "after": "after the last client had gone",
}
UNREAD = "while a client did not read its reply"


@scenario(clients=1)
async def idle(stage: Stage) -> None:
    """Measure it before any client, with a silent one, after all, and with one that reads nothing.

    Before any client: when a clock that may end its wait for clients has struck.
    """
    await stage.rest.outlast_a_clock(A_WHILE_S)
    await stage.server.usage.measure_idle("before")
    for name, words in {"asks": b"hello\n", "is silent": b"", "breaks off": b"hel"}.items():
        client = await stage.peer(f"one who {name}")
        if not words:
            await stage.server.usage.measure_idle("silent")
        elif words.endswith(b"\n"):
            await client.ask(words)
        else:
            client.send(words)
        await client.leave()
    await stage.server.usage.measure_idle("after")
    await stage.quiet()
    slow = await stage.peer("one who does not read", reads=False)
    slow.send(LONG_LINE)
    await stage.settle()
    stage.branch("a reply lies unread", waiting=slow.waiting)
    await stage.server.usage.measure_idle("unread")
    await stage.settle()
    slow.read_on()
    await stage.settle()


@requirement(
    "abuse/idle-cost",
    scenario=idle,
    slide="beyond; poll(2), wait(2)",
    tier="robust",
    says="While there is nothing that it can do, the server uses hardly any processor time.",
    why="A server waits nearly all its life. One that looks round instead of sleeping takes the "
    "processor from the others, and empties a laptop.",
    by_hand="`grep -h ctxt /proc/PID/task/*/status; sleep 10; grep -h ctxt /proc/PID/task/*/status`: "
    "each number must stay the same, but for a few; `top`: no process of the server may be at the "
    "top; both before the first client and after the last, also after one that breaks off: `printf hel "
    "| timeout 1 nc 127.0.0.1 54321`",
    needs=(LISTENS, ANSWERS, "service/again", "fork/child-exits"),
)
def an_idle_server_sleeps(seen: Recording) -> Verdict:
    first = seen.place_of(Idled) or 0
    if not all(map(seen.is_alive, seen.looks(stop=first)[-1:])):
        gone = inconclusive("the server was gone before it could be measured")
        return blocked("contract/starts", otherwise=gone)
    used = {event.when: event for event in seen.every(Idled)}
    for when in MOMENTS:
        if when in used and (verdict := _too_much(seen, when, used[when])) is not None:
            return verdict
    if not MOMENTS.keys() <= used.keys():
        raise Missing("it was not measured at rest")
    measured, *_, last = [i for i, event in seen.all(Idled) if event.when in MOMENTS]
    if spins := [at for at in seen.looks(measured, last) if at.proof == "spin"]:
        runs = next((f"process {p.pid}" for p in spins[0].living if not p.call), "it")
        return failed(
            f"{runs} used the processor all the time while nobody asked anything", expected=EXPECTED
        )
    if not seen.is_alive(seen.after(last)):
        gone = inconclusive("the server was gone before it could be measured again")
        return blocked("stream/silent-goodbye", otherwise=gone)
    if (used_then := used.get("unread")) and _is_stuck(seen):
        share, wakings = _rates(used_then)
        if share > MOST_OF_A_CORE or wakings > MOST_WAKINGS_PER_S:
            return _used_too_much(seen, UNREAD, used_then, "spins-on-full-buffer")
    return passed("; ".join(f"{MOMENTS[when]}: {_in_words(used[when])}" for when in MOMENTS))


def _too_much(seen: Recording, when: str, used: Idled) -> Verdict | None:
    """The failure that one measurement shows; None where it shows none."""
    share, wakings = _rates(used)
    if share <= MOST_OF_A_CORE and wakings <= MOST_WAKINGS_PER_S:
        return None
    if when == "before":
        beside = "runs-beside" if _somebody_waits_for_clients(seen) else "never-sleeps"
        cause = "polls" if wakings > MOST_WAKINGS_PER_S else beside
    elif _spun_when_one_was_served(seen):
        cause = "closed-in-set"
    elif when == "silent" and not (
        _spins_since(seen, until="one who is silent") or branches.run_without_client(seen)
    ):
        cause = "spins-on-eagain"
    else:
        cause = branches.why_it_spins(seen, SPINS.get(_spins_since(seen), ""))
    return _used_too_much(seen, MOMENTS[when], used, cause)


def _somebody_waits_for_clients(seen: Recording) -> bool:
    """Whether a thread slept in accept() before a client came, while another one ran."""
    measured = next(index for index, _ in seen.all(Idled))
    last = seen.looks(stop=measured)[-1:]
    return any(
        p.threads > 1 and p.is_awake and not ACCEPTS.isdisjoint(p.sleeping)
        for at in last
        for p in at.living
    )


def _is_stuck(seen: Recording) -> bool:
    """Whether the server could not write to the client that read nothing, so that nothing moved."""
    client = seen.client("one who does not read")
    lay = next((event for event in seen.every(Branched) if event.waiting is not None), None)
    reads = seen.first(Reads, client.name)
    measured = next(i for i, event in seen.all(Idled) if event.when == "unread")
    before, after = (at.connection(client.port) for at in (seen.before(measured), seen.after(measured)))
    if lay is None or reads is None or before is None or after is None:
        return False
    same = before.unread == after.unread and lay.waiting == reads.waiting
    return bool(same and lay.waiting and client.end is not None)


def _spins_since(seen: Recording, until: str = "") -> str:
    """The last client to leave before the server span; "" for none, or where `until` came first."""
    left = ""
    for event in seen.events:
        if until and isinstance(event, Connected) and event.actor == until:
            return ""
        left = event.actor if isinstance(event, Left) else left
        if isinstance(event, Proved) and event.proof == "spin":
            return left
    return ""


def _spun_when_one_was_served(seen: Recording) -> bool:
    """Whether an event loop in one process has turned round since it closed its first client."""
    asks, silent = seen.client("one who asks"), seen.client("one who is silent")
    spin = next((at for at in seen.snapshots() if at.proof == "spin"), None)
    try:
        root = seen.before(asks.connected).find(seen.root)
    except Missing:
        return False
    if spin is None or root is None or asks.answered is None or silent.connected is None:
        return False
    if not asks.answered < spin.index < silent.connected or spin.holders(asks.port):
        return False
    return root.threads == len(spin.living) == 1 and root.waiting_for_any > 0


def _rates(used: Idled) -> tuple[float, float]:
    """The share of a core, and how often it woke a second; both 0 where rest was proven."""
    window_ns = used.window_ns
    return (used.cpu_ns / window_ns, used.wakings * 1e9 / window_ns) if window_ns else (0.0, 0.0)


def _in_words(used: Idled) -> str:
    share, wakings = _rates(used)
    often = f", {wakings:.0f} wake-ups a second" if wakings else ""
    return f"{share:.1%} of a core{often}" if used.window_ns else "asleep"


def _who_naps(seen: Recording, used: Idled) -> str:
    """Which process was in sleep() when the measurement began, in words; "" where none was."""
    index = next(index for index, event in seen.all(Idled) if event is used)
    looks = seen.looks(stop=index)
    napping = next((p for at in looks[-1:] for p in at.living if p.naps), None)
    if napping is None:
        return ""
    who = "the first process" if napping.pid == seen.root else f"process {napping.pid}"
    return f"; {'a thread of ' if napping.threads > 1 else ''}{who} was in sleep()"


def _used_too_much(seen: Recording, moment: str, used: Idled, cause: str) -> Verdict:
    share, _ = _rates(used)
    never = NEVER if "spin" in cause and share > MOST_OF_A_CORE else ""
    return failed(
        f"{moment}: {_in_words(used)}{_who_naps(seen, used)}{never}",
        expected=EXPECTED,
        cause=cause,
        when=used.when,
        window_ns=used.window_ns,
        cpu_ns=used.cpu_ns,
        wakings=used.wakings,
    )
