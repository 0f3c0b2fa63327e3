"""Stories of reaping/*."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from dataclasses import replace

from harness.record.events import ServiceCall, ServiceCalls
from harness.record.recording import Recording
from harness.record.visits import Visit
from tests.recordings import SERVER, SIGCHLD, Story, story, weakened
from tests.stories import (
    BLOCKED,
    FAIL,
    INCONCLUSIVE,
    NOT_APPLICABLE,
    PASS,
    SERIES,
    in_a_row,
    shows,
)

JVMS = 0x181005CCF  # what a Java virtual machine catches for itself
PYTHONS = 0x20000000000144EA  # with handlers for SIGINT, SIGTERM and SIGCHLD, under module faulthandler
RUBYS = 0x42017E49  # what Ruby 3.1 catches in a program that has installed no handler
CROWD = [f"of 10, client {number}" for number in range(1, 11)]


def left_behind(unreaped: int, of: int = 8) -> Recording:
    """The children of the last clients stay zombies."""
    tale = story(SERIES).starts()
    for number in range(1, of + 1):
        tale.serves(f"client {number}", reaped=number <= of - unreaped)
    return tale.quiet().over()


@shows("reaping/sequential", FAIL, "never-reaps")
def nobody_waits_for_any_child() -> Recording:
    return left_behind(8)


@shows("reaping/sequential", FAIL, "worker-never-reaps")
def a_supervisor_waits_and_who_accepts_does_not() -> Recording:
    tale = story(SERIES).starts().forks_worker().sleeps("wait")
    worker = SERVER + 1
    tale.is_known(SERVER, caught=0, blocked=0).is_known(worker, caught=0, blocked=0).quiet()
    for number in range(1, 9):
        client = f"client {number}"
        tale.connects(client).forks(client, parent=worker).quiet().asks(client).answers(client)
        tale.closes(client).exits(client).quiet().leaves(client).quiet()
    return tale.over()


@shows("reaping/sequential", FAIL, "reaps-first-only")
def only_the_first_child_is_reaped() -> Recording:
    return left_behind(7)


def masked(
    *,
    caught: int = 0,
    blocked: int = 0,
    pending: int = 0,
    later: int | None = None,
    unreaped: int = 8,
    own_groups: bool = False,
    imports: tuple[str, ...] | None = None,
) -> Story:
    """Children stay zombies, and the signal masks of their parent are known; it catches `later` then."""
    tale = story(SERIES).starts(imports=imports)
    tale.is_known(caught=caught, blocked=blocked, group=SERVER).quiet()
    for number in range(1, 9):
        client = f"client {number}"
        tale.connects(client).forks(client)
        if own_groups:
            tale.is_known(tale.child_of(client), group=tale.child_of(client))
        tale.quiet().asks(client).answers(client).closes(client).exits(client)
        if number <= 8 - unreaped:
            tale.reaps(client)
        tale.is_known(caught=caught if later is None else later, pending=pending)
        tale.quiet().leaves(client).quiet()
    return tale


@shows("reaping/sequential", FAIL, "never-reaps")
def nobody_waits_and_there_is_no_handler() -> Recording:
    return masked().quiet().over()


@shows("reaping/sequential", FAIL, "sigchld-not-blocked")
def it_waits_for_signals_that_are_not_blocked() -> Recording:
    return masked(imports=("listen", "signalfd", "socket", "waitpid")).quiet().over()


@shows("reaping/sequential", FAIL, "waits-too-early")
def it_waits_for_another_signal_that_is_blocked() -> Recording:
    names = ("listen", "sigwait", "socket", "waitpid")
    return masked(imports=names, blocked=1 << (signal.SIGTERM - 1)).quiet().over()


@shows("reaping/sequential", FAIL, "waits-too-early")
def there_is_no_handler_and_something_calls_waitpid() -> Recording:
    return masked(imports=("listen", "socket", "waitpid")).quiet().over()


@shows("reaping/sequential", FAIL, "never-reaps")
def its_children_have_the_handler_that_calls_waitpid() -> Recording:
    tale = story(SERIES).starts(imports=("listen", "socket", "waitpid"))
    tale.is_known(caught=0, blocked=0, group=SERVER).quiet()
    for number in range(1, 9):
        client = f"client {number}"
        tale.connects(client).forks(client).is_known(tale.child_of(client), caught=SIGCHLD).quiet()
        tale.asks(client).answers(client).closes(client).exits(client).quiet().leaves(client).quiet()
    return tale.over()


@shows("reaping/sequential", FAIL, "blocks-sigchld")
def the_signal_is_blocked_and_pending() -> Recording:
    return masked(caught=SIGCHLD, blocked=SIGCHLD, pending=SIGCHLD).quiet().over()


@shows("reaping/sequential", FAIL)
def the_signal_is_read_from_a_descriptor_and_nobody_reaps() -> Recording:
    return masked(blocked=SIGCHLD).quiet().over()


@shows("reaping/sequential", FAIL, "handler-reaps-none")
def the_handler_only_counts() -> Recording:
    return masked(caught=SIGCHLD).quiet().over()


@shows("reaping/sequential", FAIL, "handler-reaps-none")
def the_handler_only_counts_and_nothing_calls_wait() -> Recording:
    return masked(caught=SIGCHLD, imports=("listen", "socket")).quiet().over()


@shows("reaping/sequential", FAIL, "handler-passes-over")
def the_handler_looks_how_a_child_has_ended_first() -> Recording:
    return masked(caught=SIGCHLD, imports=("listen", "socket", "waitpid")).quiet().over()


@shows("reaping/sequential", FAIL, "never-reaps")
def a_run_time_has_a_handler_of_its_own() -> Recording:
    return masked(caught=RUBYS).quiet().over()


@shows("reaping/sequential", FAIL, "handler-reaps-none")
def faulthandler_has_handlers_beside_the_programs_own() -> Recording:
    return masked(caught=PYTHONS).quiet().over()


@shows("reaping/sequential", FAIL, "waits-for-own-group")
def the_children_have_left_the_group_that_is_waited_for() -> Recording:
    return masked(caught=SIGCHLD, own_groups=True).quiet().over()


@shows("reaping/sequential", FAIL)
def a_handler_reaps_the_first_and_stays() -> Recording:
    return masked(caught=SIGCHLD, unreaped=7).quiet().over()


@shows("reaping/sequential", FAIL, "reaps-first-only")
def a_handler_reaps_the_first_and_is_gone() -> Recording:
    return masked(caught=SIGCHLD, later=0, unreaped=7).quiet().over()


@shows("reaping/sequential", FAIL, "reaps-by-clock")
def a_clock_will_strike_in_a_minute() -> Recording:
    return masked().until().over()


@shows("reaping/sequential", FAIL)
def a_clock_will_strike_and_another_process_may_be_woken() -> Recording:
    return masked().forks_besides().until().over()


@shows("reaping/sequential", FAIL, "reaps-another-child")
def it_reaps_the_child_between_and_not_the_one_that_serves() -> Recording:
    tale = story(SERIES).starts().is_known(caught=0, blocked=0, group=SERVER).quiet()
    for number in range(1, 9):
        tale.starts_program(waits=True).serves(f"client {number}", reaped=False)
    return tale.quiet().over()


@shows("reaping/sequential", FAIL, "reaps-another-child")
def its_handler_waits_for_the_child_between() -> Recording:
    tale = story(SERIES).starts().is_known(caught=SIGCHLD, blocked=0, group=SERVER).quiet()
    for number in range(1, 9):
        tale.starts_program(waits=True).serves(f"client {number}", reaped=False)
    return tale.quiet().over()


@shows("reaping/sequential", FAIL)
def another_thread_sleeps_in_wait() -> Recording:
    return masked().is_known(calls={"accept": 1, "wait4": 1}).quiet().over()


@shows("reaping/sequential", FAIL)
def three_children_of_eight_are_left() -> Recording:
    return left_behind(3)


@shows("reaping/sequential", PASS)
def one_zombie_waits_for_the_next_accept() -> Recording:
    return left_behind(1)


@shows("reaping/sequential", PASS)
def a_clock_has_the_last_one_reaped() -> Recording:
    tale = in_a_row(story(SERIES).starts(), count=7).serves("client 8", reaped=False)
    return tale.rests().reaps("client 8").turns().over()


@shows("reaping/sequential", BLOCKED)
def the_server_ends_before_its_children_can_be_counted() -> Recording:
    return in_a_row(story(SERIES).starts(), count=2).stops_listening().dies(0).quiet().over()


# Children that end before any look, and processes that serve no client


def at_once(*, reaped: bool) -> Recording:
    """A daytime server: each child has answered and ended before its client is seen to be connected."""
    tale = story(SERIES).is_asked_for(transform="{any}").starts()
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).forks(name).asks(name).answers(name).closes(name).exits(name)
        if reaped:
            tale.reaps(name)
        tale.quiet().leaves(name).quiet()
    return tale.quiet().over()


@shows("reaping/sequential", FAIL, "never-reaps")
@shows("fork/one-child", NOT_APPLICABLE)
@shows("fork/child-exits", NOT_APPLICABLE)
@shows("reaping/survives-signal", PASS)
def nobody_waits_for_children_that_answer_at_once() -> Recording:
    return at_once(reaped=False)


@shows("reaping/sequential", PASS)
@shows("reaping/survives-signal", PASS)
def children_that_answer_at_once_are_waited_for() -> Recording:
    return at_once(reaped=True)


def helped(*, waits: bool) -> Recording:
    """One process serves all clients, and starts a program for each of them."""
    tale = story(SERIES).starts()
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).accepts(name).quiet().asks(name).starts_program(waits=waits).answers(name)
        tale.closes(name).sleeps("accept").quiet().leaves(name).quiet()
    return tale.quiet().over()


@shows("reaping/sequential", FAIL, "helper-never-reaped")
@shows("reaping/survives-signal", NOT_APPLICABLE)
def nobody_waits_for_the_helpers_of_an_event_loop() -> Recording:
    return helped(waits=False)


@shows("reaping/sequential", NOT_APPLICABLE)
def what_was_left_before_anybody_came_is_no_clients() -> Recording:
    tale = story(SERIES).starts().starts_program().starts_program().quiet()
    return in_a_row(tale, forks=False).over()


@shows("reaping/sequential", PASS)
def an_event_loop_waits_for_its_helpers() -> Recording:
    return helped(waits=True)


def running_programs(*, waits: bool) -> Recording:
    """Each child starts a program when its client has come; it waits for it at last, or never does."""
    tale = story(SERIES).starts()
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).forks(name)
        child = tale.child_of(name)
        tale.starts_program(child).quiet().asks(name).answers(name).closes(name)
        if waits:
            tale.waits_for(child + 1).exits(name)
        else:
            tale.exits(name).waits_for(child + 1)
        tale.reaps(name).quiet().leaves(name).quiet()
    return tale.quiet().over()


def running_commands(*, waits: bool) -> Recording:
    """Each child runs a program for its line, and serves on; it waits for it, or never does."""
    tale = story(SERIES).starts().is_asked_for(closes=False)
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).forks(name).quiet().asks(name)
        child = tale.child_of(name)
        tale.starts_program(child).answers(name)
        if waits:
            tale.waits_for(child + 1)
        tale.quiet().leaves(name).exits(name)
        if not waits:
            tale.waits_for(child + 1)
        tale.reaps(name).quiet()
    return tale.quiet().over()


@shows("reaping/sequential", FAIL, "child-leaves-zombies")
def a_child_never_waits_for_the_command_that_it_ran() -> Recording:
    return running_commands(waits=False)


@shows("reaping/sequential", PASS)
def a_child_waits_for_each_command() -> Recording:
    return running_commands(waits=True)


@shows("reaping/sequential", FAIL, "child-leaves-zombies")
def a_child_never_waits_for_its_program() -> Recording:
    return running_programs(waits=False)


@shows("reaping/sequential", PASS)
def a_child_waits_for_its_program_at_last() -> Recording:
    return running_programs(waits=True)


def behind_the_stopped_parent(born: int) -> Recording:
    """After each line a process is born, unseen; after the last one `born`, behind a stopped parent."""
    tale = story(SERIES).starts()
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).forks(name).quiet().asks(name).counts(1).answers(name).closes(name)
        tale.exits(name).reaps(name).quiet().leaves(name).quiet()
    tale.quiet().connects("one more").forks("one more").quiet().freezes().asks("one more").counts(born)
    tale.answers("one more").closes("one more").exits("one more").quiet().thaws().reaps("one more")
    return tale.quiet().leaves("one more").quiet().over()


@shows("reaping/survives-signal", PASS)
def each_child_runs_a_program_that_nobody_sees() -> Recording:
    return behind_the_stopped_parent(1)


@shows("reaping/survives-signal", INCONCLUSIVE)
def nobody_is_born_while_the_parent_is_stopped() -> Recording:
    return behind_the_stopped_parent(0)


def replacing(tale: Story, *, early: bool, reaped: bool = True) -> Recording:
    """Five workers wait; each serves one client, and another is born when it accepts or ends."""
    tale.starts(workers=5)
    for number in range(1, 9):
        name, worker = f"client {number}", SERVER + number
        tale.connects(name).accepts(name, by=worker)
        if early:
            tale.forks_worker()
        tale.quiet().asks(name).answers(name).closes(name).worker_ends(worker, reaped=reaped)
        if not early:
            tale.forks_worker()
        tale.quiet().leaves(name).quiet()
    return tale.quiet().over()


@shows("fork/child-closes-listener", NOT_APPLICABLE)
@shows("fork/child-exits", NOT_APPLICABLE)
@shows("reaping/sequential", PASS)
@shows("reaping/survives-signal", NOT_APPLICABLE)
@shows("contract/design", PASS)
def spare_children_are_replaced_when_they_accept() -> Recording:
    return replacing(story(SERIES).is_asked_for(design="prefork"), early=True)


@shows("reaping/sequential", FAIL, "never-reaps")
def spare_children_end_and_nobody_waits() -> Recording:
    return replacing(story(SERIES), early=True, reaped=False)


@shows("fork/child-closes-listener", NOT_APPLICABLE)
@shows("reaping/sequential", PASS)
@shows("contract/design", PASS)
def spare_children_are_replaced_when_they_end() -> Recording:
    return replacing(story(SERIES).is_asked_for(design="prefork"), early=False)


@shows("reaping/survives-signal", FAIL, "eintr-is-fatal", needs="a look")
def the_signal_ends_the_server() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet().asks("client 1")
    tale.answers("client 1").closes("client 1").exits("client 1").reaps("client 1").stops_listening()
    tale.dies(1 << 8).prints("accept: Interrupted system call\n").quiet().leaves("client 1").quiet()
    return tale.is_refused("client 2").quiet().over()


@shows("reaping/survives-signal", FAIL, "errno-is-stale")
@shows("service/again", FAIL, "errno-is-stale")
def the_parent_forgets_whom_it_has_let_in() -> Recording:
    tale = story(SERIES).starts(sleeps="accept").hears(SIGCHLD).serves("client 1").quiet()
    tale.connects("client 2").accepts("client 2", call="accept").quiet().asks("client 2").quiet()
    return tale.leaves("client 2").quiet().over()


@shows("reaping/survives-signal", FAIL, "errno-overwritten", needs="a look")
def the_handlers_error_ends_the_server() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet().asks("client 1")
    tale.answers("client 1").closes("client 1").exits("client 1").reaps("client 1").stops_listening()
    tale.dies(1 << 8).prints("accept: No child processes\n").quiet().leaves("client 1").quiet()
    return tale.is_refused("client 2").quiet().over()


@shows("reaping/survives-signal", FAIL, "wait-raises", needs="a look")
@shows("service/again", FAIL, "wait-raises")
def the_handlers_exception_ends_the_server() -> Recording:
    printed = "Traceback (most recent call last):\nChildProcessError: [Errno 10] No child processes\n"
    return ends_behind_its_first_child(1 << 8, printed=printed)


@shows("reaping/survives-signal", FAIL, "listener-shut-down", needs="a look")
@shows("service/again", FAIL, "listener-shut-down")
def accept_says_that_the_socket_does_not_listen_any_more() -> Recording:
    return ends_behind_its_first_child(1 << 8, printed="accept: Invalid argument\n")


def in_its_handler(tale: Story) -> Story:
    """The first process is on the processor, in its handler for SIGCHLD."""
    return tale.is_known(caught=SIGCHLD, blocked=SIGCHLD).runs().spins()


@shows("reaping/survives-signal", FAIL, "handler-never-ends")
@shows("service/again", FAIL, "handler-never-ends")
def the_handler_turns_round_when_the_first_child_has_exited() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet().asks("client 1")
    tale.answers("client 1").closes("client 1").exits("client 1").reaps("client 1")
    tale = in_its_handler(tale).leaves("client 1").spins().connects("client 2").spins()
    return tale.asks("client 2").spins().leaves("client 2").spins().over()


@shows("reaping/never-blocks", FAIL, "handler-never-ends")
def the_handler_turns_round_while_another_child_lives() -> Recording:
    tale = story("never blocks").starts().connects("silent").forks("silent").quiet().connects("done")
    tale.forks("done").quiet().asks("done").answers("done").closes("done").exits("done").reaps("done")
    tale = in_its_handler(tale).leaves("done").spins().connects("third").spins().asks("third").spins()
    tale.asks("silent").answers("silent").closes("silent").exits("silent").reaps("silent")
    tale.is_known(blocked=0).sleeps("accept").forks("third").answers("third").closes("third")
    return tale.exits("third").reaps("third").quiet().leaves("silent", "third").quiet().over()


def ends_behind_its_first_child(
    status: int, *, caught: int = SIGCHLD, call: str = "accept", printed: str = ""
) -> Recording:
    """The server ends when its first child has exited."""
    tale = story(SERIES).starts().is_known(caught=caught, blocked=0).quiet().connects("client 1")
    tale.forks("client 1").sleeps(call).quiet().asks("client 1").answers("client 1").closes("client 1")
    tale.exits("client 1").reaps("client 1").stops_listening().dies(status).prints(printed).quiet()
    return tale.leaves("client 1").quiet().is_refused("client 2").quiet().over()


@shows("reaping/survives-signal", FAIL, "eintr-is-fatal", needs="a look")
@shows("service/again", FAIL, "eintr-is-fatal")
def the_signal_ends_the_loop_and_main_returns() -> Recording:
    return ends_behind_its_first_child(0)


@shows("reaping/survives-signal", FAIL, "handler-exits", needs="a look")
@shows("service/again", FAIL, "handler-exits")
def the_handler_itself_ends_the_program() -> Recording:
    told = ends_behind_its_first_child(0)
    *before, last = told.events
    calls = (
        ServiceCall(7, "accept", 3, "listener", 4),
        ServiceCall(7, "accept", 3, "listener", -1, "ERESTARTSYS"),
        ServiceCall(7, "exit_group", 0, "", -1),
    )
    return replace(told, events=(*before, ServiceCalls(last.at_ns, "server", calls), last))


@shows("reaping/survives-signal", FAIL, "eintr-is-fatal", needs="a look")
@shows("service/again", FAIL, "eintr-is-fatal")
def the_handler_returns_and_the_loop_is_left() -> Recording:
    told = ends_behind_its_first_child(0)
    *before, last = told.events
    calls = (
        ServiceCall(7, "accept", 3, "listener", 4),
        ServiceCall(7, "accept", 3, "listener", -1, "ERESTARTSYS"),
        ServiceCall(7, "rt_sigreturn", -1, "", -1, "EINTR"),
        ServiceCall(7, "exit_group", 0, "", -1),
    )
    return replace(told, events=(*before, ServiceCalls(last.at_ns, "server", calls), last))


@shows("reaping/survives-signal", BLOCKED)
@shows("service/again", FAIL, "one-shot")
def it_waits_for_its_one_child_and_ends() -> Recording:
    return ends_behind_its_first_child(0, call="wait4")


@shows("reaping/survives-signal", BLOCKED)
@shows("service/again", FAIL, "one-shot")
def without_a_handler_no_signal_interrupts() -> Recording:
    return ends_behind_its_first_child(0, caught=0)


@shows("reaping/survives-signal", FAIL, "bad-pointer", needs="a look")
@shows("service/again", FAIL, "dies-after-first")
def the_handler_crashes() -> Recording:
    return ends_behind_its_first_child(signal.SIGSEGV)


@shows("reaping/survives-signal", FAIL, "forks-on-eintr", needs="a look")
def accepts_minus_one_is_forked_for() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet().asks("client 1")
    tale.answers("client 1").closes("client 1").exits("client 1").reaps("client 1")
    tale.forks_for_nobody(3).quiet().leaves("client 1").quiet()
    return tale.serves("client 2").over()


@shows("reaping/survives-signal", FAIL, "accept-outside-loop", needs="a look")
def one_client_is_forked_for_again_and_again() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").forks("client 1").quiet()
    tale.asks("client 1").answers("client 1").closes("client 1").exits("client 1").reaps("client 1")
    tale.holds("client 1").forks_for_nobody(3).quiet().leaves("client 1").quiet()
    return tale.serves("client 2").over()


@shows("reaping/survives-signal", FAIL)
def the_second_client_is_not_answered() -> Recording:
    tale = story(SERIES).starts().serves("client 1").connects("client 2").quiet().asks("client 2")
    return tale.quiet().leaves("client 2").quiet().over()


def crowding(
    *,
    zombies: int,
    signals: int = SIGCHLD,
    coming: int | None = None,
    later: int | None = None,
    by_kernel: bool = False,
    caught: int | None = None,
) -> Recording:
    """Ten children exit while their parent is stopped; some are zombies then, and after one more client.

    `coming` zombies are left when that client has connected, `later` when it has left; None: the same.
    """
    tale = story("burst").starts()
    if caught is not None:
        tale.is_known(caught=caught).quiet()
    for name in CROWD:
        tale.connects(name).forks(name)
    tale.quiet().freezes()
    for name in CROWD:
        tale.asks(name).answers(name).closes(name).exits(name)
    if by_kernel:
        tale.reaps(*CROWD)
    tale.hears(0 if by_kernel else signals).quiet().leaves(*CROWD).quiet().thaws()
    if not by_kernel:
        tale.reaps(*CROWD[: len(CROWD) - zombies])
    tale.quiet().connects("after 10").forks("after 10")
    if coming is not None:
        tale.reaps(*CROWD[len(CROWD) - zombies : len(CROWD) - coming])
    tale.quiet().asks("after 10").answers("after 10").closes("after 10").exits("after 10")
    tale.reaps("after 10")
    if later is not None:
        tale.reaps(*CROWD[len(CROWD) - zombies : len(CROWD) - later])
    return tale.quiet().leaves("after 10").quiet().over()


@shows("reaping/burst", PASS)
@shows("reaping/promptly", PASS)
def all_ten_are_reaped() -> Recording:
    return crowding(zombies=0)


@shows("reaping/burst", PASS)
@shows("reaping/promptly", PASS)
def the_kernel_reaps_them() -> Recording:
    return crowding(zombies=0, by_kernel=True)


@shows("reaping/burst", NOT_APPLICABLE)
@shows("reaping/promptly", NOT_APPLICABLE)
def the_parent_cannot_be_stopped() -> Recording:
    tale = story("burst").starts()
    for name in CROWD:
        tale.connects(name).forks(name)
    tale.quiet().goes_on_in_spite()
    for name in CROWD:
        tale.asks(name).answers(name).closes(name).exits(name).reaps(name)
    tale.quiet().leaves(*CROWD).quiet().thaws().quiet()
    return tale.serves("after 10").over()


@shows("reaping/burst", PASS)
@shows("reaping/promptly", FAIL, "reaps-at-next-accept")
def the_next_client_brings_the_reaping() -> Recording:
    return crowding(zombies=10, coming=0)


@shows("reaping/burst", PASS)
@shows("reaping/promptly", FAIL, "handler-put-off")
def the_handler_sets_a_flag_and_accept_goes_on_sleeping() -> Recording:
    return crowding(zombies=10, coming=0, caught=SIGCHLD)


@shows("reaping/burst", PASS)
@shows("reaping/promptly", FAIL)
def the_next_child_brings_the_reaping() -> Recording:
    return crowding(zombies=10, later=0)


@shows("reaping/promptly", INCONCLUSIVE)
def a_clock_is_still_to_strike_when_the_zombies_are_counted() -> Recording:
    return weakened(crowding(zombies=10, coming=0), "until")


@shows("reaping/promptly", PASS)
def one_zombie_of_ten_is_nobodys_burst() -> Recording:
    return crowding(zombies=1, coming=0)


@shows("reaping/burst", FAIL, "once-per-signal")
@shows("reaping/promptly", BLOCKED)
def one_signal_reaps_one_child() -> Recording:
    return crowding(zombies=9)


@shows("reaping/burst", FAIL, "few-per-signal")
def one_signal_reaps_the_three_oldest() -> Recording:
    return crowding(zombies=7, caught=SIGCHLD)


@shows("reaping/burst", FAIL, "reaps-no-more")
def one_signal_reaps_none_and_there_is_a_handler() -> Recording:
    return crowding(zombies=10, caught=SIGCHLD)


@shows("reaping/burst", FAIL)
def one_signal_reaps_none_and_it_is_not_known_whether_there_is_a_handler() -> Recording:
    return crowding(zombies=10)


@shows("reaping/burst", FAIL)
def one_signal_reaps_the_newest_child() -> Recording:
    """As waitpid() does of the pid that fork() returned last."""
    tale = story("burst").starts()
    for name in CROWD:
        tale.connects(name).forks(name)
    tale.quiet().freezes()
    for name in CROWD:
        tale.asks(name).answers(name).closes(name).exits(name)
    tale.hears(SIGCHLD).quiet().leaves(*CROWD).quiet().thaws().reaps(CROWD[-1]).quiet()
    return tale.serves("after 10").quiet().over()


@shows("reaping/burst", FAIL, "once-per-accept")
@shows("reaping/promptly", BLOCKED)
def each_client_that_comes_takes_one() -> Recording:
    return crowding(zombies=10, signals=0, coming=9, caught=0)


@shows("reaping/burst", FAIL, "once-per-accept")
def a_signal_was_pending_for_which_there_is_no_handler() -> Recording:
    return crowding(zombies=10, coming=9, caught=0)


@shows("reaping/burst", FAIL)
def each_client_takes_one_and_there_is_a_handler() -> Recording:
    return crowding(zombies=10, signals=0, coming=9, caught=SIGCHLD)


@shows("reaping/burst", FAIL)
def nine_are_left_and_no_signal_was_pending() -> Recording:
    return crowding(zombies=9, signals=0)


@shows("reaping/burst", NOT_APPLICABLE)
@shows("reaping/promptly", NOT_APPLICABLE)
def no_process_is_born_for_the_crowd() -> Recording:
    tale = story("burst").starts()
    for name in CROWD:
        tale.connects(name).accepts(name).quiet()
    return tale.branches("no process was born for a client: none will exit").over()


@shows("reaping/burst", NOT_APPLICABLE)
@shows("reaping/promptly", NOT_APPLICABLE)
def no_child_of_the_crowd_exits() -> Recording:
    tale = story("burst").starts()
    for name in CROWD:
        tale.connects(name).forks(name).quiet()
    tale.freezes()
    for name in CROWD:
        tale.asks(name).answers(name)
    return tale.quiet().leaves(*CROWD).quiet().thaws().quiet().serves("after 10").over()


def losing_patience(*, forks: bool) -> Recording:
    """The assignment limits silence: the crowd is thrown out while the last of it still connect."""
    tale = story("burst").is_asked_for(idle_timeout_s=[4, 7]).starts()
    for name in CROWD:
        tale.connects(name)
        tale.forks(name) if forks else tale.accepts(name)
        tale.rests()
    tale.waits(5)
    for name in CROWD[:-1]:
        tale.closes(name)
        if forks:
            tale.exits(name).reaps(name)
    tale.quiet()
    if not forks:
        return tale.branches("no process was born for a client: none will exit").over()
    tale.freezes().asks(CROWD[-1]).answers(CROWD[-1]).closes(CROWD[-1]).exits(CROWD[-1]).hears(SIGCHLD)
    tale.quiet().leaves(*CROWD).quiet().thaws().reaps(CROWD[-1]).quiet()
    return tale.serves("after 10").quiet().over()


@shows("reaping/burst", INCONCLUSIVE)
@shows("reaping/promptly", INCONCLUSIVE)
def nine_of_ten_are_thrown_out_before_the_parent_is_stopped() -> Recording:
    return losing_patience(forks=True)


@shows("reaping/burst", INCONCLUSIVE)
@shows("reaping/promptly", INCONCLUSIVE)
def the_first_is_thrown_out_while_the_others_come() -> Recording:
    tale = story("burst").is_asked_for(idle_timeout_s=[4, 7]).starts()
    tale.connects(CROWD[0]).forks(CROWD[0]).rests().waits(5).closes(CROWD[0]).exits(CROWD[0])
    tale.reaps(CROWD[0]).quiet()
    return tale.branches("no process was born for a client: none will exit").over()


@shows("reaping/burst", NOT_APPLICABLE)
@shows("reaping/promptly", NOT_APPLICABLE)
def the_one_process_throws_its_crowd_out() -> Recording:
    return losing_patience(forks=False)


def third(call: str, *, done_answered: bool = True) -> Recording:
    """A third client comes while the server sleeps in a call, until the silent one has spoken."""
    tale = story("never blocks").starts().connects("silent").forks("silent").quiet().connects("done")
    if done_answered:
        tale.forks("done").quiet().asks("done").answers("done").closes("done").exits("done").reaps(
            "done"
        )
    else:
        tale.sleeps(call).quiet().asks("done")
    tale.sleeps(call).quiet().leaves("done").quiet().connects("third").quiet().asks("third").quiet()
    tale.asks("silent").answers("silent").closes("silent").exits("silent").reaps("silent")
    tale.sleeps("accept").forks("third").answers("third").closes("third").exits("third").reaps("third")
    return tale.quiet().leaves("silent", "third").quiet().over()


def the_first_leaves() -> Story:
    """A third client is answered while the first is silent; then the first is, beside a younger one."""
    tale = story("never blocks").starts().connects("silent").forks("silent").quiet().serves("done")
    tale.serves("third").connects("younger").forks("younger").quiet()
    return tale.asks("silent").answers("silent").closes("silent").exits("silent")


def last(*, answered: bool = True) -> Recording:
    """Who comes last waits until the younger one has spoken: the parent sleeps in wait()."""
    tale = the_first_leaves().sleeps("wait4").quiet().leaves("silent").quiet().connects("last").quiet()
    tale.asks("last").quiet().asks("younger").answers("younger").closes("younger").exits("younger")
    tale.reaps("younger")
    if answered:
        tale.sleeps("accept").forks("last").answers("last").closes("last").exits("last").reaps("last")
    return tale.quiet().leaves("younger", "last").quiet().over()


@shows("reaping/never-blocks", PASS)
def the_next_is_answered_whichever_of_two_children_exits() -> Recording:
    tale = the_first_leaves().reaps("silent").quiet().leaves("silent").quiet().serves("last")
    tale.asks("younger").answers("younger").closes("younger").exits("younger").reaps("younger")
    return tale.quiet().leaves("younger").quiet().over()


@shows("reaping/never-blocks", FAIL, "waits-for-youngest")
def the_parent_waits_for_the_child_it_has_forked_last() -> Recording:
    return last()


@shows("reaping/never-blocks", FAIL)
def who_comes_when_the_older_child_has_exited_is_never_answered() -> Recording:
    return last(answered=False)


@shows("reaping/never-blocks", BLOCKED)
def who_comes_when_the_older_child_has_exited_is_sent_away() -> Recording:
    tale = the_first_leaves().reaps("silent").quiet().leaves("silent").quiet()
    tale.connects("last").forks("last").quiet().asks("last").answers("last", b"SORRY, BUSY\n")
    tale.closes("last").exits("last").reaps("last").quiet().leaves("last").quiet()
    tale.asks("younger").answers("younger").closes("younger").exits("younger").reaps("younger")
    return tale.quiet().leaves("younger").quiet().over()


@shows("reaping/never-blocks", FAIL, needs="a look")
def the_server_is_gone_when_the_older_child_has_exited() -> Recording:
    tale = the_first_leaves().reaps("silent").stops_listening().dies(1 << 8).quiet()
    tale.leaves("silent").quiet().is_refused("last").quiet()
    return tale.asks("younger").answers("younger").closes("younger").quiet().over()


@shows("reaping/never-blocks", PASS)
def the_third_is_answered_while_the_first_says_nothing() -> Recording:
    """A recording of before 2026-11-30, when no younger client came."""
    tale = story("never blocks").starts().connects("silent").forks("silent").quiet().serves("done")
    tale.serves("third").asks("silent").answers("silent").closes("silent").exits("silent")
    return tale.reaps("silent").quiet().leaves("silent").quiet().over()


@shows("reaping/never-blocks", INCONCLUSIVE)
def the_silent_one_is_thrown_out_before_the_third_comes() -> Recording:
    tale = story("never blocks").is_asked_for(idle_timeout_s=[4, 7]).starts()
    tale.connects("silent").forks("silent").rests().waits(5).closes("silent").exits("silent")
    tale.reaps("silent").rests().serves("done").serves("third")
    return tale.leaves("silent").quiet().over()


@shows("reaping/never-blocks", FAIL, "wait-loop-in-handler")
def the_handler_waits_for_every_child() -> Recording:
    return third("wait4")


@shows("reaping/never-blocks", FAIL)
def the_parent_sleeps_in_epoll_wait_and_lets_nobody_in() -> Recording:
    return third("epoll_wait", done_answered=False)


@shows("reaping/never-blocks", FAIL, "waits-in-vfork")
def the_parent_sleeps_in_vfork() -> Recording:
    return third("vfork", done_answered=False)


@shows("reaping/never-blocks", FAIL, "waits-in-parent")
def the_parent_waits_after_the_first_fork() -> Recording:
    return third("wait4", done_answered=False)


@shows("reaping/never-blocks", BLOCKED)
def the_others_are_sent_away_while_the_first_says_nothing() -> Recording:
    tale = story("never blocks").starts().connects("silent").forks("silent").quiet()
    for name in ("done", "third"):
        tale.connects(name).forks(name).quiet().asks(name).answers(name, b"SORRY, BUSY\n")
        tale.closes(name).exits(name).reaps(name).quiet().leaves(name).quiet()
    tale.asks("silent").answers("silent").closes("silent").exits("silent")
    return tale.reaps("silent").quiet().leaves("silent").quiet().over()


@shows("reaping/never-blocks", FAIL, needs="a look")
def the_server_is_gone_when_the_third_comes() -> Recording:
    tale = story("never blocks").starts().connects("silent").forks("silent").quiet().serves("done")
    tale.stops_listening().dies(1 << 8).quiet().is_refused("third").quiet()
    return tale.asks("silent").answers("silent").closes("silent").quiet().over()


@shows("reaping/never-blocks", NOT_APPLICABLE)
def no_process_is_born_for_the_silent_one() -> Recording:
    tale = story("never blocks").starts().connects("silent").accepts("silent").quiet()
    tale.serves("done", forks=False).serves("third", forks=False)
    return tale.asks("silent").answers("silent").quiet().over()


# Children that end, or stop, by a signal


def killing(
    *, reaped: Sequence[str] = ("killed", "crashed"), gives_up: bool = False, third: bool = True
) -> Recording:
    """Two children are killed, these of them are reaped, and a third client comes."""
    tale = story("killed child").starts()
    for name, number in (("killed", signal.SIGKILL), ("crashed", signal.SIGSEGV)):
        tale.connects(name).forks(name).quiet().gets(number.name, tale.child_of(name)).closes(name)
        tale.exits(name, status=number)
        if gives_up:
            tale.stops_listening().dies(1 << 8).quiet().leaves(name).quiet().is_refused("crashed")
            return tale.quiet().is_refused("third").quiet().over()
        if name in reaped:
            tale.reaps(name)
        tale.quiet().leaves(name).quiet()
    if third:
        return tale.serves("third").over()
    return tale.connects("third").quiet().asks("third").quiet().leaves("third").quiet().over()


@shows("reaping/killed-child", FAIL, "handler-never-ends")
def the_handler_turns_round_when_a_child_was_killed() -> Recording:
    tale = story("killed child").starts().connects("killed").forks("killed").quiet()
    tale.gets("SIGKILL", tale.child_of("killed")).closes("killed").exits("killed", status=signal.SIGKILL)
    tale = in_its_handler(tale.reaps("killed")).leaves("killed").spins().connects("crashed").spins()
    tale.branches("no process was born for a client: none can be killed").connects("third").spins()
    return tale.asks("third").spins().leaves("third").spins().over()


@shows("reaping/killed-child", PASS)
def both_killed_children_are_reaped() -> Recording:
    return killing()


@shows("reaping/killed-child", FAIL, "ignores-killed-children")
def both_killed_children_stay_zombies() -> Recording:
    return killing(reaped=())


@shows("reaping/killed-child", FAIL, "ignores-killed-children")
def the_crashed_child_stays_a_zombie() -> Recording:
    return killing(reaped=["killed"])


@shows("reaping/killed-child", FAIL, "gives-up-on-crash", needs="a look")
def the_server_ends_with_its_first_killed_child() -> Recording:
    return killing(gives_up=True)


@shows("reaping/killed-child", FAIL)
def the_third_client_is_not_answered_after_the_killing() -> Recording:
    return killing(third=False)


@shows("reaping/killed-child", PASS)
def the_next_accept_reaps_the_killed_child() -> Recording:
    tale = story("killed child").starts().connects("killed").forks("killed").quiet()
    tale.gets("SIGKILL", tale.child_of("killed")).closes("killed").exits("killed", status=9).quiet()
    tale.leaves("killed").quiet().connects("third").reaps("killed").forks("third").quiet()
    tale.asks("third").answers("third").closes("third").exits("third").quiet()
    return tale.leaves("third").quiet().over()


@shows("reaping/killed-child", NOT_APPLICABLE)
def no_process_is_born_that_could_be_killed() -> Recording:
    tale = story("killed child").starts().connects("killed").accepts("killed").quiet()
    return tale.branches("no process was born for a client: none can be killed").over()


def workers_are_killed(*, zombies: bool) -> Recording:
    """One of five workers is killed, and another one comes; then two are killed at once."""
    tale = story("killed child").starts(workers=5).connects("killed").accepts("killed").quiet()
    first, *others = range(SERVER + 1, SERVER + 6)
    tale.branches("no process was born for a client: none can be killed").leaves("killed").quiet()
    tale.gets("SIGKILL", first).worker_ends(
        first, status=signal.SIGKILL
    ).forks_worker().quiet().freezes()
    for reaped, worker in zip((True, not zombies), others, strict=False):
        tale.gets("SIGKILL", worker).worker_ends(worker, status=signal.SIGKILL, reaped=reaped)
    return tale.quiet().thaws().quiet().over()


@shows("reaping/killed-child", FAIL, "once-per-signal")
def one_of_two_killed_workers_stays_a_zombie() -> Recording:
    return workers_are_killed(zombies=True)


@shows("reaping/killed-child", NOT_APPLICABLE)
def both_killed_workers_are_reaped() -> Recording:
    return workers_are_killed(zombies=False)


def stopping(tale: Story) -> Story:
    """A silent client's child is stopped."""
    tale.connects("silent").forks("silent").quiet()
    return tale.freezes(tale.child_of("silent")).quiet()


def straying(tale: Story) -> Story:
    """A silent client's child lives, and the server is sent a SIGCHLD."""
    return tale.connects("silent").forks("silent").quiet().gets("SIGCHLD").quiet()


def goes_on(tale: Story) -> Story:
    """The stopped child goes on; nothing else moves."""
    return tale.continues(tale.child_of("silent")).quiet()


def as_before(tale: Story) -> Story:
    """Nothing is to be undone."""
    return tale


def the_silent_one_speaks(tale: Story) -> Story:
    """The silent client asks, is answered, and its child exits."""
    return tale.asks("silent").answers("silent").closes("silent").exits("silent").reaps("silent")


Turn = Callable[[Story], Story]


def undelayed(tale: Story, begin: Turn, release: Turn) -> Recording:
    """The quick client is answered at once."""
    begin(tale).serves("quick")
    return the_silent_one_speaks(release(tale)).quiet().leaves("silent").quiet().over()


def delayed(tale: Story, begin: Turn, release: Turn, call: str, *, ever: bool = True) -> Recording:
    """The server sleeps in a call, and answers the quick client when the silent one's child has gone."""
    begin(tale).sleeps(call).quiet().connects("quick").quiet().asks("quick").quiet()
    the_silent_one_speaks(release(tale))
    if ever:
        tale.sleeps("accept").forks("quick").answers("quick").closes("quick").exits("quick")
        tale.reaps("quick")
    return tale.quiet().leaves("silent", "quick").quiet().over()


@shows("reaping/stopped-child", PASS)
def a_stopped_child_delays_nobody() -> Recording:
    return undelayed(story("stopped child").starts(), stopping, goes_on)


@shows("reaping/stopped-child", FAIL, "sleeps-in-handler")
def the_handler_waits_for_a_stopped_child() -> Recording:
    return delayed(story("stopped child").starts(), stopping, goes_on, "wait4")


@shows("reaping/stopped-child", FAIL)
def a_stopped_child_silences_the_server_for_good() -> Recording:
    return delayed(story("stopped child").starts(), stopping, goes_on, "wait4", ever=False)


@shows("reaping/stopped-child", FAIL)
def a_stopped_child_keeps_the_server_from_accepting() -> Recording:
    return delayed(story("stopped child").starts(), stopping, goes_on, "futex")


@shows("reaping/stopped-child", NOT_APPLICABLE)
def no_process_is_born_that_could_be_stopped() -> Recording:
    tale = story("stopped child").starts().connects("silent").accepts("silent").quiet()
    return tale.branches("no process was born for a client: none can be stopped").over()


@shows("reaping/stopped-child", NOT_APPLICABLE)
def the_child_cannot_be_stopped() -> Recording:
    tale = story("stopped child").starts().joins("silent")
    tale.goes_on_in_spite(tale.child_of("silent")).quiet().serves("quick")
    return tale.continues(tale.child_of("silent")).gets_its_answer("silent").over()


@shows("reaping/stray-signal", PASS)
def a_stray_signal_delays_nobody() -> Recording:
    return undelayed(story("stray signal").starts(), straying, as_before)


@shows("reaping/stray-signal", FAIL, "sleeps-in-handler")
def the_handler_waits_though_no_child_has_exited() -> Recording:
    return delayed(story("stray signal").starts(), straying, as_before, "wait4")


def turning_round(tale: Story) -> Recording:
    """The handler does not end before the silent client's child has ended."""
    tale.runs().spins().connects("quick").spins().asks("quick").spins()
    the_silent_one_speaks(tale).is_known(blocked=0).sleeps("accept").forks("quick").answers("quick")
    tale.closes("quick").exits("quick").reaps("quick")
    return tale.quiet().leaves("silent", "quick").quiet().over()


@shows("reaping/stray-signal", FAIL, "handler-never-ends")
def the_handler_turns_round_until_a_child_has_exited() -> Recording:
    tale = straying(story("stray signal").starts())
    return turning_round(tale.is_known(caught=SIGCHLD, blocked=SIGCHLD))


@shows("reaping/stray-signal", FAIL)
def a_stray_signal_silences_the_server_for_good() -> Recording:
    return delayed(story("stray signal").starts(), straying, as_before, "pause", ever=False)


@shows("reaping/stray-signal", FAIL, "wait-raises")
def the_handlers_wait_raises_when_the_last_child_has_gone() -> Recording:
    tale = straying(story("stray signal").starts()).sleeps("poll").quiet()
    the_silent_one_speaks(tale.connects("quick").quiet().asks("quick").quiet())
    tale.prints("server.rb:4:in `wait': No child processes (Errno::ECHILD)\n").resets("quick")
    return tale.stops_listening().dies(1 << 8).quiet().leaves("silent", "quick").quiet().over()


@shows("reaping/stray-signal", NOT_APPLICABLE)
def no_child_lives_when_the_signal_strays() -> Recording:
    tale = story("stray signal").starts().connects("silent").accepts("silent").quiet()
    return tale.branches("no process was born for a client: no child lives").over()


# A long run

FIVE_HUNDRED = (64, 100, 300, 500)
TWO_THOUSAND = (*FIVE_HUNDRED, 1000, 1500, 2000)


def running(
    tale: Story,
    leave: Callable[[int], object] = lambda _: None,
    *,
    forks: bool = True,
    come: Sequence[int] = FIVE_HUNDRED,
) -> Story:
    """Crowds of clients come and leave; after each crowd something may be left."""
    tale.serves("first", forks=forks)
    came = 1
    for until in come:
        tale.come_and_go(f"up to {until}", until - came)
        leave(until)
        tale.quiet()
        came = until
    tale.come_and_go("one by one", 60)
    leave(came + 60)
    return tale.quiet()


def to_the_last(tale: Story, *, forks: bool = True) -> Recording:
    """One more client is served."""
    return tale.serves("last", forks=forks).over()


def leaving(
    per_client: float, what: str, *, at_first: int = 0, come: Sequence[int] = FIVE_HUNDRED
) -> Recording:
    """A fork server whose first process has more of something after each client."""
    tale = story("long run").starts().has(**{what: at_first or 4}).quiet()

    def leave(clients: int) -> None:
        tale.has(**{what: (at_first or 4) + int(per_client * clients)})

    running(tale, leave, come=come)
    return to_the_last(tale)


@shows("reaping/long-run", PASS)
@shows("fork/family-size", PASS)
def five_hundred_clients_leave_nothing() -> Recording:
    return to_the_last(running(story("long run").starts()))


@shows("reaping/long-run", PASS)
@shows("fork/family-size", NOT_APPLICABLE)
def five_hundred_clients_of_an_event_loop_leave_nothing() -> Recording:
    return to_the_last(running(story("long run").starts(), forks=False), forks=False)


@shows("reaping/long-run", INCONCLUSIVE)
def too_few_come_for_a_small_leak_to_show() -> Recording:
    tale, came = story("long run").starts().serves("first"), 1
    for until in (64, 68, 86, 105):
        tale.come_and_go(f"up to {until}", until - came).quiet()
        came = until
    return to_the_last(tale.come_and_go("one by one", 60).quiet())


@shows("reaping/long-run", BLOCKED)
def one_of_a_crowd_is_sent_away() -> Recording:
    tale = story("long run").starts().serves("first")
    visits = [Visit(b"hello\n", 1, 1, 1, 1, 1, b"HELLO\n") for _ in range(62)]
    tale.crowds("up to 64", [*visits, Visit(b"hello\n", 1, 1, 1, 1, 1, b"SORRY, BUSY\n")]).quiet()
    return tale.serves("last").over()


@shows("reaping/long-run", PASS)
def two_of_a_crowd_get_each_other_s_replies() -> Recording:
    tale, came = story("long run").starts().serves("first"), 1
    for until in FIVE_HUNDRED:
        visits = [Visit(b"hello\n", 1, 1, 1, 1, 1, b"HELLO\n") for _ in range(until - came - 2)]
        visits += [
            Visit(a, 1, 1, 1, 1, 1, b) for a, b in ((b"anna\n", b"OTTO\n"), (b"otto\n", b"ANNA\n"))
        ]
        tale.crowds(f"up to {until}", visits).quiet()
        came = until
    return to_the_last(tale.come_and_go("one by one", 60).quiet())


@shows("reaping/long-run", FAIL, "leaks-descriptors")
def a_descriptor_is_left_of_every_tenth_client() -> Recording:
    return leaving(0.1, "fds")


@shows("reaping/long-run", FAIL, "leaks-memory")
def sixty_four_kib_are_left_of_each_client() -> Recording:
    return leaving(64, "kb", at_first=96)


@shows("reaping/long-run", FAIL, "leaks-memory")
def a_kib_is_left_of_each_client() -> Recording:
    return leaving(1, "kb", at_first=96, come=TWO_THOUSAND)


@shows("reaping/long-run", INCONCLUSIVE)
def memory_grows_and_no_more_clients_come() -> Recording:
    return leaving(4.6, "kb", at_first=300)


@shows("reaping/long-run", PASS)
def a_small_runtime_collects_its_garbage_at_last() -> Recording:
    """A server in Go, as it was seen: 1.2, 2.1, 3.0 MiB, and 5.0 after a thousand clients."""
    tale = story("long run").starts().has(kb=300)
    stood = {64: 1000, 100: 1230, 300: 2150, 500: 3070, 1000: 5120, 1500: 5200, 2000: 5280}

    def garbage(clients: int) -> None:
        tale.has(kb=stood.get(clients, 5290))

    return to_the_last(running(tale, garbage, forks=False, come=TWO_THOUSAND), forks=False)


@shows("reaping/long-run", PASS)
def a_pool_of_buffers_fills() -> Recording:
    tale = story("long run").starts().has(kb=150)

    def buffers(clients: int) -> None:
        tale.has(kb=150 + 3 * min(clients, 1200))

    return to_the_last(running(tale, buffers, come=TWO_THOUSAND))


@shows("reaping/long-run", PASS)
def a_little_memory_is_left_by_the_allocator() -> Recording:
    return leaving(0.4, "kb", at_first=96)


@shows("reaping/long-run", PASS)
def a_small_runtime_lets_a_little_garbage_grow() -> Recording:
    return leaving(1.9, "kb", at_first=600)


@shows("reaping/long-run", PASS)
def the_allocator_finds_its_size() -> Recording:
    tale = story("long run").starts()
    return to_the_last(running(tale, lambda came: tale.has(kb={100: 820, 300: 1640}.get(came, 2050))))


@shows("reaping/long-run", PASS)
def a_runtime_lets_its_garbage_grow_for_a_while() -> Recording:
    return leaving(40, "kb", at_first=17_000)


@shows("reaping/long-run", INCONCLUSIVE)
def a_heap_grows_that_may_not_have_been_collected_yet() -> Recording:
    """A server in Java, as it was seen: 33, 70, 121 MiB, of up to 256, and PASS at another time."""
    tale = story("long run").starts().has(kb=25_000).is_known(caught=JVMS).quiet()
    running(tale, lambda came: tale.has(kb=25_000 + 190 * came), forks=False)
    return to_the_last(tale, forks=False)


@shows("reaping/long-run", FAIL, "leaks-in-loop")
def a_heap_has_grown_beyond_all_that_a_runtime_lets_lie() -> Recording:
    tale = story("long run").starts().has(kb=25_000).is_known(caught=JVMS).quiet()
    running(tale, lambda came: tale.has(kb=25_000 + 340 * came), forks=False, come=TWO_THOUSAND)
    return to_the_last(tale, forks=False)


@shows("reaping/long-run", PASS)
def a_table_finds_its_size_late() -> Recording:
    tale = story("long run").starts()
    return to_the_last(running(tale, lambda came: tale.has(kb=200 if came < 300 else 9_000)))


@shows("reaping/long-run", PASS)
def more_memory_only_where_more_are_served_at_the_same_time() -> Recording:
    tale = story("long run").starts()
    return to_the_last(running(tale, lambda came: tale.has(kb=200 + 3 * min(came, 500))))


def threading(tale: Story) -> Recording:
    """Threads serve, and the memory of each thread stays when it has ended."""
    tale.connects("first").accepts("first").has_threads(2).quiet().asks("first").answers("first")
    tale.closes("first").has_threads(1).quiet().leaves("first").quiet()
    came = 1
    for until in (*FIVE_HUNDRED, 600, 700, 800):
        tale.come_and_go(f"up to {until}", until - came).has(kb=200 + 12 * until).quiet()
        came = until
    tale.come_and_go("one by one", 60).has(kb=200 + 12 * (came + 60)).quiet()
    return to_the_last(tale, forks=False)


@shows("reaping/long-run", FAIL, "joins-no-thread")
def the_stack_of_each_thread_stays() -> Recording:
    return threading(story("long run").starts(imports=("listen", "socket")))


@shows("reaping/long-run", FAIL, "leaks-in-thread")
def threads_are_detached_and_memory_stays() -> Recording:
    return threading(story("long run").starts(imports=("listen", "pthread_detach", "socket")))


@shows("reaping/long-run", FAIL, "leaks-in-thread")
def a_runtime_ends_its_threads_itself_and_memory_stays() -> Recording:
    """Java's, or Ruby's: nobody there could forget to join them."""
    return threading(story("long run").starts())


@shows("reaping/long-run", FAIL, "thread-stays")
def a_thread_stays_of_each_client() -> Recording:
    tale = story("long run").starts()
    running(tale, lambda came: tale.has_threads(1 + came), forks=False)
    return to_the_last(tale, forks=False)


@shows("reaping/long-run", FAIL)
def a_thread_stays_of_every_fifth_client() -> Recording:
    tale = story("long run").starts()
    running(tale, lambda came: tale.has_threads(1 + came // 5), forks=False)
    return to_the_last(tale, forks=False)


@shows("reaping/long-run", PASS)
def threads_that_a_runtime_keeps_for_a_while_end_some_seconds_later() -> Recording:
    """Ruby's, as it was seen: 17, 23, 30 threads, and fewer when their clock had struck."""
    tale = story("long run").starts()
    running(tale, lambda came: tale.has_threads(min(17 + came // 30, 30)), forks=False)
    return to_the_last(tale.has_threads(3).until(), forks=False)


@shows("reaping/long-run", FAIL)
def some_threads_end_later_and_others_stay() -> Recording:
    tale = story("long run").starts()
    running(tale, lambda came: tale.has_threads(14 + came // 10), forks=False)
    return to_the_last(tale.has_threads(52).until(), forks=False)


@shows("reaping/long-run", PASS)
def a_pool_starts_its_threads_late() -> Recording:
    tale = story("long run").starts()
    running(tale, lambda came: tale.has_threads(14 if came < 300 else 16), forks=False)
    return to_the_last(tale, forks=False)


def forgetting(tale: Story, *, for_ever: bool) -> Recording:
    """Every fiftieth client leaves a zombie, for ever or until more clients have come."""
    left: list[str] = []

    def leave(came: int) -> None:
        if not for_ever:
            tale.reaps(*left)
            left.clear()
        for number in range(50, came + 1, 50):
            name = f"client {number} {'' if for_ever else came}"
            if name not in left:
                tale.connects(name).forks(name).closes(name).exits(name).leaves(name)
                left.append(name)

    return to_the_last(running(tale, leave))


@shows("reaping/long-run", FAIL, "leaks-zombies-slowly")
def a_zombie_stays_of_every_fiftieth_client() -> Recording:
    return forgetting(story("long run").starts(), for_ever=True)


@shows("reaping/long-run", PASS)
def the_zombies_of_each_crowd_go_with_the_next() -> Recording:
    return forgetting(story("long run").starts(), for_ever=False)


@shows("reaping/long-run", FAIL)
def the_server_is_gone_after_many_clients() -> Recording:
    tale = running(story("long run").starts()).stops_listening().dies(1 << 8).quiet()
    return tale.is_refused("last").quiet().over()


@shows("reaping/long-run", FAIL)
def nobody_is_answered_after_many_clients() -> Recording:
    tale = running(story("long run").starts()).sleeps("futex").connects("last").quiet().asks("last")
    return tale.quiet().leaves("last").quiet().over()


@shows("reaping/long-run", FAIL, "places-used-up")
def the_next_is_closed_once_a_hundred_have_been_served() -> Recording:
    tale = story("long run").starts().serves("first", forks=False)
    tale.come_and_go("up to 64", 63).quiet().come_and_go("up to 100", 36).quiet()
    tale.crowds("up to 300", [Visit(b"hello\n", 1, 1, 1) for _ in range(200)]).sleeps("poll").quiet()
    tale.branches("somebody was not answered: no more come").connects("last").closes("last").quiet()
    return tale.asks("last").quiet().leaves("last").quiet().over()


def accept_fails(*, dies: bool) -> Recording:
    """After a hundred clients accept() fails, and the socket is still there; the server ends, or not."""
    tale = story("long run").starts(imports=("listen",)).serves("first", forks=False)
    tale.come_and_go("up to 64", 63).quiet().come_and_go("up to 100", 36).quiet()
    tale.crowds("up to 300", [Visit(b"hello\n", 1, 1, 1) for _ in range(200)])
    tale.prints("accept: Bad file descriptor\n")
    tale.branches("somebody was not answered: no more come")
    if dies:
        return tale.stops_listening().dies(1 << 8).quiet().is_refused("last").quiet().over()
    return tale.connects("last").quiet().asks("last").quiet().leaves("last").quiet().over()


@shows("reaping/long-run", FAIL, "listener-overwritten")
def accept_fails_on_what_is_no_socket_and_the_server_ends() -> Recording:
    return accept_fails(dies=True)


@shows("reaping/long-run", FAIL, "listener-overwritten")
def accept_fails_on_what_is_no_socket_again_and_again() -> Recording:
    return accept_fails(dies=False)


@shows("reaping/long-run", FAIL)
def workers_crash_one_after_the_other_and_stay_zombies() -> Recording:
    tale, came = story("long run").starts(workers=8).serves("first", forks=False), 1
    for number, until in enumerate(FIVE_HUNDRED, start=1):
        tale.come_and_go(f"up to {until}", until - came)
        tale.worker_ends(SERVER + number, status=11, reaped=False).quiet()
        came = until
    return to_the_last(tale, forks=False)


@shows("reaping/long-run", FAIL)
def nobody_is_answered_after_a_hundred_clients() -> Recording:
    tale = story("long run").starts().serves("first", forks=False)
    tale.come_and_go("up to 64", 63).quiet().come_and_go("up to 100", 36).quiet()
    tale.crowds("up to 300", [Visit(b"hello\n", 1, 1, 1) for _ in range(200)]).quiet()
    tale.branches("somebody was not answered: no more come").connects("last").accepts("last")
    return tale.sleeps("accept").quiet().asks("last").quiet().leaves("last").quiet().over()


def stopping_short(tale: Story, leave: Callable[[], object]) -> Recording:
    """Each client leaves something; after a hundred the family is too large, and no more come."""
    tale.serves("first", forks=False)
    leave()
    tale.quiet()
    for came, until in ((1, 64), (64, 100)):
        tale.come_and_go(f"up to {until}", until - came)
        for _ in range(came, until):
            leave()
        tale.quiet()
    tale.branches("there are 80 processes more, or 256 threads: no more come")
    return to_the_last(tale, forks=False)


@shows("reaping/long-run", FAIL, "helper-never-reaped")
def the_zombies_of_a_hundred_helpers_stop_the_crowd() -> Recording:
    tale = story("long run").starts()
    return stopping_short(tale, tale.starts_program)


@shows("reaping/long-run", INCONCLUSIVE)
def a_pool_grows_with_each_of_a_hundred_clients() -> Recording:
    tale = story("long run").starts()
    return stopping_short(tale, lambda: tale.starts_program(ends=False))


def interrupted(after: int) -> Recording:
    """A few of the crowd are not answered, but the last one is."""
    tale = story("long run").starts().serves("first")
    came = 1
    for until in FIVE_HUNDRED[:after]:
        tale.come_and_go(f"up to {until}", until - came).quiet()
        came = until
    until = FIVE_HUNDRED[after]
    tale.come_and_go(f"up to {until}", until - came, unanswered=3).quiet()
    return to_the_last(tale.branches("somebody was not answered: no more come"))


@shows("reaping/long-run", INCONCLUSIVE)
@shows("fork/family-size", INCONCLUSIVE)
def a_few_of_the_first_clients_are_not_answered() -> Recording:
    return interrupted(0)


@shows("reaping/long-run", INCONCLUSIVE)
@shows("fork/family-size", PASS)
def a_few_of_the_last_clients_are_not_answered() -> Recording:
    return interrupted(3)
