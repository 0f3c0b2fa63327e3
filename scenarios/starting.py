"""Slides 2 and 3: the server's application creates its socket, binds it, and listens."""

from __future__ import annotations

from harness.judge import views
from harness.judge.recording import Kind, Missing, Recording
from harness.judge.requirement import requirement
from harness.judge.verdict import Verdict, failed, passed
from harness.stage import Stage, scenario

LINES = 6


@scenario(clients=0)
async def starting(stage: Stage) -> None:
    """The server is started, and nobody comes."""
    await stage.quiet()


@requirement(
    "contract/starts",
    scenario=starting,
    slide="2",
    tier="lecture",
    says="The program builds, starts and stays.",
    why="A server that is not there when the first client comes can serve nobody.",
    by_hand="build and start it; then: ps -o pid,stat,args -C NAME",
    needs=(),
)
def test_it_starts_and_stays(seen: Recording) -> Verdict:
    """Killed by: exits at once, slide 10's socket checked, a crash."""
    expected = "a running process once it has nothing left to do"
    if (build := seen.first(Kind.BUILD_FAILED)) is not None:
        log = build.data.decode("utf-8", "replace").strip().splitlines()
        start = next((i for i, line in enumerate(log) if "error" in line), 0)
        first = "\n".join(log[start : start + LINES])
        return failed(f"it does not compile:\n{first}", expected="a program", cause="does-not-compile")
    if (died := seen.first(Kind.DIED)) is not None and seen.first(Kind.LISTENS) is None:
        how, words = views.ending(died.detail["status"]), views.last_words(seen)
        said = f', after printing "{words}"' if words else ", without a word"
        if seen.cell == "plain" and "ddress already in use" in words:
            raise Missing("another program, or an old connection, held the port on this machine")
        slip = "rotocol not supported" in words
        return failed(
            f"it {how}{said}",
            expected=expected,
            cause="slide-10-slip" if slip else "",
            status=died.detail["status"],
        )
    views.server(seen)
    return passed("it runs")


@requirement(
    "contract/listens",
    scenario=starting,
    slide="3",
    tier="lecture",
    says="It listens for TCP connections.",
    why="Only a listening socket receives connection requests; all clients depend on it.",
    by_hand="start it; then: ss -tlnp",
    needs=("contract/starts",),
)
def test_it_listens(seen: Recording) -> Verdict:
    """Killed by: never listens, slide 10's socket unchecked."""
    if (listens := seen.first(Kind.LISTENS)) is not None:
        return passed(f"it listens on port {listens.detail['port']}", port=listens.detail["port"])
    start = seen.snapshots()[:1]
    if not start or not start[0].is_proof:
        raise Missing("the server never came to rest after its start")
    if start[0].listener is not None:
        return passed("it listens")
    state, words = views.listener_state(seen, start[0]), views.last_words(seen)
    family = len(start[0].processes)
    children = f", with {family - 1} child processes" if family > 1 else ""
    said = f'; it printed "{words}"' if words else ""
    runaway = start[0].proof == "spin" and family > 1
    return failed(
        f"no process of it holds a listening socket; it is {state}{children}{said}",
        expected="a TCP socket in state LISTEN, held by the server",
        cause="slide-10-runaway" if runaway else "",
        runaway=runaway,
    )
