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


@shows("lifecycle/restart", PASS)
def it_listens_on_its_port_again() -> Recording:
    return killed().starts().over()


@shows("lifecycle/restart", FAIL, "no-reuseaddr")
def the_port_is_refused() -> Recording:
    return killed().ends_at_once(1 << 8, REFUSED).over()


@shows("lifecycle/restart", FAIL)
def it_crashes_when_it_is_started_again() -> Recording:
    return killed().ends_at_once(11).over()


@shows("lifecycle/restart", FAIL)
def it_lives_and_does_not_listen() -> Recording:
    return killed().starts(listens=False).over()


@shows("lifecycle/restart", FAIL, needs="a look")
def it_listens_somewhere_else_now() -> Recording:
    return killed().starts(port=40_123).over()


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
