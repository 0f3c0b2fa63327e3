"""Stories of abuse/*."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from typing import Final

from harness.judge.unreaped import SIGCHLD
from harness.record.dialogue import word_for
from harness.record.recording import Recording
from tests.recordings import Story, story
from tests.stories import BLOCKED, FAIL, INCONCLUSIVE, NOT_APPLICABLE, PASS, shows

EXITS_WITH_1 = 1 << 8
SAYS_UNSAFE = "kill(-1) would reach beyond this cell: it has no processes of its own"
CONNECTION = '4<socket:[51306]>, "hello\\n", 4096'


QUEUE_IS_FULL: Final = (
    "Traceback (most recent call last):\n"
    '  File "/work/server.py", line 40, in <module>\n    waiting.put_nowait(conn)\nqueue.Full\n'
)
OF_A_THREAD: Final = (
    "Traceback (most recent call last):\n"
    '  File "/usr/lib/python3.11/threading.py", line 1038, in _bootstrap_inner\n    self.run()\n'
    '  File "/work/server.py", line 12, in serve\n    number = int(line)\n'
    "ValueError: invalid literal for int() with base 10: b'hel'\n"
)


def ends(tale: Story, status: int = EXITS_WITH_1, printed: str = "") -> Story:
    """The first process is gone, and nobody listens."""
    return tale.prints(printed).stops_listening().dies(status).quiet()


def next_one(tale: Story, name: str, *, forks: bool = True) -> Story:
    """One more client connects, is answered, and leaves."""
    return tale.serves(name, forks=forks)


def turned_away(tale: Story, name: str) -> Story:
    """One more client is refused: the server does not listen any more."""
    return tale.is_refused(name).quiet()


def unanswered(tale: Story, name: str, call: str) -> Story:
    """One more client asks; the server sleeps in a call, and does not answer."""
    return tale.sleeps(call).connects(name).quiet().asks(name).quiet().leaves(name).quiet()


# Resets


MOMENTS = ("before a word", "in mid-line", "in mid-reply")


def resetting(moment: str, tale: Story | None = None) -> Story:
    """The server has survived the earlier moments; now a client breaks off again."""
    tale = tale or story("resets").starts()
    for each in MOMENTS[: MOMENTS.index(moment) + 1]:
        rude = f"reset {each}"
        tale.connects(rude).forks(rude).quiet()
        if each != "before a word":
            tale.asks(rude, b"hel" if each == "in mid-line" else b"hello\n").quiet()
        tale.aborts(rude)
        if each != moment:
            next_one(tale.exits(rude).reaps(rude).quiet(), f"next to one {each}")
    return tale


@shows("abuse/reset", PASS)
def each_reset_costs_one_connection() -> Recording:
    tale = resetting("in mid-reply").exits("reset in mid-reply").reaps("reset in mid-reply").quiet()
    return next_one(tale, "next to one in mid-reply").over()


def reset_ends_it(moment: str, status: int, printed: str) -> Recording:
    tale = ends(resetting(moment), status, printed)
    for each in MOMENTS[MOMENTS.index(moment) :]:
        if each != moment:
            turned_away(tale, f"reset {each}")
        turned_away(tale, f"next to one {each}")
    return tale.over()


@shows("abuse/reset", FAIL, "reset-is-fatal")
def a_reset_before_a_word_ends_the_server() -> Recording:
    return reset_ends_it("before a word", EXITS_WITH_1, "read: Connection reset by peer\n")


@shows("abuse/reset", FAIL, "line-outlives-client", needs="nothing")
def the_next_one_goes_on_with_the_line_of_who_broke_off() -> Recording:
    tale = resetting("in mid-line").exits("reset in mid-line").reaps("reset in mid-line").quiet()
    name = "next to one in mid-line"
    tale.connects(name).forks(name).quiet().asks(name, b"still there?\n")
    return tale.answers(name, b"HELSTILL THERE?\n").closes(name).quiet().leaves(name).quiet().over()


NAMED: Final = {"steps": [{"send": "x{word} {line}\n", "expect": "ERROR what is x{word}?\n"}]}


@shows("abuse/reset", FAIL, "line-outlives-client", needs="nothing")
def the_next_ones_command_begins_with_what_another_had_said() -> Recording:
    tale = resetting("in mid-line").exits("reset in mid-line").reaps("reset in mid-line").quiet()
    tale.is_asked_for(dialogue={"steps": [{"send": "say {line}\n", "expect": "{LINE}\n"}]})
    name = "next to one in mid-line"
    tale.connects(name).forks(name).quiet().asks(name, b"still there?\n")
    return tale.answers(name, b"SAY STILL THERE?\n").closes(name).quiet().leaves(name).quiet().over()


@shows("abuse/reset", FAIL, "frees-twice")
def a_reset_makes_it_free_something_twice() -> Recording:
    words = "free(): double free detected in tcache 2\n"
    return reset_ends_it("before a word", signal.SIGABRT, words)


@shows("abuse/reset", FAIL, "write-error-is-fatal")
def a_reset_in_mid_reply_ends_the_server() -> Recording:
    return reset_ends_it("in mid-reply", EXITS_WITH_1, "send: Connection reset by peer\n")


@shows("abuse/reset", FAIL, "reset-is-fatal")
def it_leaves_with_status_0_as_if_all_were_well() -> Recording:
    return reset_ends_it("in mid-line", 0, "")


@shows("abuse/reset", FAIL, "dies-of-sigpipe")
def it_writes_on_after_the_reset_and_sigpipe_ends_it() -> Recording:
    return reset_ends_it("in mid-reply", signal.SIGPIPE, "")


@shows("abuse/reset", FAIL, "bad-pointer")
def it_crashes_over_a_reset() -> Recording:
    return reset_ends_it("in mid-line", signal.SIGSEGV, "")


@shows("abuse/reset", FAIL)
def after_a_reset_it_lives_and_answers_nobody() -> Recording:
    tale = resetting("before a word").sleeps("futex").quiet()
    unanswered(tale, "next to one before a word", "futex")
    for each in MOMENTS[1:]:
        unanswered(tale, f"reset {each}", "futex")
        unanswered(tale, f"next to one {each}", "futex")
    return tale.over()


@shows("abuse/reset", INCONCLUSIVE)
def the_one_after_the_reset_never_asked() -> Recording:
    return resetting("before a word").quiet().connects("next to one before a word").quiet().over()


@shows("abuse/reset", INCONCLUSIVE)
def nobody_came_in_mid_reply() -> Recording:
    tale = resetting("in mid-line").exits("reset in mid-line").reaps("reset in mid-line").quiet()
    return next_one(tale, "next to one in mid-line").over()


# Broken pipes


def gone(tale: Story, number: int, *, forks: bool = True) -> Story:
    """A client asks and leaves while its process is stopped; then that process goes on."""
    name = f"gone {number}"
    (tale.connects(name).forks if forks else tale.connects(name).accepts)(name).quiet()
    server = tale.child_of(name) if forks else None
    tale = tale.freezes(server) if server else tale.freezes()
    tale.asks(name).half_closes(name).aborts(name)
    return tale.thaws(server) if server else tale.thaws()


@shows("abuse/broken-pipe", PASS)
def the_child_dies_of_sigpipe_and_its_parent_goes_on() -> Recording:
    tale = story("broken pipe").starts()
    for number in (1, 2, 3):
        gone(tale, number).exits(f"gone {number}").reaps(f"gone {number}").quiet()
    return next_one(tale, "next").over()


@shows("abuse/broken-pipe", PASS)
def one_process_treats_epipe_as_the_clients_end() -> Recording:
    tale = story("broken pipe").starts()
    for number in (1, 2, 3):
        gone(tale, number, forks=False).quiet()
    return next_one(tale, "next", forks=False).over()


@shows("abuse/broken-pipe", FAIL, "dies-of-sigpipe")
def sigpipe_ends_the_server() -> Recording:
    tale = ends(gone(story("broken pipe").starts(), 1, forks=False), signal.SIGPIPE)
    turned_away(tale, "gone 2").branches("nobody held the connection")
    return turned_away(tale, "next").over()


@shows("abuse/broken-pipe", FAIL, "write-error-is-fatal")
def epipe_is_taken_for_the_end() -> Recording:
    tale = ends(gone(story("broken pipe").starts(), 1, forks=False), printed="send: Broken pipe\n")
    turned_away(tale, "gone 2").branches("nobody held the connection")
    return turned_away(tale, "next").over()


@shows("abuse/broken-pipe", FAIL, "sigpipe-handler-exits")
def its_handler_for_sigpipe_ends_it() -> Recording:
    tale = story("broken pipe").starts().has(caught=1 << (signal.SIGPIPE - 1))
    tale = ends(gone(tale, 1, forks=False))
    turned_away(tale, "gone 2").branches("nobody held the connection")
    return turned_away(tale, "next").over()


@shows("abuse/broken-pipe", FAIL, "retries-broken-pipe")
def three_children_never_sleep_again() -> Recording:
    tale = story("broken pipe").starts()
    for number in (1, 2, 3):
        name = f"gone {number}"
        gone(tale, number).runs(tale.child_of(name)).spins()
    return next_one(tale, "next").spins().over()


@shows("abuse/broken-pipe", FAIL, "retries-broken-pipe")
def its_only_process_writes_for_ever() -> Recording:
    tale = gone(story("broken pipe").starts(), 1, forks=False).runs().spins()
    tale.connects("gone 2").spins().branches("nobody held the connection")
    return tale.connects("next").spins().asks("next").spins().leaves("next").spins().over()


@shows("abuse/broken-pipe", FAIL)
def after_a_broken_pipe_it_lives_and_answers_nobody() -> Recording:
    tale = gone(story("broken pipe").starts(), 1, forks=False).sleeps("futex").quiet()
    tale.connects("gone 2").quiet().branches("nobody held the connection")
    return unanswered(tale, "next", "futex").over()


@shows("abuse/broken-pipe", INCONCLUSIVE)
def nobody_was_seen_to_hold_the_connection() -> Recording:
    tale = story("broken pipe").starts().connects("gone 1").quiet()
    return next_one(tale.branches("nobody held the connection"), "next").over()


@shows("abuse/broken-pipe", INCONCLUSIVE)
def nobody_held_the_connection_and_the_next_is_not_answered() -> Recording:
    tale = story("broken pipe").starts().connects("gone 1").quiet()
    return unanswered(tale.branches("nobody held the connection"), "next", "futex").over()


@shows("abuse/broken-pipe", INCONCLUSIVE)
def to_be_stopped_alone_has_ended_it() -> Recording:
    tale = story("broken pipe").starts().connects("gone 1").accepts("gone 1").quiet().freezes()
    ends(tale.gets("SIGCONT"), printed="epoll_wait: Interrupted system call\n")
    tale.branches("to be stopped and let go on has ended the server, before anybody wrote")
    return turned_away(tale, "next").over()


# Out of descriptors


def waiting(tale: Story | None = None) -> Story:
    """Three clients ask while the server gets no descriptors; then it gets some again."""
    tale = (tale or story("no descriptors").starts()).runs_short_of("descriptors")
    for number in (1, 2, 3):
        tale.connects(f"waiting {number}").asks(f"waiting {number}").quiet()
    return tale.has_enough("descriptors")


WAITING = ("waiting 1", "waiting 2", "waiting 3")


@shows("abuse/no-descriptors", PASS)
def those_who_waited_are_answered() -> Recording:
    tale = waiting()
    for name in WAITING:
        tale.forks(name).answers(name).closes(name).exits(name).reaps(name)
    return next_one(tale.sleeps("accept").quiet().leaves(*WAITING).quiet(), "after").over()


@shows("abuse/no-descriptors", PASS)
def those_who_waited_are_turned_away() -> Recording:
    tale = waiting().resets("waiting 1").resets("waiting 2").resets("waiting 3")
    return next_one(tale.quiet().leaves(*WAITING).quiet(), "after").over()


@shows("abuse/no-descriptors", FAIL, "emfile-is-fatal")
def emfile_ends_the_server() -> Recording:
    tale = ends(waiting(), printed="accept: Too many open files\n").leaves(*WAITING).quiet()
    return turned_away(tale, "after").over()


@shows("abuse/no-descriptors", FAIL, "crashes-on-shortage")
def what_a_call_returned_that_failed_is_used() -> Recording:
    tale = ends(waiting(), status=signal.SIGSEGV).leaves(*WAITING).quiet()
    return turned_away(tale, "after").over()


@shows("abuse/no-descriptors", FAIL)
def with_descriptors_again_it_answers_nobody() -> Recording:
    tale = waiting().sleeps("pause").quiet().leaves(*WAITING).quiet()
    return unanswered(tale, "after", "pause").over()


JAVA_SAYS = (
    'Exception in thread "main" java.io.IOException: Too many open files\n'
    "\tat java.base/sun.nio.ch.Net.accept(Native Method)\n"
    "\tat Server.main(Server.java:11)\n"
)


@shows("abuse/no-descriptors", FAIL, "acceptor-ends")
def the_thread_that_accepts_ends_and_the_workers_live_on() -> Recording:
    tale = waiting().prints(JAVA_SAYS).sleeps_in(futex=17).quiet().leaves(*WAITING).quiet()
    return unanswered(tale, "after", "futex").over()


@shows("abuse/no-descriptors", FAIL)
def a_worker_told_of_it_and_another_thread_still_accepts() -> Recording:
    tale = waiting().prints(JAVA_SAYS).sleeps_in(futex=16, accept=1).quiet().leaves(*WAITING).quiet()
    return unanswered(tale, "after", "futex").over()


@shows("abuse/no-descriptors", FAIL, "dies-of-sigpipe")
def with_descriptors_again_it_dies_of_sigpipe() -> Recording:
    tale = ends(waiting(), signal.SIGPIPE).leaves(*WAITING).quiet()
    return turned_away(tale, "after").over()


@shows("abuse/no-descriptors", NOT_APPLICABLE)
def it_polls_more_places_than_there_would_be_descriptors() -> Recording:
    tale = story("no descriptors").starts().sleeps("poll").runs_short_of("descriptors", bound=0)
    return next_one(tale.has_enough("descriptors"), "after", forks=False).over()


@shows("abuse/no-descriptors", INCONCLUSIVE)
def nobody_asked_when_it_was_over() -> Recording:
    return waiting().quiet().leaves(*WAITING).quiet().connects("after").quiet().over()


@shows("abuse/no-descriptors", PASS)
def it_gives_its_port_up_for_a_while() -> Recording:
    tale = story("no descriptors").starts().runs_short_of("descriptors").stops_listening()
    for name in WAITING:
        tale.is_refused(name)
    return next_one(tale.quiet().has_enough("descriptors").listens_again().quiet(), "after").over()


@shows("abuse/no-descriptors", FAIL, "closes-listener-on-error")
def it_closes_its_listener_for_good() -> Recording:
    tale = waiting().sleeps("epoll_wait").stops_listening().quiet().leaves(*WAITING).quiet()
    return tale.is_refused("after").quiet().over()


@shows("abuse/no-descriptors", INCONCLUSIVE)
def who_came_afterwards_was_refused_and_then_it_listened_again() -> Recording:
    tale = waiting().stops_listening().quiet().leaves(*WAITING).quiet()
    return tale.is_refused("after").listens_again().quiet().over()


# Out of processes


def unlucky() -> Story:
    """A client comes while the server gets no processes."""
    tale = story("no processes").starts().is_known(blocked=0, pending=0).quiet()
    tale.runs_short_of("processes").connects("unlucky")
    return tale.asks("unlucky").quiet().has_enough("processes")


def without_a_child() -> Story:
    """As `unlucky`: fork() has failed, and the client was turned away."""
    return unlucky().accepts("unlucky", call="accept").closes("unlucky").quiet()


@shows("abuse/no-processes", PASS)
def the_client_without_a_child_is_turned_away() -> Recording:
    tale = next_one(without_a_child().looks_after_bystander(), "after")
    return tale.leaves("unlucky").quiet().over()


@shows("abuse/no-processes", PASS)
def no_child_is_needed_for_a_client() -> Recording:
    tale = story("no processes").starts().runs_short_of("processes").connects("unlucky")
    tale.accepts("unlucky").asks("unlucky").answers("unlucky").closes("unlucky").sleeps("accept").quiet()
    tale.has_enough("processes").quiet().looks_after_bystander()
    return next_one(tale, "after", forks=False).leaves("unlucky").quiet().over()


@shows("abuse/no-processes", PASS)
def it_forks_again_when_there_are_processes_again() -> Recording:
    tale = unlucky().forks("unlucky").answers("unlucky").closes("unlucky").exits("unlucky")
    tale.reaps("unlucky").quiet().looks_after_bystander()
    return next_one(tale, "after").leaves("unlucky").quiet().over()


@shows("abuse/no-processes", FAIL, "fork-failure-is-fatal")
def a_failing_fork_ends_the_server() -> Recording:
    tale = ends(unlucky().resets("unlucky"), printed="fork: Resource temporarily unavailable\n")
    return turned_away(tale.looks_after_bystander(), "after").leaves("unlucky").quiet().over()


@shows("abuse/no-processes", FAIL)
def after_a_failing_fork_it_answers_nobody() -> Recording:
    tale = unlucky().sleeps("pause").quiet().looks_after_bystander()
    return unanswered(tale, "after", "pause").leaves("unlucky").quiet().over()


@shows("abuse/no-processes", FAIL, "leaks-on-fork-failure")
def the_connection_without_a_child_stays_open() -> Recording:
    tale = unlucky().accepts("unlucky", call="accept").quiet().looks_after_bystander()
    return next_one(tale, "after").leaves("unlucky").quiet().over()


def with_a_zombie(*, blocked: int) -> Recording:
    """As `without_a_child`; then a client is served by a child that nobody reaps."""
    tale = without_a_child().looks_after_bystander().is_known(blocked=blocked, pending=SIGCHLD)
    tale.connects("after").forks("after").quiet().asks("after").answers("after").closes("after")
    return tale.exits("after").quiet().leaves("after", "unlucky").quiet().over()


@shows("abuse/no-processes", FAIL, "mask-kept-on-failure")
def sigchld_is_blocked_since_fork_failed() -> Recording:
    return with_a_zombie(blocked=SIGCHLD)


@shows("abuse/no-processes", PASS)
def a_zombie_is_no_matter_of_a_failing_fork() -> Recording:
    return with_a_zombie(blocked=0)


def by_threads() -> Story:
    """One client was served by a thread of its own; when another comes, no thread can be started."""
    tale = story("no processes").starts().connects("before").accepts("before", call="accept")
    tale.has_threads(2).quiet().asks("before").answers("before").closes("before").has_threads(1)
    tale.quiet().leaves("before").quiet().runs_short_of("processes").connects("unlucky")
    return tale.asks("unlucky").quiet().has_enough("processes")


@shows("abuse/no-processes", FAIL, "thread-failure-is-fatal")
def a_failing_start_of_a_thread_ends_the_server() -> Recording:
    tale = ends(by_threads().resets("unlucky")).looks_after_bystander()
    return turned_away(tale, "after").leaves("unlucky").quiet().over()


@shows("abuse/no-processes", FAIL, "starter-ends")
def a_failing_start_of_a_thread_ends_the_one_that_starts_them() -> Recording:
    tale = by_threads().prints("Traceback (most recent call last):\n  File\nRuntimeError: can't start\n")
    tale.sleeps_in(accept=1).quiet().looks_after_bystander()
    return unanswered(tale, "after", "accept").leaves("unlucky").quiet().over()


@shows("abuse/no-processes", FAIL, "starter-ends")
def a_failing_start_of_a_thread_ends_the_one_that_accepts() -> Recording:
    tale = (
        by_threads()
        .prints("Traceback (most recent call last):\n  File\nRuntimeError: can't start new thread\n")
        .sleeps_in(futex=3)
        .quiet()
    )
    return unanswered(tale.looks_after_bystander(), "after", "futex").leaves("unlucky").quiet().over()


@shows("abuse/no-processes", FAIL, "leaks-on-thread-failure")
def the_connection_without_a_thread_stays_open() -> Recording:
    tale = by_threads().accepts("unlucky", call="accept").quiet().looks_after_bystander()
    return next_one(tale, "after", forks=False).leaves("unlucky").quiet().over()


@shows("abuse/no-processes", FAIL, "kills-minus-one", needs="nothing")
def somebody_elses_process_is_killed() -> Recording:
    tale = without_a_child().looks_after_bystander(lives=False)
    return next_one(tale, "after").leaves("unlucky").quiet().over()


@shows("abuse/no-processes", NOT_APPLICABLE)
def this_cell_has_no_processes_of_its_own() -> Recording:
    return story("no processes").starts().branches(SAYS_UNSAFE).over()


@shows("abuse/no-processes", INCONCLUSIVE)
def the_limit_could_not_be_lowered() -> Recording:
    tale = story("no processes").starts().runs_short_of("processes", bound=0).has_enough("processes")
    return next_one(tale.looks_after_bystander(), "after").over()


@shows("abuse/no-processes", INCONCLUSIVE)
def nobody_looked_after_the_bystander() -> Recording:
    return next_one(without_a_child(), "after").leaves("unlucky").quiet().over()


# Every error


def meeting(tale: Story, number: int, error: str, call: str = "", on: str = "") -> Story:
    """One client comes while a call is made to fail, and is turned away."""
    name = f"unlucky {number}"
    tale.connects(name).asks(name).accepts(name, call="accept").closes(name).quiet()
    return tale.meets(error, call, on).quiet().leaves(name)


def outliving(errors: Sequence[tuple[str, str, str]]) -> Story:
    """This number of calls fail, one after another; after each of them a client is answered."""
    tale = story("every error").starts()
    for number, (call, error, on) in enumerate(errors, start=1):
        next_one(meeting(tale, number, error, call, on), f"after {number}")
    return tale


OUTLIVED = (
    ("accept", "ECONNABORTED", "3<socket:[51300]>, NULL, NULL"),
    ("clone", "EAGAIN", "child_stack=NULL, flags=SIGCHLD"),
    ("read", "EINTR", CONNECTION),
    ("", "EPIPE", ""),
    ("wait4", "EINTR", "-1, NULL, WNOHANG, NULL"),
)


@shows("abuse/every-error", PASS)
def each_error_costs_one_connection() -> Recording:
    return outliving(OUTLIVED).over()


@shows("abuse/every-error", PASS)
def in_a_plain_cell_fork_is_left_out() -> Recording:
    tale = outliving(OUTLIVED[:1]).branches(SAYS_UNSAFE)
    return next_one(meeting(tale, 3, "EINTR", "read", CONNECTION), "after 3").over()


def met_and_ended(
    error: str,
    call: str,
    on: str,
    printed: str = "",
    times: int = 1,
    *,
    status: int = EXITS_WITH_1,
) -> Recording:
    """The server survives the first error; this one ends it."""
    tale = outliving(OUTLIVED[:1]).connects("unlucky 2").asks("unlucky 2").resets("unlucky 2")
    ends(tale, status, printed).meets(error, call, on, times).quiet().leaves("unlucky 2")
    return turned_away(tale, "after 2").over()


@shows("abuse/every-error", FAIL, "reads-from-minus-one")
def it_reads_for_ever_from_what_accept_returned() -> Recording:
    tale = story("every error").starts().serves("before", forks=False)
    tale.meets("ECONNABORTED", "accept").connects("after 1").runs().spins().asks("after 1").spins()
    return tale.leaves("after 1").spins().over()


@shows("abuse/every-error", FAIL, "accept-error-is-fatal")
def an_error_of_accept_is_the_end() -> Recording:
    on = "3<socket:[51300]>, NULL, NULL"
    return met_and_ended("EPROTO", "accept", on, "accept: Protocol error\n")


@shows("abuse/every-error", FAIL, "emfile-is-fatal")
def only_a_lack_of_descriptors_is_the_end() -> Recording:
    on = "3<socket:[51300]>, NULL, NULL"
    return met_and_ended("EMFILE", "accept", on, "accept: Too many open files\n")


@shows("abuse/every-error", FAIL, "accept-error-is-fatal")
def an_error_of_accept4_is_the_end() -> Recording:
    return met_and_ended("ENOBUFS", "accept4", "3<socket:[51300]>, NULL, NULL, SOCK_CLOEXEC")


ABORTS_OF_ITSELF = "node:internal/process/task_queues:82:21\n"


@shows("abuse/every-error", FAIL, "reset-is-fatal")
def what_nobody_catches_ends_in_abort() -> Recording:
    return met_and_ended("ECONNRESET", "read", CONNECTION, ABORTS_OF_ITSELF, status=signal.SIGABRT)


@shows("abuse/every-error", FAIL, "frees-twice")
def a_check_of_its_memory_ends_it_after_the_error() -> Recording:
    says = "free(): double free detected in tcache 2\n"
    return met_and_ended("ECONNRESET", "read", CONNECTION, says, status=signal.SIGABRT)


@shows("abuse/every-error", FAIL, "fork-error-is-fatal")
def an_error_of_fork_is_the_end() -> Recording:
    return met_and_ended("ENOMEM", "clone3", "{flags=CLONE_VM|CLONE_THREAD}, 88")


@shows("abuse/every-error", FAIL, "read-error-is-fatal")
def an_error_of_read_is_the_end() -> Recording:
    return met_and_ended("EINTR", "recvfrom", CONNECTION, "recv: Interrupted system call\n")


@shows("abuse/every-error", FAIL, "write-error-is-fatal")
def an_error_of_write_is_the_end() -> Recording:
    return met_and_ended("EPIPE", "sendto", '4<TCP:[127.0.0.1:54321->127.0.0.1:40001]>, "HELLO\\n", 6')


@shows("abuse/every-error", FAIL, "wait-error-is-fatal")
def an_error_of_a_blocking_wait_is_the_end() -> Recording:
    return met_and_ended("EINTR", "wait4", "-1, NULL, 0, NULL", "wait: Interrupted system call\n")


@shows("abuse/every-error", FAIL)
def after_an_error_it_lives_and_answers_nobody() -> Recording:
    tale = meeting(story("every error").starts(), 1, "ECONNABORTED", "accept", "3<socket:[51300]>")
    return unanswered(tale, "after 1", "futex").over()


@shows("abuse/every-error", NOT_APPLICABLE)
def strace_is_refused_from_the_start() -> Recording:
    cause = "strace: attach: ptrace(PTRACE_SEIZE, 7): Operation not permitted"
    return story("every error").starts().branches(cause, refused=True).over()


@shows("abuse/every-error", INCONCLUSIVE)
def strace_is_refused_in_the_middle() -> Recording:
    return outliving(OUTLIVED[:2]).branches("strace could not attach", refused=True).over()


@shows("abuse/every-error", BLOCKED)
def it_dies_while_traced_and_had_met_no_error() -> Recording:
    return met_and_ended("EINTR", "", "", "epoll_wait: Interrupted system call\n")


@shows("abuse/every-error", PASS)
def at_last_it_cannot_speak_to_a_process_of_its_own() -> Recording:
    on = '19<UNIX-STREAM:[87481857->87481858]>, {msg_iov=[{iov_base="NODE_HANDLE"'
    return met_and_ended("EPIPE", "sendmsg", on)


@shows("abuse/every-error", PASS)
def at_last_it_ends_over_what_it_prints() -> Recording:
    return met_and_ended("EPIPE", "write", '1</dev/pts/0>, "client\\n", 7')


@shows("abuse/every-error", INCONCLUSIVE)
def the_error_was_met_on_a_terminal() -> Recording:
    return met_and_ended("EINTR", "read", "0</dev/pts/0>, 4096")


@shows("abuse/every-error", INCONCLUSIVE)
def several_threads_met_the_error_at_once() -> Recording:
    return met_and_ended("EINTR", "recvfrom", CONNECTION, times=3)


@shows("abuse/every-error", NOT_APPLICABLE)
def it_makes_none_of_these_calls() -> Recording:
    return outliving([("", "ECONNABORTED", ""), ("", "EAGAIN", "")]).over()


@shows("abuse/every-error", INCONCLUSIVE)
def the_error_was_met_by_a_wait_that_never_sleeps() -> Recording:
    return met_and_ended("EINTR", "wait4", "-1, NULL, WNOHANG, NULL")


@shows("abuse/every-error", INCONCLUSIVE)
def nobody_came_after_the_error() -> Recording:
    return meeting(outliving(OUTLIVED[:1]), 2, "EAGAIN", "clone").over()


# Places


LEFT, BROKE_OFF = "left", "broke off"


def come_and_go(tale: Story, how: str, *, fds: int = 0, threads: int = 0) -> Story:
    """A hundred clients come and leave; the first process keeps something of them."""
    for half in (1, 2):
        tale.pass_by(f"those who {how}", 52, resets=how == BROKE_OFF)
        tale.has(fds=4 + half * fds // 2, threads=1 + half * threads // 2).quiet()
        tale.branches(f"{'half' if half == 1 else 'all'} of those have come who {how}")
    return tale


def next_to(tale: Story, how: str) -> Story:
    """The next client is served."""
    return tale.serves(f"next to those who {how}", forks=False)


@shows("abuse/lingering-places", PASS)
def all_give_their_places_back() -> Recording:
    tale = story("lingering places").starts().serves("first", forks=False)
    for how in (LEFT, BROKE_OFF):
        next_to(come_and_go(tale, how), how)
    return tale.over()


@shows("abuse/lingering-places", PASS)
def a_pool_of_descriptors_has_found_its_size() -> Recording:
    tale = story("lingering places").starts().serves("first", forks=False)
    come_and_go(tale, LEFT)
    next_to(tale, LEFT)
    for half in ("half", "all"):
        tale.pass_by("those who broke off", 52, resets=True)
        tale.has(fds=68).quiet().branches(f"{half} of those have come who broke off")
    return next_to(tale, BROKE_OFF).over()


@shows("abuse/lingering-places", BLOCKED)
def hardly_anybody_gets_in() -> Recording:
    tale = story("lingering places").starts().serves("first", forks=False)
    for how in (LEFT, BROKE_OFF):
        for half in ("half", "all"):
            tale.pass_by(f"those who {how}", 1, resets=how == BROKE_OFF)
            tale.quiet().branches(f"{half} of those have come who {how}")
        next_to(tale, how)
    return tale.over()


def no_place_left(how: str, *, forks: bool, says: str = "") -> Recording:
    tale = story("lingering places").starts().serves("first", forks=forks)
    if says:
        tale.prints(says)
    if how == BROKE_OFF:
        next_to(come_and_go(tale, LEFT), LEFT)
    come_and_go(tale, how).sleeps("futex")
    for each in (LEFT, BROKE_OFF):
        if how in (each, LEFT):
            name = f"next to those who {each}"
            tale.connects(name).quiet().asks(name).quiet().leaves(name).quiet()
            if each == LEFT:
                come_and_go(tale, BROKE_OFF)
    return tale.over()


@shows("abuse/lingering-places", FAIL, "places-not-returned")
def who_leaves_without_a_word_keeps_its_place() -> Recording:
    return no_place_left(LEFT, forks=False)


@shows("abuse/lingering-places", FAIL, "places-not-returned")
def who_breaks_off_keeps_its_place() -> Recording:
    return no_place_left(BROKE_OFF, forks=False)


def sleeps_for_each(*, goes_on: bool) -> Recording:
    """A loop that sleeps for a second for each client, and has not come to the next one yet."""
    tale = come_and_go(story("lingering places").starts().serves("first", forks=False), LEFT)
    name = f"next to those who {LEFT}"
    tale.sleeps("clock_nanosleep").connects(name).turns().asks(name).turns().leaves(name).turns()
    return (tale.sleeps("epoll_wait").quiet() if goes_on else tale).over()


@shows("abuse/lingering-places", INCONCLUSIVE)
def it_still_sleeps_for_those_who_came_before() -> Recording:
    return sleeps_for_each(goes_on=True)


@shows("abuse/lingering-places", FAIL, "places-not-returned")
def it_asks_by_the_clock_for_a_place_and_none_comes() -> Recording:
    return sleeps_for_each(goes_on=False)


@shows("abuse/lingering-places", FAIL, "line-outlives-client")
def all_who_broke_off_stand_in_the_next_ones_answer() -> Recording:
    tale = story("lingering places").starts().is_asked_for(dialogue=NAMED, closes=False)
    tale.sleeps("epoll_wait").quiet()
    for name, line, before in (
        ("first", b"the first of many", b""),
        (f"next to those who {LEFT}", b"is there a place?", b""),
        (f"next to those who {BROKE_OFF}", b"is there a place?", b"helhel"),
    ):
        if name != "first":
            come_and_go(tale, name.removeprefix("next to those who "))
        tale.connects(name).accepts(name, call="epoll_wait").quiet().asks(name, line + b"\n")
        tale.answers(name, b"ERROR what is %bx%b?\n" % (before, word_for(line))).quiet()
        tale.leaves(name).quiet()
    return tale.over()


@shows("abuse/lingering-places", FAIL, "lock-order")
def threads_of_those_who_left_wait_for_each_other() -> Recording:
    tale = story("lingering places").starts(imports=("pthread_create", "pthread_mutex_lock"))
    come_and_go(tale.serves("first", forks=False), LEFT).sleeps_in(accept=1, futex=2)
    name = f"next to those who {LEFT}"
    tale.connects(name).accepts(name, call="accept").asks(name).leaves_unread(name, 6)
    tale.sleeps_in(accept=1, futex=3).quiet()
    return tale.leaves(name).quiet().over()


@shows("abuse/lingering-places", FAIL, "error-ends-acceptor")
def an_error_has_ended_the_thread_that_accepts() -> Recording:
    tale = come_and_go(story("lingering places").starts(threads=5).serves("first", forks=False), LEFT)
    tale.prints(QUEUE_IS_FULL).sleeps("futex").sleeps_in(futex=5)
    name = f"next to those who {LEFT}"
    return tale.connects(name).quiet().asks(name).quiet().leaves(name).quiet().over()


@shows("abuse/lingering-places", FAIL, "places-not-returned")
def an_error_has_ended_a_thread_that_served() -> Recording:
    tale = come_and_go(story("lingering places").starts(threads=5).serves("first", forks=False), LEFT)
    tale.prints("Exception in thread Thread-3 (serve):\n" + OF_A_THREAD).sleeps("futex").sleeps_in(
        futex=5
    )
    name = f"next to those who {LEFT}"
    return tale.connects(name).quiet().asks(name).quiet().leaves(name).quiet().over()


@shows("abuse/lingering-places", FAIL, "counts-in-child")
def the_children_count_in_their_own_copy() -> Recording:
    return no_place_left(LEFT, forks=True)


@shows("abuse/lingering-places", FAIL, "waits-in-vain")
def the_kernel_has_reaped_whom_it_waits_for() -> Recording:
    return no_place_left(LEFT, forks=True, says="waitpid: No child processes\n")


@shows("abuse/lingering-places", FAIL)
def the_server_ends_when_its_table_is_full() -> Recording:
    tale = come_and_go(story("lingering places").starts().serves("first", forks=False), LEFT)
    ends(tale, EXITS_WITH_1, "table full\n")
    return turned_away(tale, "next to those who left").over()


@shows("abuse/lingering-places", FAIL, "reset-ends-workers")
def each_who_breaks_off_ends_a_thread_of_the_pool() -> Recording:
    tale = story("lingering places").starts(threads=41).serves("first", forks=False)
    next_to(come_and_go(tale, LEFT), LEFT)
    come_and_go(tale, BROKE_OFF).sleeps("pause")
    name = f"next to those who {BROKE_OFF}"
    return tale.connects(name).quiet().asks(name).quiet().leaves(name).quiet().over()


@shows("abuse/lingering-places", FAIL, "sigpipe-ends-workers")
def each_who_breaks_off_ends_a_worker_by_sigpipe() -> Recording:
    tale = story("lingering places").starts(workers=3).sleeps("pause").quiet()
    tale.serves("first", forks=False)
    next_to(come_and_go(tale, LEFT), LEFT)
    come_and_go(tale, BROKE_OFF)
    for pid in (101, 102, 103):
        tale.worker_ends(pid, status=signal.SIGPIPE, reaped=False)
    name = f"next to those who {BROKE_OFF}"
    return tale.connects(name).quiet().asks(name).quiet().leaves(name).quiet().over()


@shows("abuse/lingering-places", FAIL, "spins-on-reset")
def each_who_breaks_off_leaves_a_descriptor_and_no_rest() -> Recording:
    tale = story("lingering places").starts().serves("first", forks=False)
    next_to(come_and_go(tale, LEFT), LEFT)
    come_and_go(tale, BROKE_OFF, fds=104).runs().spins()
    return next_to(tale, BROKE_OFF).over()


@shows("abuse/lingering-places", FAIL, "leaks-on-reset")
def each_who_breaks_off_leaves_a_descriptor() -> Recording:
    tale = story("lingering places").starts().serves("first", forks=False)
    next_to(come_and_go(tale, LEFT), LEFT)
    return next_to(come_and_go(tale, BROKE_OFF, fds=104), BROKE_OFF).over()


@shows("abuse/lingering-places", FAIL, "leaks-on-goodbye")
def each_who_says_nothing_leaves_a_descriptor() -> Recording:
    tale = story("lingering places").starts().serves("first", forks=False)
    next_to(come_and_go(tale, LEFT, fds=104), LEFT)
    return next_to(come_and_go(tale, BROKE_OFF), BROKE_OFF).over()


def threads_grow(*then: int) -> Recording:
    """A thread stays of each of the first hundred; more come, and it has these numbers of threads."""
    tale = story("lingering places").starts().serves("first", forks=False)
    come_and_go(tale, LEFT, threads=104)
    for half, threads in zip(("more", "still more", "the last"), then, strict=False):
        tale.pass_by(f"those who {LEFT}", 104, resets=False).has(fds=4, threads=threads).quiet()
        tale.branches(f"{half} of those have come who {LEFT}")
    next_to(tale, LEFT)
    return next_to(come_and_go(tale, BROKE_OFF), BROKE_OFF).over()


@shows("abuse/lingering-places", FAIL, "thread-stays")
def each_who_says_nothing_leaves_a_thread() -> Recording:
    return threads_grow(209, 313, 417)


@shows("abuse/lingering-places", PASS)
def a_pool_starts_a_thread_for_each_of_its_first_clients() -> Recording:
    return threads_grow(201, 201)


@shows("abuse/lingering-places", INCONCLUSIVE)
def whether_the_threads_go_on_to_grow_was_not_seen() -> Recording:
    return threads_grow(209)


@shows("abuse/lingering-places", INCONCLUSIVE)
def nobody_came_after_them() -> Recording:
    return come_and_go(story("lingering places").starts().serves("first", forks=False), LEFT).over()


# More connections than select() can watch

THOUSAND = 1004
CROWDED_ERROR = "ValueError: filedescriptor out of range in select()\n"


def many(tale: Story, *, fds: int = 1040, answers: bytes | None = None) -> Story:
    """Three clients of a crowd ask while this number of descriptors is open; all are answered."""
    names = [f"one of many {number:02}" for number in (1, 2, 3)]
    for name in names:
        tale.connects(name).accepts(name, call="select")
    tale.has(fds=fds).quiet()
    for name in names:
        tale.asks(name, f"{name} asks\n".encode()).answers(name, answers).closes(name)
    return tale.quiet().leaves(*names).quiet()


@shows("abuse/many-connections", PASS)
def it_serves_beyond_the_thousandth() -> Recording:
    return many(story("many connections").starts()).serves("next", forks=False).over()


@shows("abuse/many-connections", PASS)
def it_turns_away_who_is_beyond_the_thousandth() -> Recording:
    tale = story("many connections").starts().connects("one of many 01").closes("one of many 01")
    tale.has(fds=THOUSAND + 4).quiet().asks("one of many 01").leaves("one of many 01").quiet()
    return tale.serves("next", forks=False).over()


@shows("abuse/many-connections", FAIL, "beyond-fd-setsize")
def select_ends_it() -> Recording:
    tale = many(story("many connections").starts())
    return turned_away(ends(tale, EXITS_WITH_1, CROWDED_ERROR), "next").over()


@shows("abuse/many-connections", FAIL, "error-ends-server")
def another_error_than_selects_ends_it() -> Recording:
    tale = many(story("many connections").starts())
    return turned_away(ends(tale, EXITS_WITH_1, QUEUE_IS_FULL), "next").over()


@shows("abuse/many-connections", FAIL, "beyond-fd-setsize")
def it_serves_nobody_after_the_thousandth() -> Recording:
    return unanswered(many(story("many connections").starts()), "next", "select").over()


@shows("abuse/many-connections", FAIL, "beyond-fd-setsize", needs="nothing")
def beyond_the_thousandth_replies_are_mixed() -> Recording:
    tale = many(story("many connections").starts(), answers=b"SOMETHING ELSE\n")
    return tale.serves("next", forks=False).over()


@shows("abuse/many-connections", FAIL, "shared-reply-buffer", needs="nothing")
def a_thread_sends_another_s_reply() -> Recording:
    tale = many(story("many connections").starts().has_threads(5), answers=b"ONE OF MANY 02 ASKS\n")
    return tale.serves("next", forks=False).over()


@shows("abuse/many-connections", NOT_APPLICABLE)
def nothing_is_inherited_here() -> Recording:
    return many(story("many connections").starts(), fds=40).has(fds=4).serves("next", forks=False).over()


@shows("abuse/many-connections", PASS)
def each_has_a_process_of_its_own() -> Recording:
    of_its_own = "each client is served by a process of its own: none holds many connections"
    tale = story("many connections").starts().connects("first").forks("first").quiet()
    return tale.branches(of_its_own).over()


@shows("abuse/many-connections", INCONCLUSIVE)
def nobody_came_after_the_crowd() -> Recording:
    return many(story("many connections").starts()).over()
