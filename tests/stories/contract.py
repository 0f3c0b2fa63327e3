"""Stories of contract/*."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import Any

from harness.record.events import SetUp, SetUpCall
from harness.record.recording import Recording
from harness.record.snapshot import ProofKind
from tests.recordings import FIRST_CLIENT_PORT, PORT, SERVER, Story, story, weakened
from tests.stories import (
    FAIL,
    INCONCLUSIVE,
    NOT_APPLICABLE,
    PASS,
    SERIES,
    in_a_row,
    shows,
)


@shows("contract/starts", PASS)
@shows("contract/listens", PASS)
@shows("contract/address", PASS)
@shows("contract/foreground", PASS)
@shows("contract/backlog", PASS)
def it_listens_and_waits() -> Recording:
    return story("starting").starts().quiet().over()


@shows("contract/starts", FAIL, "does-not-compile", needs="nothing")
def the_compiler_complains() -> Recording:
    return story("starting").does_not_compile("server.c:3:1: error: expected ';'").over()


@shows("contract/starts", FAIL, "missing-file", needs="nothing")
def a_file_was_not_handed_in() -> Recording:
    said = "server.c:4:10: fatal error: 'pool.h' file not found\n    4 | #include \"pool.h\"\n"
    return story("starting").does_not_compile(said).over()


@shows("contract/starts", FAIL, "not-linked", needs="nothing")
def the_linker_misses_a_name() -> Recording:
    said = "/usr/bin/ld: /tmp/cc7.o: in function `main':\n"
    said += "server.c:(.text+0x9): undefined reference to `answer'\ncollect2: error: ld returned 1"
    return story("starting").does_not_compile(said).over()


@shows("contract/starts", FAIL, "defined-twice", needs="nothing")
def a_header_defines_a_variable() -> Recording:
    said = "/usr/bin/ld: /tmp/cc8.o:(.bss+0x0): multiple definition of `count'; /tmp/cc7.o:(.bss+0x0): "
    said += "first defined here\ncollect2: error: ld returned 1 exit status"
    return story("starting").does_not_compile(said).over()


@shows("contract/starts", FAIL, "of-windows", needs="nothing")
def it_is_written_for_windows() -> Recording:
    said = "server.cpp:3:10: fatal error: 'WS2tcpip.h' file not found\n    3 | #include <WS2tcpip.h>\n"
    return story("starting").does_not_compile(said).over()


@shows("contract/starts", FAIL, "no-interpreter", needs="nothing")
def its_first_line_ends_as_on_windows() -> Recording:
    said = "/usr/bin/env: 'python3\\r': No such file or directory\n"
    said += "/usr/bin/env: use -[v]S to pass options in shebang lines\n"
    return story("starting").ends_at_once(127 << 8, said).over()


@shows("contract/starts", FAIL, "no-interpreter", needs="nothing")
def its_interpreter_is_not_there() -> Recording:
    said = "cannot run ./server: No such file or directory\n"
    return story("starting").ends_at_once(127 << 8, said).over()


@shows("contract/starts", FAIL, "does-not-compile", needs="nothing")
def a_header_of_the_system_is_not_there() -> Recording:
    said = "server.c:4:10: fatal error: bsd/string.h: No such file or directory\n"
    said += "    4 | #include <bsd/string.h>\n"
    return story("starting").does_not_compile(said).over()


@shows("contract/starts", FAIL, "wants-arguments", needs="nothing")
def it_exits_with_its_usage() -> Recording:
    return story("starting").ends_at_once(2 << 8, "usage: server PORT\n").over()


@shows("contract/starts", FAIL, "wants-arguments", needs="nothing")
def it_says_how_to_start_it_and_crashes() -> Recording:
    return story("starting").ends_at_once(11, "eg: ./server port path\n").over()


@shows("contract/starts", FAIL, needs="nothing")
def it_names_itself_before_what_went_wrong() -> Recording:
    return story("starting").ends_at_once(1 << 8, "./server: what now\n").over()


@shows("contract/starts", FAIL, needs="nothing")
def it_exits_with_status_2() -> Recording:
    return story("starting").ends_at_once(2 << 8, "I cannot go on\n").over()


def raising(error: str) -> Recording:
    words = f'Traceback (most recent call last):\n  File "server.py", line 1, in <module>\n{error}\n'
    return story("starting").ends_at_once(1 << 8, words).over()


@shows("contract/starts", FAIL, "shadows-module", needs="nothing")
def its_own_socket_py_is_imported() -> Recording:
    return raising("AttributeError: module 'socket' has no attribute 'create_server'")


@shows("contract/starts", FAIL, "shadows-module", needs="nothing")
def its_own_select_py_is_imported() -> Recording:
    return raising("ImportError: cannot import name 'poll' from 'select' (/home/student/select.py)")


@shows("contract/starts", FAIL, needs="nothing")
def a_name_of_the_module_is_misspelt() -> Recording:
    return raising("AttributeError: module 'socket' has no attribute 'create_srever'")


@shows("contract/starts", FAIL, "no-loop", needs="nothing")
def it_listens_and_is_over() -> Recording:
    return story("starting").ends_at_once(0, "Server is listening on port 54321\n").over()


@shows("contract/starts", FAIL, "bad-pointer", needs="nothing")
def it_crashes() -> Recording:
    return story("starting").ends_at_once(signal.SIGSEGV).over()


@shows("contract/starts", INCONCLUSIVE)
def it_wanted_more_threads_than_its_cell_allows() -> Recording:
    said = "pthread_create: Resource temporarily unavailable\n"
    return story("starting").ends_at_once(1 << 8, said).over()


@shows("contract/starts", FAIL, "slide-10-slip", needs="nothing")
def its_socket_is_refused_as_slide_10_prints_it() -> Recording:
    return story("starting").ends_at_once(1 << 8, "socket: Protocol not supported\n").over()


@shows("contract/starts", FAIL, "unreadable", needs="nothing")
def it_is_written_for_python_2() -> Recording:
    said = "SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?\n"
    return story("starting").ends_at_once(1 << 8, said).over()


@shows("contract/starts", FAIL, "unreadable", needs="nothing")
def perl_cannot_read_it() -> Recording:
    return (
        story("starting")
        .ends_at_once(255 << 8, 'syntax error at server.pl line 9, near "print"\n')
        .over()
    )


@shows("contract/starts", FAIL, "address-not-here", needs="nothing")
def its_address_is_none_of_this_machines() -> Recording:
    return story("starting").ends_at_once(1 << 8, "bind: Cannot assign requested address\n").over()


@shows("contract/starts", FAIL, "port-taken", needs="nothing")
def it_takes_its_port_twice() -> Recording:
    said = (
        "OSError: [Errno 98] Address already in use (while attempting to bind on address ('', 54321))\n"
    )
    return story("starting").ends_at_once(1 << 8, said).over()


@shows("contract/starts", FAIL, "port-taken", needs="nothing")
def a_worker_takes_it_once_more() -> Recording:
    said = "java.net.BindException: Address already in use\n\tat Server.main(Server.java:9)\n"
    return story("starting").ends_at_once(1 << 8, said).over()


@shows("contract/starts", FAIL, "port-of-root", needs="nothing")
def its_port_is_roots() -> Recording:
    said = "Error: listen EACCES: permission denied 0.0.0.0:80\n    at Server.listen (node:net:1)\n"
    return story("starting").ends_at_once(1 << 8, said).over()


@shows("contract/starts", FAIL, "not-permitted", needs="nothing")
def it_wants_what_is_roots() -> Recording:
    return story("starting").ends_at_once(1 << 8, "chroot: Operation not permitted\n").over()


@shows("contract/starts", FAIL, needs="nothing")
def it_may_not_write_its_log() -> Recording:
    said = "PermissionError: [Errno 13] Permission denied: '/var/log/server.log'\n"
    return story("starting").ends_at_once(1 << 8, said).over()


@shows("contract/listens", FAIL, "datagrams")
def it_waits_for_datagrams() -> Recording:
    return story("starting").starts(listens=False, sleeps="recvfrom").quiet().over()


@shows("contract/listens", FAIL, "not-tcp")
def it_waits_at_a_path() -> Recording:
    return story("starting").starts(listens=False, sleeps="accept4").quiet().over()


@shows("contract/starts", FAIL, "ends-unvisited", needs="a look")
def nobody_comes_until_its_clock_strikes() -> Recording:
    return story("starting").starts().until().stops_listening().dies(1 << 8).quiet().over()


@shows("contract/starts", FAIL, "alarm-ends-server", needs="a look")
def an_alarm_that_nobody_handles_ends_it() -> Recording:
    tale = story("starting").starts(imports=("alarm", "listen")).quiet()
    return tale.stops_listening().dies(signal.SIGALRM).quiet().over()


@shows("contract/starts", FAIL, "would-block-is-fatal", needs="nothing")
def accept_finds_nobody_and_it_ends() -> Recording:
    words = "accept: Resource temporarily unavailable\n"
    return story("starting").ends_at_once(1 << 8, words).over()


@shows("contract/starts", FAIL, needs="a look")
def it_listens_and_ends() -> Recording:
    return story("starting").starts().quiet().stops_listening().dies(0).quiet().over()


@shows("contract/starts", PASS)
def its_clock_strikes_and_it_stays() -> Recording:
    return story("starting").starts().until().quiet().over()


@shows("contract/listens", FAIL, "never-listens")
@shows("contract/starts", PASS)
def it_sleeps_without_a_listener() -> Recording:
    return story("starting").starts(listens=False).quiet().over()


@shows("contract/listens", FAIL, "never-listens")
@shows("contract/starts", PASS)
def to_be_asked_where_it_sleeps_ends_its_pause() -> Recording:
    return story("starting").starts(listens=False).quiet().dies(0).over()


@shows("contract/listens", INCONCLUSIVE)
def its_first_thread_has_left_the_others() -> Recording:
    tale = story("starting").starts(listens=False, threads=2)
    return tale.is_known(state="Z", threads=2).quiet().over()


@shows("contract/listens", INCONCLUSIVE)
def it_hides() -> Recording:
    return story("starting").starts(listens=False, hides=True).quiet().over()


@shows("contract/listens", FAIL, needs="nothing")
def it_hides_and_may_not() -> Recording:
    tale = story("starting").is_asked_for(unseen="fail").starts(listens=False, hides=True)
    return weakened(tale.quiet().over(), "until")


@shows("contract/listens", FAIL, "no-listen")
def it_makes_its_sockets_itself_and_has_no_call_of_listen() -> Recording:
    return story("starting").starts(listens=False, imports=("socket", "waitpid")).quiet().over()


def in_vain(on: int, error: str, proof: ProofKind, imports: tuple[str, ...] | None = None) -> Recording:
    tale = story("starting").starts(listens=False, vain=(on, error), imports=imports)
    return weakened(tale.quiet().over(), proof)


@shows("contract/listens", FAIL, "compares-first", needs="nothing")
def it_takes_its_terminal_for_its_socket() -> Recording:
    return in_vain(0, "ENOTSOCK", "spin")


@shows("contract/listens", FAIL, "accepts-in-vain", needs="nothing")
def it_calls_accept_on_a_socket_that_was_shut_down() -> Recording:
    return in_vain(3, "EINVAL", "spin")


@shows("contract/listens", FAIL, "accepts-closed", needs="nothing")
def it_naps_between_two_calls_of_accept_on_a_closed_socket() -> Recording:
    return in_vain(3, "EBADF", "until")


@shows("contract/listens", FAIL, "socket-failed", needs="nothing")
def it_calls_accept_on_what_socket_returned_when_it_failed() -> Recording:
    return in_vain(-1, "EBADF", "spin")


@shows("contract/listens", FAIL, "slide-10-runaway", needs="nothing")
def it_forks_for_each_failure_and_meets_our_limit() -> Recording:
    tale = story("starting").starts(listens=False, workers=127, vain=(-1, "EBADF"))
    return weakened(tale.quiet().over(), "guard")


@shows("contract/listens", FAIL, "no-listen", needs="nothing")
def it_calls_accept_and_has_no_call_of_listen() -> Recording:
    return in_vain(3, "EINVAL", "spin", imports=("bind", "socket"))


@shows("contract/starts", FAIL, "compares-first", needs="nothing")
def bind_says_that_its_descriptor_is_no_socket() -> Recording:
    return story("starting").ends_at_once(256, "bind: Socket operation on non-socket\n").over()


@shows("contract/listens", FAIL, "slide-10-runaway")
def it_forks_without_end_and_without_a_listener() -> Recording:
    tale = story("starting").starts(listens=False, workers=120, runaway=True)
    return weakened(tale.quiet().over(), "spin")


@shows("contract/listens", INCONCLUSIVE)
def it_still_computes_when_its_time_to_start_is_over() -> Recording:
    return weakened(story("starting").starts(listens=False, workers=1).quiet().over(), "spin")


@shows("contract/listens", INCONCLUSIVE)
def it_still_naps_when_its_time_to_start_is_over() -> Recording:
    return weakened(story("starting").starts(listens=False).quiet().over(), "until")


def listening(printed: str = f"Server is listening on port {PORT}\n", **where: Any) -> Recording:
    return story("starting").starts(**where).prints(printed).quiet().over()


def listening_twice(
    port: int, again: int, printed: str = "", imports: tuple[str, ...] | None = None
) -> Recording:
    """The server is started, killed, and started again, and listens on these ports."""
    tale = story("starting").starts(port=port, imports=imports).prints(printed).quiet().is_killed()
    return tale.starts(port=again).prints(printed).quiet().over()


@shows("contract/address", FAIL, "htons-forgotten", needs="nothing")
def the_bytes_of_the_port_are_swapped() -> Recording:
    return listening(port=12756)


@shows("contract/address", PASS)
def the_kernel_may_draw_the_port() -> Recording:
    return story("starting").is_asked_for(port="any").starts(port=39_871).quiet().over()


@shows("contract/address", FAIL, "bind-unchecked", needs="nothing")
def the_kernel_has_drawn_the_port() -> Recording:
    return listening_twice(39_871, 45_013)


@shows("contract/address", FAIL, "bind-unchecked", needs="nothing")
def it_calls_bind_and_the_kernel_has_drawn_the_port() -> Recording:
    return listening_twice(39_871, 45_013, imports=("bind", "listen", "socket"))


def traced(*calls: SetUpCall) -> Recording:
    told = listening_twice(39_871, 45_013, imports=("bind", "listen", "socket"))
    *before, last = told.events
    return replace(told, events=(*before, SetUp(last.at_ns, "server", calls), last))


@shows("contract/address", FAIL, "bind-failed", needs="nothing")
def bind_failed_in_another_run() -> Recording:
    return traced(SetUpCall("bind", 3, PORT, 8, "EINVAL"), SetUpCall("listen", 3))


@shows("contract/address", FAIL, "port-0", needs="nothing")
def bind_was_given_port_0_in_another_run() -> Recording:
    return traced(SetUpCall("bind", 3, 0, 16), SetUpCall("listen", 3))


@shows("contract/address", FAIL, "bound-another", needs="nothing")
def bind_and_listen_were_called_for_two_sockets() -> Recording:
    return traced(SetUpCall("bind", 3, PORT, 16), SetUpCall("listen", 4))


@shows("contract/address", FAIL, "no-bind", needs="nothing")
def it_has_no_call_of_bind() -> Recording:
    return listening_twice(39_871, 45_013, imports=("listen", "socket"))


@shows("contract/address", FAIL, "wrong-port", needs="nothing")
def the_port_lies_where_the_kernel_draws_and_stays() -> Recording:
    return listening_twice(50_000, 50_000)


@shows("contract/address", FAIL, needs="nothing")
def nobody_sees_whether_the_port_stays() -> Recording:
    return listening("", port=50_001)


@shows("contract/address", FAIL, "htons-forgotten", needs="nothing")
def the_bytes_of_a_round_port_are_swapped() -> Recording:
    return listening_twice(33_315, 33_315)  # 9090


@shows("contract/address", FAIL, "htons-forgotten", needs="nothing")
def the_bytes_of_the_port_that_it_names_are_swapped() -> Recording:
    return listening_twice(3862, 3862, "Listening on port 5647\n")


@shows("contract/address", FAIL, "wrong-port", needs="nothing")
def it_names_the_port_whose_bytes_could_be_swapped() -> Recording:
    return listening_twice(33_315, 33_315, "Listening on port 33315\n")


@shows("contract/address", FAIL, "wrong-port", needs="nothing")
def the_port_is_another() -> Recording:
    return listening("Server is listening on port 8080\n", port=8080)


@shows("contract/address", FAIL, "wrong-port", needs="nothing")
def it_knows_the_other_port_that_it_has() -> Recording:
    return listening("Server is listening on port 50000\n", port=50_000)


def over_v6(address: str, *, v6_only: bool = False) -> Recording:
    return listening(address=address, v6=True, v6_only=v6_only)


@shows("contract/address", PASS)
def it_listens_on_127_0_0_1() -> Recording:
    return listening(address="7f000001")


@shows("contract/address", PASS)
def it_listens_on_every_address_over_ipv6() -> Recording:
    return over_v6("00" * 16)


@shows("contract/address", PASS)
def it_listens_on_a_mapped_address() -> Recording:
    return over_v6("7f000001")


@shows("contract/address", FAIL, "only-v6", needs="nothing")
def it_listens_on_the_loopback_of_ipv6() -> Recording:
    return over_v6("00" * 15 + "01")


@shows("contract/address", FAIL, "v6-only", needs="nothing")
def it_listens_for_ipv6_alone() -> Recording:
    return over_v6("00" * 16, v6_only=True)


@shows("contract/address", FAIL, "one-address", needs="nothing")
def it_listens_on_an_address_of_the_machine() -> Recording:
    return listening(address="0a000007")


@shows("contract/foreground", FAIL, "daemonises", needs="nothing")
def what_was_started_has_gone() -> Recording:
    return listening(stays=False)


@shows("contract/backlog", FAIL, "small-backlog", needs="nothing")
def one_alone_may_wait() -> Recording:
    return listening(backlog=0)


# Announcing


BANNER = f"Server is listening on port {PORT}\n"


def announcing(terminal: str, pipe: str, *, listens: bool = True) -> Recording:
    """What the server printed on a terminal, and in a pipe."""
    tale = three_clients(story("announcing").starts(), "terminal").prints(terminal).is_killed()
    if not listens:
        return tale.ends_at_once(1 << 8, pipe).over()
    return three_clients(tale.starts(), "pipe").prints(pipe).quiet().over()


def three_clients(tale: Story, output: str) -> Story:
    for number in (1, 2, 3):
        tale.serves(f"{output}, client {number}")
    return tale


@shows("contract/announces", PASS)
def the_banner_is_in_the_pipe_too() -> Recording:
    return announcing(BANNER, BANNER)


@shows("contract/announces", PASS)
def clients_are_announced_as_well() -> Recording:
    log = "".join(f"client {number} came to port {PORT}\n" for number in (1, 2, 3))
    return announcing(BANNER + log, BANNER + log)


@shows("contract/announces", PASS)
def it_says_what_time_it_is() -> Recording:
    return announcing("12:00:01 listening on 54321\n", "12:00:02 listening on 54321\n")


@shows("contract/announces", FAIL, "banner-stuck")
def the_banner_stays_in_the_buffer() -> Recording:
    return announcing(BANNER, "")


@shows("contract/announces", FAIL, "banner-per-child", needs="nothing")
def each_child_prints_its_copy() -> Recording:
    return announcing(BANNER, BANNER * 3)


@shows("contract/announces", FAIL, needs="nothing")
def without_a_newline_each_child_prints_it_everywhere() -> Recording:
    return announcing(BANNER.strip() * 3, BANNER.strip() * 3)


@shows("contract/announces", FAIL, "banner-in-loop", needs="nothing")
def it_says_so_before_each_accept() -> Recording:
    return announcing(BANNER * 4, BANNER * 4)


@shows("contract/announces", FAIL, needs="nothing")
def it_says_so_twice() -> Recording:
    return announcing(BANNER * 2, BANNER * 2)


@shows("contract/announces", FAIL)
def it_announces_a_port_that_it_has_not() -> Recording:
    return announcing("Server is listening on port 0\n", "Server is listening on port 0\n")


@shows("contract/announces", FAIL)
def it_announces_another_port_in_words_of_its_own() -> Recording:
    return announcing("* Port: 8080 (Press ^C)\n", "* Port: 8080 (Press ^C)\n")


@shows("contract/announces", FAIL, "no-banner")
def it_prints_the_ports_of_its_clients() -> Recording:
    said = f"connection -- port:{FIRST_CLIENT_PORT}\tip:127.0.0.1\n"
    return announcing(said, said)


@shows("contract/announces", FAIL, "no-banner")
def it_says_nothing() -> Recording:
    return announcing("", "")


@shows("contract/announces", FAIL, "no-banner")
def it_names_no_port() -> Recording:
    return announcing("ready, process 154321\n", "ready, process 154321\n")


@shows("contract/announces", INCONCLUSIVE)
def it_does_not_listen_again() -> Recording:
    return announcing(BANNER, "bind: Address already in use\n", listens=False)


# A demanded design


def serving(design: str, tale: Story | None = None, *, forks: bool = False) -> Recording:
    """Eight clients are served, by the first process or by a child for each, under this assignment."""
    tale = (tale or story(SERIES).starts()).is_asked_for(design=design)
    return in_a_row(tale, forks=forks).over()


def patient(*, after_s: float, ends: bool = True) -> Recording:
    """A client is silent for this time; then its connection is closed, or is still there."""
    tale = story("patience").is_asked_for(idle_timeout_s=[4, 7]).starts()
    tale.connects("silent").forks("silent").rests().waits(after_s)
    if ends:
        tale.closes("silent").exits("silent").reaps("silent")
    return tale.rests().serves("next").over()


@shows("contract/idle-timeout", NOT_APPLICABLE)
def no_limit_is_set_for_silence() -> Recording:
    return story("patience").starts().branches("the assignment sets no limit").over()


@shows("contract/idle-timeout", PASS)
def it_is_thrown_out_after_five_seconds() -> Recording:
    return patient(after_s=5)


@shows("contract/idle-timeout", FAIL, needs="nothing")
def it_is_thrown_out_after_two_seconds() -> Recording:
    return patient(after_s=2)


@shows("contract/idle-timeout", FAIL, "never-throws-out", needs="a look")
def it_is_still_there_after_eight_seconds() -> Recording:
    return patient(after_s=8, ends=False)


@shows("contract/idle-timeout", INCONCLUSIVE)
def nobody_has_waited_long_enough() -> Recording:
    return patient(after_s=3, ends=False)


@shows("contract/design", NOT_APPLICABLE)
def the_assignment_demands_no_design() -> Recording:
    return serving("", forks=True)


@shows("contract/design", PASS)
def a_child_where_fork_is_demanded() -> Recording:
    return serving("fork", forks=True)


@shows("contract/design", PASS)
def one_process_where_an_event_loop_is_demanded() -> Recording:
    return serving("event loop")


@shows("contract/design", FAIL, "not-by-fork")
def one_process_where_fork_is_demanded() -> Recording:
    return serving("fork")


@shows("contract/design", FAIL)
def children_where_threads_are_demanded() -> Recording:
    return serving("threads", forks=True)


@shows("contract/design", PASS)
def processes_beforehand_where_they_are_demanded() -> Recording:
    return serving("prefork", story(SERIES).starts(workers=4))


@shows("contract/design", FAIL)
def processes_beforehand_where_an_event_loop_is_demanded() -> Recording:
    return serving("event loop", story(SERIES).starts(workers=4))


def with_threads(design: str, before: dict[str, int], *during: dict[str, int]) -> Recording:
    """The threads of the first process sleep in these calls before any client, and with each client."""
    tale = story(SERIES).is_asked_for(design=design).starts().sleeps_in(**before).quiet()
    for number, calls in enumerate(during, start=1):
        name = f"client {number}"
        tale.connects(name).accepts(name).sleeps_in(**calls).quiet().asks(name).answers(name)
        tale.closes(name).quiet().leaves(name).quiet()
    return tale.over()


@shows("contract/design", PASS)
def a_jvm_that_serves_in_its_accepting_thread_is_one_process() -> Recording:
    tale = story(SERIES).is_asked_for(design="event loop").starts()
    tale.sleeps_in(futex=12, accept=1).sleeps("futex").quiet().connects("client 1").accepts("client 1")
    tale.sleeps_in(futex=12, recvfrom=1).sleeps("futex").quiet().asks("client 1").answers("client 1")
    return tale.closes("client 1").quiet().leaves("client 1").quiet().over()


@shows("contract/design", PASS)
def a_thread_for_each_client() -> Recording:
    return with_threads("threads", {"accept": 1}, {"accept": 1, "read": 1}, {"accept": 1, "read": 2})


@shows("contract/design", PASS)
def a_pool_is_one_of_threads() -> Recording:
    return with_threads("threads", {"accept": 4}, {"accept": 3, "read": 1})


@shows("contract/design", PASS)
def a_runtime_keeps_threads_beside_its_loop() -> Recording:
    calls = {"epoll_pwait": 1, "futex": 6}
    return with_threads("event loop", calls, calls, calls)


@shows("contract/design", PASS)
def a_runtime_starts_its_threads_with_the_first_client() -> Recording:
    later = {"epoll_pwait": 1, "futex": 3}
    return with_threads("event loop", {"epoll_pwait": 1}, later, later)


@shows("contract/design", INCONCLUSIVE)
def nobody_is_seen_to_hold_the_connection() -> Recording:
    tale = story(SERIES).is_asked_for(design="fork").starts().connects("client 1").quiet()
    return tale.asks("client 1").answers("client 1").quiet().leaves("client 1").quiet().over()


# Its own program


HOME = "/home/student"


def executing(program: str, *words: str, **names: str) -> Recording:
    """Eight clients of a server that executes this; `names` are files by the word that names them."""
    found = {word.replace("_", "."): path for word, path in names.items()}
    tale = story("one after another").starts().executes(program, *words, names=found)
    return in_a_row(tale).executes(program, *words, names=found).over()


@shows("contract/own-program", PASS)
def it_was_built_from_what_was_handed_in() -> Recording:
    return executing(f"{HOME}/tcpserver", "54321")


@shows("contract/own-program", PASS)
def an_image_has_its_hand_ins_below_usr() -> Recording:
    return executing("/usr/src/app/server", "54321")


@shows("contract/own-program", PASS)
def an_interpreter_runs_a_file_of_the_hand_in() -> Recording:
    return executing("/usr/bin/python3.11", "-u", "server.py", server_py=f"{HOME}/server.py")


@shows("contract/own-program", PASS)
def a_module_of_the_hand_in_is_run() -> Recording:
    return executing("/usr/bin/python3.11", "-m", "server", server=f"{HOME}/server.py")


@shows("contract/own-program", PASS)
def a_class_is_run_from_a_folder_of_the_hand_in() -> Recording:
    return executing(
        "/usr/lib/jvm/java-17/bin/java", "-cp", "classes", "Main", classes=f"{HOME}/classes/"
    )


@shows("contract/own-program", PASS)
def its_classes_lie_behind_a_library() -> Recording:
    found = "/usr/share/java/jansi.jar:/home/student/classes/"
    return executing("/usr/lib/jvm/java-17/bin/java", "-cp", "path", "Main", path=found)


@shows("contract/own-program", PASS)
def a_debugger_of_its_language_runs_it() -> Recording:
    return executing("/usr/bin/python3.11", "-m", "trace", "server.py", server_py=f"{HOME}/server.py")


@shows("contract/own-program", PASS)
def python_is_told_to_leave_variables_alone() -> Recording:
    return executing("/usr/bin/python3.11", "-E", "server.py", server_py=f"{HOME}/server.py")


@shows("contract/own-program", PASS)
def what_is_watched_by_a_tool_is_its_own() -> Recording:
    memcheck = "/usr/libexec/valgrind/memcheck-amd64-linux"
    return executing(memcheck, "server", server=f"{HOME}/server")


@shows("contract/own-program", PASS)
def who_waits_in_accept_is_its_own() -> Recording:
    """A helper of the system has inherited the listening socket, and waits for something else."""
    tale = story("one after another").starts().forks_worker().quiet().executes(f"{HOME}/server")
    helper = SERVER + 1
    tale.sleeps("read", helper).holds_listener(helper).quiet()
    tale.executes(f"{HOME}/server").executes("/usr/bin/tail", "-f", "log", pid=helper)
    return in_a_row(tale).over()


@shows("contract/own-program", FAIL, "ready-made", needs="a look")
def socat_listens() -> Recording:
    return executing("/usr/bin/socat", "TCP-LISTEN:54321,fork", "PIPE")


@shows("contract/own-program", NOT_APPLICABLE)
def somebody_who_maintains_it_asks_about_socat() -> Recording:
    """`forkspec check -- socat ...`: nobody has handed in anything."""
    words = "/usr/bin/socat", "TCP-LISTEN:54321,fork", "PIPE"
    tale = story("one after another").starts(no_hand_in=True).executes(*words)
    return in_a_row(tale).executes(*words).over()


@shows("contract/own-program", NOT_APPLICABLE)
def an_assignment_starts_nginx() -> Recording:
    """`[submission] run` of the assignment names it: a maintainer's daemon."""
    words = "/usr/sbin/nginx", "-c", "nginx.conf"
    tale = story("one after another").starts(named=("nginx",)).executes(*words)
    return in_a_row(tale).executes(*words).over()


@shows("contract/own-program", NOT_APPLICABLE)
def an_assignment_starts_a_module() -> Recording:
    words = "/usr/bin/python3.11", "-m", "gunicorn", "app:app"
    tale = story("one after another").starts(named=("sh", "gunicorn")).executes(*words)
    return in_a_row(tale).executes(*words).over()


@shows("contract/own-program", NOT_APPLICABLE)
def an_assignment_starts_puma_which_changes_its_title() -> Recording:
    words = "puma 5.6.5 (tcp://127.0.0.1:54321) [files]", ""
    tale = story("one after another").starts(named=("puma",)).executes("/usr/bin/ruby3.1", *words)
    return in_a_row(tale).executes("/usr/bin/ruby3.1", *words).over()


@shows("contract/own-program", FAIL, "ready-made", needs="a look")
def an_assignment_starts_an_interpreter_and_that_becomes_socat() -> Recording:
    words = "/usr/bin/socat", "TCP-LISTEN:54321,fork", "EXEC:python3"
    tale = story("one after another").starts(named=("python3",)).executes(*words)
    return in_a_row(tale).executes(*words).over()


@shows("contract/own-program", PASS)
def a_program_of_ones_own_is_named_on_the_command_line() -> Recording:
    tale = story("one after another").starts(no_hand_in=True).executes(f"{HOME}/server")
    return in_a_row(tale).executes(f"{HOME}/server").over()


@shows("contract/own-program", FAIL, "ready-made", needs="a look")
def ncat_runs_a_file_of_the_hand_in_for_each_client() -> Recording:
    return executing("/usr/bin/ncat", "-lk", "-e", "serve.sh", serve_sh=f"{HOME}/serve.sh")


@shows("contract/own-program", FAIL, "ready-made", needs="a look")
def its_text_stands_on_the_command_line() -> Recording:
    return executing(
        "/usr/bin/perl", "-we", "use IO::Socket;", "notes.txt", notes_txt=f"{HOME}/notes.txt"
    )


@shows("contract/own-program", FAIL, "ready-made", needs="a look")
def a_module_of_the_system_shows_a_folder_of_the_hand_in() -> Recording:
    return executing("/usr/bin/python3.11", "-m", "http.server", "-d", "www", www=f"{HOME}/www/")


@shows("contract/own-program", FAIL, "ready-made", needs="a look")
def a_file_of_the_system_is_run() -> Recording:
    server = "/usr/lib/python3.11/http/server.py"
    return executing("/usr/bin/python3.11", "server.py", server_py=server)


@shows("contract/own-program", FAIL, "ready-made", needs="a look")
def its_own_program_waits_for_the_one_that_serves() -> Recording:
    """What was handed in has the listening socket, and waits for a ready-made child that accepts."""
    tale = story("one after another").starts().forks_worker().quiet()
    tale.sleeps("wait4").holds_listener(SERVER + 1).quiet()
    tale.executes(f"{HOME}/server").executes(
        "/usr/bin/socat", "ACCEPT-FD:3,fork", "PIPE", pid=SERVER + 1
    )
    return in_a_row(tale).over()


@shows("contract/own-program", FAIL, "ready-made", needs="a look")
def it_becomes_another_once_a_client_has_come() -> Recording:
    tale = in_a_row(story("one after another").starts().executes(f"{HOME}/server"))
    return tale.executes("/usr/bin/socat", "TCP-LISTEN:54321,fork", "PIPE").over()


@shows("contract/own-program", INCONCLUSIVE)
def an_interpreter_tells_no_file_any_more() -> Recording:
    """It has written another title over its words, as `$0 = ...` does in Perl."""
    return executing("/usr/bin/perl", "server: waiting")


@shows("contract/own-program", INCONCLUSIVE)
def it_hides_what_it_executes() -> Recording:
    return executing("")


@shows("contract/own-program", INCONCLUSIVE)
def an_older_recording_does_not_tell() -> Recording:
    return in_a_row(story("one after another").starts()).over()
