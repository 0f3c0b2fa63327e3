"""Where a server stood when an event did not come: of which process it is told, and which line."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from harness.engine import catalogue
from harness.judge.standing import in_its_words, stood
from harness.judge.verdict import Outcome
from harness.record.events import Standing, Stood
from harness.record.recording import Recording
from tests.recordings import SERVER, story
from tests.stories.concurrency import one_client_at_a_time, the_quick_one_is_answered_at_once

SILENT: Final = "concurrency/silent-client"
READS: Final = "serve(), server.c:23"


def standing(*all_of_them: tuple[int, str, list[str]], later: str = "") -> Recording:
    """A recording in which these processes stand in these calls, innermost frames first."""
    found = [Standing(pid, call, tuple(frames)) for pid, call, frames in all_of_them]
    events = [Stood(0, "keeper", tuple(found))]
    if later:
        events.append(Stood(1, "keeper", (Standing(7, "read", (later,)),)))
    return Recording("silent client", "server.c", "bubblewrap", 1, tuple(events))


def test_where_nobody_looked_nothing_is_told() -> None:
    assert stood(Recording("silent client", "server.c", "bubblewrap", 1, ())) == ""
    assert stood(standing()) == ""


def test_process_call_function_file_and_line_are_told() -> None:
    told = stood(standing((100, "read", [READS, "main(), server.c:40"])))
    at_23 = "process 100 was then in read(), called in serve() at server.c:23"
    assert told == f"{at_23}, called by main() at server.c:40"


def test_who_runs_is_in_no_call() -> None:
    assert (
        stood(standing((100, "", [READS]))) == "process 100 was then running in serve() at server.c:23"
    )


def test_who_runs_without_rest_goes_first() -> None:
    told = stood(standing((100, "read", [READS]), (101, "", ["main(), server.c:40"])))
    assert told == "process 101 was then running in main() at server.c:40"


def test_of_several_who_sleep_the_first_is_told() -> None:
    told = stood(standing((100, "wait4", ["main(), server.c:40"]), (101, "read", [READS])))
    assert told == "process 100 was then in wait() or waitpid(), called in main() at server.c:40"


@pytest.mark.parametrize(
    "call",
    ["accept", "accept4", "poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "futex"],
)
def test_waiting_for_clients_is_no_news(call: str) -> None:
    assert stood(standing((100, call, ["main(), server.c:40"]))) == ""
    told = stood(standing((100, call, ["main(), server.c:40"]), (101, "read", [READS])))
    assert told == "process 101 was then in read(), called in serve() at server.c:23"


def test_who_stands_in_no_known_line_is_passed_over() -> None:
    assert stood(standing((100, "", []), (101, "read", []))) == ""
    told = stood(standing((100, "", []), (101, "read", [READS])))
    assert told == "process 101 was then in read(), called in serve() at server.c:23"


def test_a_pythons_module_is_the_main_program() -> None:
    told = stood(standing((100, "recvfrom", ["<module>(), tcpserver.py:18"])))
    assert told == "process 100 was then in recv(), called in the main program at tcpserver.py:18"


def test_the_first_look_counts() -> None:
    assert "server.c:23" in stood(standing((100, "read", [READS]), later="main(), server.c:40"))


def looked_at(tale: Recording) -> Recording:
    """The same run, with a look before its end."""
    (look,) = standing((100, "read", [READS])).events
    return Recording(
        tale.scenario, tale.subject, tale.cell, tale.seed, (*tale.events[:-1], look, tale.events[-1])
    )


def test_a_failure_tells_where_it_stood_and_nothing_else_does() -> None:
    silent_client = catalogue.load().find(SILENT)
    failure = silent_client.decide(looked_at(one_client_at_a_time()))
    success = silent_client.decide(looked_at(the_quick_one_is_answered_at_once()))
    assert (failure.outcome, success.outcome) == (Outcome.FAIL, Outcome.PASS)
    assert failure.evidence.where == "process 100 was then in read(), called in serve() at server.c:23"
    assert success.evidence.where == ""


def test_a_join_is_told_of_who_lets_clients_in_and_not_of_who_waits_for_its_workers() -> None:
    stand = standing((SERVER, "pthread_join", ["main(), server.c:40"]), (SERVER, "read", [READS]))
    assert "in read()" in stood(stand)
    accepts = story("silent client").starts().over()
    told = stood(replace(accepts, events=(*accepts.events, *stand.events)))
    assert "pthread_join(), called in main() at server.c:40" in told


def test_a_thread_that_waits_for_signals_is_passed_over() -> None:
    accepts = story("silent client").starts().over()
    stand = standing((SERVER, "rt_sigtimedwait", ["reaper(), server.c:9"]))
    assert stood(replace(accepts, events=(*accepts.events, *stand.events))) == ""
    assert "called in reaper()" in stood(stand)


def test_of_a_lock_the_thread_is_told_that_waits_for_it() -> None:
    seen = story("silent client").starts().over()
    stand = standing(
        (SERVER, "accept", ["main(), server.c:40"]),
        (SERVER, "read", [READS]),
        (SERVER, "futex", ["answer(), server.c:12"]),
    )
    seen = replace(seen, events=(*seen.events, *stand.events))
    assert "read()" in stood(seen)
    assert "(futex), called in answer() at server.c:12" in stood(seen, waits_for_a_lock=True)


def test_a_call_is_named_as_the_program_has_it() -> None:
    one = story("starting").starts(imports=("socket", "wait")).over()
    both = story("starting").starts(imports=("wait", "waitpid")).over()
    assert in_its_words(one, "asleep in wait() or waitpid()") == "asleep in wait()"
    assert in_its_words(both, "asleep in wait() or waitpid()") == "asleep in wait() or waitpid()"


def beside_a_silent_one(*stood_there: Standing) -> Recording:
    """A child serves a client that says nothing, and these processes stand in these calls."""
    told = story("silent client").starts().connects("silent 1").forks("silent 1").quiet().over()
    *before, last = told.events
    return replace(told, events=(*before, Stood(last.at_ns, "keeper", stood_there), last))


def test_a_child_that_waits_for_its_silent_client_is_not_told() -> None:
    waits = Standing(SERVER + 1, "read", (READS,))
    assert stood(beside_a_silent_one(waits)) == ""
    locked = Standing(SERVER + 2, "fcntl", ("main(), server.c:40",))
    assert stood(beside_a_silent_one(waits, locked)).startswith(
        f"process {SERVER + 2} was then in fcntl"
    )


def test_of_several_processes_it_is_said_which_one_stood() -> None:
    first = Standing(SERVER, "wait4", ("main(), server.c:40",))
    assert stood(beside_a_silent_one(first)).startswith(
        f"the server's first process {SERVER} was then in wait() or waitpid(), called in main()"
    )
    spins = Standing(SERVER + 1, "", (READS,))
    assert stood(beside_a_silent_one(spins)).startswith(
        f"the server's child process {SERVER + 1} was then running in serve()"
    )
