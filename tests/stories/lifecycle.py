"""Stories of lifecycle/*."""

from __future__ import annotations

import signal

from harness.record.recording import Recording
from tests.recordings import PORT, Story, story
from tests.stories import BLOCKED, FAIL, INCONCLUSIVE, NOT_APPLICABLE, PASS, shows

SHARED = "the port is the machine's here: a connection in TIME_WAIT would hold it for a minute"
REFUSED = "bind: Address already in use\n"

# Restarting


def killed(*, port: int = PORT, connections: int = 1) -> Story:
    """A client was answered, then the server was killed; this number of connections is in TIME_WAIT."""
    tale = story("restarting").starts(port=port).connects("client").forks("client").quiet()
    tale.asks("client").answers("client").closes("client").exits("client").reaps("client").quiet()
    return tale.is_killed().leaves("client").is_remembered(connections).quiet()


@shows("lifecycle/restart", BLOCKED)
def a_connection_that_was_reset_leaves_no_time_wait() -> Recording:
    tale = story("restarting").starts().connects("client").forks("client").quiet().asks("client")
    tale.answers("client").resets("client").exits("client").reaps("client").is_killed().quiet()
    return tale.starts().over()


@shows("lifecycle/restart", PASS)
def it_listens_on_its_port_again() -> Recording:
    return killed().starts().over()


@shows("lifecycle/restart", FAIL, "no-reuseaddr")
def the_port_is_refused() -> Recording:
    return killed().ends_at_once(1 << 8, REFUSED).over()


@shows("lifecycle/restart", FAIL, "bad-pointer")
def it_crashes_when_it_is_started_again() -> Recording:
    return killed().ends_at_once(11).over()


@shows("lifecycle/restart", FAIL)
def it_lives_and_does_not_listen() -> Recording:
    return killed().starts(listens=False).over()


@shows("lifecycle/restart", FAIL, "bind-refused-again", needs="a look")
def it_listens_on_any_free_port_now() -> Recording:
    return killed().starts(port=40_123).over()


@shows("lifecycle/restart", FAIL, needs="a look")
def it_listens_on_the_next_port_now() -> Recording:
    return killed().starts(port=PORT + 1).over()


@shows("lifecycle/restart", BLOCKED)
def it_listens_somewhere_else_each_time() -> Recording:
    return killed(port=40_124).starts(port=40_123).over()


@shows("lifecycle/restart", INCONCLUSIVE)
def nothing_was_left_in_time_wait() -> Recording:
    return killed(connections=0).ends_at_once(1 << 8, REFUSED).over()


@shows("lifecycle/restart", INCONCLUSIVE)
def it_was_not_started_again() -> Recording:
    return killed().over()


@shows("lifecycle/restart", NOT_APPLICABLE)
def the_port_is_the_machines() -> Recording:
    return story("restarting").starts().branches(SHARED).over()


# Terminating


def signalled(*, workers: int = 0) -> Story:
    """SIGTERM comes while a silent client is connected."""
    tale = story("terminating").starts(workers=workers).connects("silent").forks("silent").quiet()
    return tale.gets_sigterm()


def parting(tale: Story) -> Recording:
    """The silent client asks, its child answers, and both end."""
    tale.quiet().asks("silent").answers("silent").closes("silent").exits("silent").reaps("silent")
    return tale.quiet().leaves("silent").quiet().over()


@shows("lifecycle/terminate", PASS)
def all_of_it_ends_at_once() -> Recording:
    tale = signalled().stops_listening().dies(15).exits("silent").reaps("silent").closes("silent")
    return tale.quiet().asks("silent").quiet().leaves("silent").quiet().over()


@shows("lifecycle/terminate", PASS)
def a_child_may_finish_serving() -> Recording:
    return parting(signalled().stops_listening().dies(15))


@shows("lifecycle/terminate", PASS)
def it_waits_for_its_client_and_then_ends() -> Recording:
    tale = signalled().stops_listening().sleeps("wait4").quiet().asks("silent").answers("silent")
    tale.closes("silent").exits("silent").reaps("silent").dies(0)
    return tale.quiet().leaves("silent").quiet().over()


@shows("lifecycle/terminate", FAIL)
def it_goes_on_as_if_nothing_had_happened() -> Recording:
    return parting(signalled())


@shows("lifecycle/terminate", FAIL, "ignores-sigterm")
def it_ignores_what_asks_it_to_end() -> Recording:
    return parting(signalled().is_known(ignored=1 << (signal.SIGTERM - 1)))


@shows("lifecycle/terminate", FAIL, "orphans-keep-listener")
def its_workers_hold_the_port() -> Recording:
    return parting(signalled(workers=4).dies(15))


@shows("lifecycle/terminate", FAIL, "child-keeps-listener")
def the_child_holds_the_port_while_it_serves() -> Recording:
    tale = signalled()
    return parting(tale.holds_listener(tale.child_of("silent")).dies(15))


@shows("lifecycle/terminate", FAIL)
def it_goes_on_listening_while_it_waits_for_its_client() -> Recording:
    tale = signalled().quiet().asks("silent").answers("silent").closes("silent").exits("silent")
    return tale.reaps("silent").stops_listening().dies(0).quiet().leaves("silent").quiet().over()


@shows("lifecycle/terminate", FAIL)
def a_child_is_left_behind() -> Recording:
    tale = signalled().stops_listening().dies(15).quiet().asks("silent").quiet()
    return tale.leaves("silent").quiet().over()


@shows("lifecycle/terminate", INCONCLUSIVE)
def no_signal_was_sent() -> Recording:
    return story("terminating").starts().serves("silent").over()


# Ctrl-C


def interrupted(*, child: bool = True) -> Story:
    """Ctrl-C is typed while a silent client is connected; its child ends with that, or lives on."""
    tale = story("interrupting").starts().connects("silent").forks("silent").quiet().gets("SIGINT")
    return tale if child else tale.exits("silent").reaps("silent").closes("silent")


@shows("lifecycle/interrupt", PASS)
def ctrl_c_ends_all_of_it() -> Recording:
    tale = interrupted(child=False).stops_listening().dies(2).quiet()
    return tale.asks("silent").quiet().leaves("silent").quiet().over()


@shows("lifecycle/interrupt", PASS)
def it_catches_sigint_and_waits_for_its_client() -> Recording:
    tale = interrupted().sleeps("wait4").quiet().asks("silent").answers("silent").closes("silent")
    tale.exits("silent").reaps("silent").stops_listening().dies(0)
    return tale.quiet().leaves("silent").quiet().over()


SIGINT = 1 << (signal.SIGINT - 1)


@shows("lifecycle/interrupt", NOT_APPLICABLE)
def it_has_gone_into_the_background() -> Recording:
    tale = story("interrupting").starts(stays=False).connects("silent").forks("silent").quiet()
    return parting(tale.gets("SIGINT"))


@shows("lifecycle/interrupt", FAIL)
def ctrl_c_changes_nothing() -> Recording:
    return parting(interrupted())


@shows("lifecycle/interrupt", FAIL, "ignores-sigint")
def ctrl_c_is_ignored() -> Recording:
    return parting(interrupted().is_known(ignored=SIGINT, blocked=0, caught=0))


@shows("lifecycle/interrupt", FAIL, "blocks-sigint")
def ctrl_c_stays_pending() -> Recording:
    return parting(interrupted().is_known(ignored=0, blocked=SIGINT, pending=SIGINT, caught=0))


@shows("lifecycle/interrupt", FAIL, "catches-sigint")
def ctrl_c_is_read_from_a_descriptor_and_changes_nothing() -> Recording:
    return parting(interrupted().is_known(ignored=0, blocked=SIGINT, caught=SIGINT))


@shows("lifecycle/interrupt", FAIL, "threads-outlive-interrupt")
def python_waits_for_a_thread_that_accepts() -> Recording:
    tale = interrupted().is_known(ignored=0, blocked=0, caught=SIGINT)
    return parting(tale.prints("Traceback (most recent call last):\nKeyboardInterrupt\n"))


@shows("lifecycle/interrupt", FAIL)
def it_catches_sigint_and_waits_for_a_worker_that_stays() -> Recording:
    tale = interrupted(child=False).is_known(ignored=0, blocked=0, caught=SIGINT).sleeps("wait4").quiet()
    return tale.asks("silent").quiet().leaves("silent").quiet().over()


@shows("lifecycle/interrupt", FAIL, "catches-sigint")
def ctrl_c_ends_the_children_only() -> Recording:
    tale = interrupted(child=False).is_known(ignored=0, blocked=0, caught=SIGINT).quiet()
    return tale.asks("silent").quiet().leaves("silent").quiet().over()


@shows("lifecycle/interrupt", FAIL)
def a_child_in_its_own_group_outlives_ctrl_c() -> Recording:
    tale = interrupted().stops_listening().dies(2).quiet().asks("silent").quiet()
    return tale.leaves("silent").quiet().over()


@shows("lifecycle/interrupt", FAIL)
def its_workers_in_their_own_groups_hold_the_port() -> Recording:
    tale = story("interrupting").starts(workers=4).connects("silent").forks("silent").quiet()
    return parting(tale.gets("SIGINT").dies(2))


@shows("lifecycle/interrupt", INCONCLUSIVE)
def nobody_typed_ctrl_c() -> Recording:
    return story("interrupting").starts().serves("silent").over()


# Drain

NO_DRAIN = "it does not catch SIGTERM, and so promises no orderly end"
EXITS_WITH_0, EXITS_WITH_143 = 0, 143 << 8


def in_mid_line() -> Story:
    """A client has sent half its line when SIGTERM comes."""
    tale = story("draining").starts().connects("talking").forks("talking").quiet()
    return tale.asks("talking", b"he").quiet().gets_sigterm()


def goes_on(tale: Story, *, is_answered: bool) -> Story:
    """The client sends the rest of its line, and leaves."""
    tale.asks("talking", b"llo\n")
    if is_answered:
        tale.answers("talking", b"HELLO\n").closes("talking").exits("talking").reaps("talking")
    return tale


def is_over(tale: Story) -> Recording:
    """All is at rest, and the client leaves."""
    return tale.quiet().leaves("talking").quiet().over()


def is_cut(tale: Story, status: int) -> Recording:
    """The child ends with the server, which ends so."""
    tale.stops_listening().exits("talking").reaps("talking").closes("talking").dies(status).quiet()
    return is_over(goes_on(tale, is_answered=False))


@shows("lifecycle/drain", PASS)
def it_ends_when_its_client_is_served() -> Recording:
    tale = goes_on(in_mid_line().stops_listening().sleeps("wait4").quiet(), is_answered=True)
    return is_over(tale.dies(EXITS_WITH_0))


@shows("lifecycle/drain", PASS)
def it_ends_at_once_and_its_child_serves_on() -> Recording:
    tale = in_mid_line().stops_listening().dies(signal.SIGTERM).quiet()
    return is_over(goes_on(tale, is_answered=True))


@shows("lifecycle/drain", FAIL, "cuts-on-sigterm", needs="a look")
def it_ends_in_good_order_with_its_client() -> Recording:
    return is_cut(in_mid_line(), EXITS_WITH_0)


@shows("lifecycle/drain", NOT_APPLICABLE)
def it_passes_the_signal_on_and_dies_of_it() -> Recording:
    return is_cut(in_mid_line(), signal.SIGTERM)


@shows("lifecycle/drain", NOT_APPLICABLE)
def it_exits_with_the_status_of_a_death_by_it() -> Recording:
    return is_cut(in_mid_line(), EXITS_WITH_143)


@shows("lifecycle/drain", NOT_APPLICABLE)
def it_leaves_sigterm_alone() -> Recording:
    return story("draining").starts().branches(NO_DRAIN).over()


@shows("lifecycle/drain", BLOCKED)
def it_serves_on_as_if_nothing_had_happened() -> Recording:
    return is_over(goes_on(in_mid_line().quiet(), is_answered=True))


@shows("lifecycle/drain", BLOCKED)
def it_had_answered_half_a_line() -> Recording:
    tale = story("draining").starts().connects("talking").forks("talking").quiet()
    tale.asks("talking", b"he").answers("talking", b"HE").closes("talking").exits("talking")
    tale.reaps("talking").quiet().gets_sigterm().stops_listening().dies(EXITS_WITH_0).quiet()
    return is_over(tale.asks("talking", b"llo\n"))


@shows("lifecycle/drain", INCONCLUSIVE)
def nobody_sent_sigterm() -> Recording:
    return story("draining").starts().connects("talking").quiet().over()


# Reload

NO_RELOAD = "it does not catch SIGHUP, and so promises no reload"


def rehearsed(workers: int = 2) -> Story:
    """Two clients have come and gone; the next has sent half its line, and SIGHUP comes."""
    tale = story("reloading").starts(workers=workers)
    for name in ("first", "second"):
        tale.connects(name).accepts(name).quiet().asks(name).answers(name).closes(name).quiet()
    tale.leaves("first").leaves("second").quiet().connects("talking").accepts("talking").quiet()
    return tale.asks("talking", b"he").quiet().gets("SIGHUP")


def reloaded(tale: Story, *, drops: bool = False) -> Story:
    """The next client is served, and then the first goes on, unless it was dropped."""
    if drops:
        tale.closes("talking")
    tale.quiet().connects("fresh").accepts("fresh").quiet()
    tale.asks("fresh").answers("fresh").closes("fresh").quiet().asks("talking", b"llo\n")
    if not drops:
        tale.answers("talking", b"HELLO\n").closes("talking")
    return tale.quiet().leaves("talking", "fresh").quiet()


@shows("lifecycle/reload", PASS)
def nothing_of_it_is_replaced() -> Recording:
    return reloaded(rehearsed()).over()


@shows("lifecycle/reload", PASS)
def its_workers_are_replaced() -> Recording:
    tale = rehearsed().replaces_workers()
    return reloaded(tale).over()


@shows("lifecycle/reload", FAIL, "reload-leaves-zombies")
def its_old_workers_stay_as_zombies() -> Recording:
    return reloaded(rehearsed().replaces_workers(zombies=2)).over()


@shows("lifecycle/reload", FAIL)
def its_old_workers_live_on() -> Recording:
    return reloaded(rehearsed().replaces_workers(living=2)).over()


@shows("lifecycle/reload", FAIL, "reload-drops-clients", needs="a look")
def who_was_being_served_is_dropped() -> Recording:
    return reloaded(rehearsed(), drops=True).over()


@shows("lifecycle/reload", FAIL, "reload-loses-listener")
def it_listens_no_more() -> Recording:
    tale = rehearsed(workers=0).stops_listening().sleeps("pause").quiet().is_refused("fresh").quiet()
    tale.asks("talking", b"llo\n").answers("talking", b"HELLO\n").closes("talking").quiet()
    return tale.leaves("talking").quiet().over()


@shows("lifecycle/reload", FAIL, "bad-pointer", needs="a look")
def sighup_crashes_it() -> Recording:
    tale = rehearsed(workers=0).stops_listening().closes("talking").dies(signal.SIGSEGV).quiet()
    return tale.is_refused("fresh").quiet().leaves("talking").quiet().over()


@shows("lifecycle/reload", NOT_APPLICABLE)
def it_takes_sighup_for_its_end() -> Recording:
    tale = rehearsed(workers=0).stops_listening().closes("talking").dies(EXITS_WITH_143).quiet()
    return tale.is_refused("fresh").quiet().leaves("talking").quiet().over()


@shows("lifecycle/reload", NOT_APPLICABLE)
def it_takes_its_time_to_end_at_sighup() -> Recording:
    tale = rehearsed(workers=0).quiet().stops_listening().closes("talking").dies(EXITS_WITH_143).quiet()
    return tale.is_refused("fresh").quiet().leaves("talking").quiet().over()


@shows("lifecycle/reload", NOT_APPLICABLE)
def sighup_ends_it_and_a_child_listens_on() -> Recording:
    tale = rehearsed(workers=1).dies(signal.SIGHUP).quiet().connects("fresh").quiet()
    return tale.leaves("talking", "fresh").quiet().over()


@shows("lifecycle/reload", NOT_APPLICABLE)
def it_leaves_sighup_alone() -> Recording:
    return story("reloading").starts().branches(NO_RELOAD).over()


@shows("lifecycle/reload", INCONCLUSIVE)
def nobody_sent_sighup() -> Recording:
    return story("reloading").starts().serves("first").over()


@shows("lifecycle/drain", INCONCLUSIVE)
def the_rest_of_the_line_was_never_sent() -> Recording:
    return is_over(in_mid_line().stops_listening().dies(EXITS_WITH_0).quiet())


# Suspending


def paused(sleeps: str = "accept", *, dies: int | None = None) -> Story:
    """A client is served as usual; the server is stopped at rest and goes on, or dies of it."""
    tale = story("suspending").starts().serves("as usual 1").serves("as usual 2").sleeps(sleeps).quiet()
    tale.freezes().thaws()
    return tale.sleeps(sleeps).quiet() if dies is None else tale.dies(dies).quiet()


def paused_with_clients(sleeps: str = "accept", **beside: int) -> Story:
    """Once more while two silent clients are connected; `beside` are calls that its threads sleep in."""
    tale = paused(sleeps)
    for name in ("silent 1", "silent 2"):
        tale.connects(name).accepts(name).sleeps(sleeps).quiet()
    if beside:
        tale.sleeps_in(**beside).quiet()
    return tale.freezes().thaws().sleeps(sleeps).quiet()


def both_ask(tale: Story, *, lost: int = 0) -> Story:
    """The two ask; the first so many are disconnected instead of being answered."""
    for number, name in enumerate(("silent 1", "silent 2"), 1):
        if number <= lost:
            tale.closes(name).quiet().asks(name).quiet()
        else:
            tale.asks(name).answers(name).closes(name).quiet()
        tale.leaves(name).quiet()
    return tale


def three_come(tale: Story, *, reaped: bool = True) -> Story:
    for number in (1, 2, 3):
        tale.serves(f"after {number}", reaped=reaped)
    return tale


@shows("lifecycle/suspend", PASS)
def it_goes_on() -> Recording:
    return three_come(both_ask(paused_with_clients())).over()


@shows("lifecycle/suspend", PASS)
def one_of_two_is_lost() -> Recording:
    return three_come(both_ask(paused_with_clients(), lost=1)).over()


@shows("lifecycle/suspend", FAIL, "interrupted-read-ends-clients")
def both_are_lost_whose_threads_read() -> Recording:
    tale = paused_with_clients(accept=1, read=2)
    return three_come(both_ask(tale, lost=2)).over()


@shows("lifecycle/suspend", FAIL)
def both_are_lost() -> Recording:
    return three_come(both_ask(paused_with_clients("poll"), lost=2)).over()


def dead(sleeps: str) -> Story:
    tale = paused(sleeps, dies=1 << 8)
    for name in ("silent 1", "silent 2", "after 1"):
        tale.is_refused(name).quiet()
    return tale


@shows("lifecycle/suspend", FAIL, "interrupted-sleep-is-fatal")
def its_epoll_wait_has_failed() -> Recording:
    return dead("epoll_wait").over()


@shows("lifecycle/suspend", FAIL)
def it_ends_when_it_goes_on() -> Recording:
    return dead("poll").over()


@shows("lifecycle/suspend", FAIL, "interrupted-reaper-ends")
def nobody_reaps_any_more() -> Recording:
    tale = paused_with_clients(accept=1, rt_sigtimedwait=1)
    return three_come(both_ask(tale), reaped=False).over()


@shows("lifecycle/suspend", PASS)
def as_usual_nobody_reaps() -> Recording:
    tale = (
        story("suspending")
        .starts()
        .serves("as usual 1")
        .serves("as usual 2", reaped=False)
        .freezes()
        .thaws()
        .quiet()
    )
    for name in ("silent 1", "silent 2"):
        tale.connects(name).accepts(name).quiet()
    return three_come(both_ask(tale.freezes().thaws().quiet()), reaped=False).over()


@shows("lifecycle/suspend", INCONCLUSIVE)
def it_was_not_stopped() -> Recording:
    return story("suspending").starts().serves("as usual 1").breaks_off()


@shows("lifecycle/suspend", BLOCKED)
def two_clients_end_it() -> Recording:
    tale = paused().connects("silent 1").accepts("silent 1").quiet().connects("silent 2")
    tale.dies(1 << 8).quiet()
    return tale.is_refused("after 1").quiet().over()
