"""Beyond the lecture: what the server uses while nobody asks anything of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.judge import views
from harness.judge.recording import Kind, Missing, Recording
from harness.judge.requirement import ANSWERS, LISTENS, requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.stage import Stage, scenario

# Twenty idle servers shall not fill a core. A sound one that looks round by the clock uses some 0.1 %.
MOST_OF_A_CORE = 0.05
# The kernel's coarsest clock ticks a hundred times a second: nobody needs to look more often than that.
# Servers that poll for their children, or beat a heart, wake two to fifty times.
MOST_WAKINGS_PER_S = 100
EXPECTED = (
    f"at most {MOST_OF_A_CORE:.0%} of a core, and {MOST_WAKINGS_PER_S} wakings a second, with no client"
)
SPINS = {"one who is silent": "spins-on-goodbye", "one who breaks off": "spins-on-half-close"}
MOMENTS = {"before": "before the first client", "after": "after the last client had gone"}


@scenario(clients=1)
async def idle(stage: Stage) -> None:
    """What it uses before anybody comes; then one asks, one is silent, one breaks off; and once more."""
    await stage.idle("before")
    for name, words in {"asks": b"hello\n", "is silent": b"", "breaks off": b"hel"}.items():
        client = await stage.peer(f"one who {name}")
        if words.endswith(b"\n"):
            await client.ask(words)
        elif words:
            client.send(words)
        await client.leave()
    await stage.idle("after")
    await stage.quiet()


@requirement(
    "abuse/idle-cost",
    scenario=idle,
    slide="beyond; poll(2), wait(2)",
    tier="robust",
    says="Idle means idle.",
    why="A server waits nearly all its life. One that looks round instead of sleeping takes the "
    "processor from the others, and empties a laptop.",
    by_hand="start it; `top`, and twice: `grep ctxt /proc/PID/status`; then the same after `echo "
    "hello | nc 127.0.0.1 54321`, and after `nc -z 127.0.0.1 54321`",
    needs=(LISTENS, ANSWERS, "service/again", "fork/child-exits"),
)
def test_an_idle_server_sleeps(seen: Recording) -> Verdict:
    """Killed by: a WNOHANG polling loop, non-blocking accept in a loop, a child spinning after EOF."""
    used = {event.detail["when"]: event.detail for _, event in seen.all(Kind.IDLED)}
    for when in MOMENTS:
        if when in used and (verdict := _too_much(seen, when, used[when])) is not None:
            return verdict
    if MOMENTS.keys() != used.keys():
        raise Missing("it was not measured at rest")
    measured = next(index for index, _ in seen.all(Kind.IDLED))
    if spins := [at for at in seen.snapshots() if at.index > measured and at.proof == "spin"]:
        runs = next((f"process {p.pid}" for p in spins[0].living if not p.call), "it")
        return failed(f"{runs} ran without rest while nobody asked anything", expected=EXPECTED)
    if not views.is_alive(seen, seen.last()):
        raise Missing("the server was gone before it could be measured again")
    return passed("; ".join(f"{MOMENTS[when]}: {_in_words(used[when])}" for when in MOMENTS))


def _too_much(seen: Recording, when: str, used: Mapping[str, Any]) -> Verdict | None:
    """The failure that one measurement shows, None when it shows none."""
    share, wakings = _rates(used)
    if share <= MOST_OF_A_CORE and wakings <= MOST_WAKINGS_PER_S:
        return None
    if when == "before":
        cause = "polls" if wakings > MOST_WAKINGS_PER_S else "never-sleeps"
    else:
        cause = SPINS.get(_spins_since(seen), "")
    return failed(f"{MOMENTS[when]}: {_in_words(used)}", expected=EXPECTED, cause=cause, **used)


def _spins_since(seen: Recording) -> str:
    """Who had left when it began to burn, "" when it did not."""
    left = ""
    for event in seen.events:
        left = event.actor if event.kind is Kind.LEFT else left
        if event.kind is Kind.PROVED and event.detail["proof"] == "spin":
            return left
    return ""


def _rates(used: Mapping[str, Any]) -> tuple[float, float]:
    """Share of a core, and wakings a second; nothing of either where sleep was proven."""
    window_ns = used["window_ns"]
    return (used["cpu_ns"] / window_ns, used["wakings"] * 1e9 / window_ns) if window_ns else (0.0, 0.0)


def _in_words(used: Mapping[str, Any]) -> str:
    share, wakings = _rates(used)
    return f"{share:.1%} of a core, {wakings:.0f} wakings a second" if used["window_ns"] else "asleep"
