"""Stories of service/*."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import Any

from harness.record.events import Sanitized, ServiceCall, ServiceCalls
from harness.record.recording import Recording
from tests.recordings import SERVER, SIGCHLD, Story, story
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


@shows("service/reply", PASS)
@shows("service/closes", PASS)
@shows("service/again", PASS)
@shows("fork/one-child", PASS)
@shows("fork/parent-closes-connection", PASS)
@shows("fork/child-closes-listener", PASS)
@shows("fork/child-exits", PASS)
@shows("reaping/sequential", PASS)
@shows("reaping/survives-signal", PASS)
def a_sound_fork_server() -> Recording:
    return in_a_row(story(SERIES).starts()).over()


@shows("service/reply", PASS)
@shows("service/again", PASS)
@shows("service/closes", PASS)
@shows("fork/one-child", NOT_APPLICABLE)
@shows("fork/parent-closes-connection", NOT_APPLICABLE)
@shows("fork/child-closes-listener", NOT_APPLICABLE)
@shows("fork/child-exits", NOT_APPLICABLE)
@shows("reaping/sequential", NOT_APPLICABLE)
@shows("reaping/survives-signal", NOT_APPLICABLE)
def one_process_serves_everybody() -> Recording:
    return in_a_row(story(SERIES).starts(), forks=False).over()


def replying(reply: bytes, *, insisting_on: str = "either") -> Recording:
    tale = story(SERIES).starts().insists_on(insisting_on)
    for name in ("client 1", "client 2"):
        tale.connects(name).forks(name).quiet().asks(name, b"Hello you\n").answers(name, reply)
        tale.closes(name).exits(name).reaps(name).quiet().leaves(name).quiet()
    return tale.over()


@shows("service/reply", PASS)
def the_reply_is_the_line_as_it_came() -> Recording:
    return replying(b"Hello you\n")


@shows("service/reply", PASS)
def the_reply_lacks_only_the_newline() -> Recording:
    return replying(b"HELLO YOU")


@shows("service/reply", FAIL, needs="nothing")
def the_assignment_insists_on_capitals() -> Recording:
    return replying(b"Hello you\n", insisting_on="upper")


@shows("service/reply", FAIL, needs="nothing")
def the_reply_is_something_else() -> Recording:
    return replying(b"Goodbye\n")


@shows("service/reply", FAIL, "nul-padding", needs="nothing")
def the_reply_is_the_whole_buffer() -> Recording:
    return replying(b"HELLO YOU\n".ljust(100, b"\0"))


@shows("service/reply", FAIL, "last-byte", needs="nothing")
def the_last_byte_is_not_capitalised() -> Recording:
    return replying(b"HELLO YOu\n")


@shows("service/reply", FAIL, "stale-bytes", needs="nothing")
def behind_a_shorter_reply_comes_the_end_of_a_longer_one() -> Recording:
    tale = story(SERIES).starts()
    for name, line, reply in (
        ("client 1", b"Hello to all of you\n", b"HELLO TO ALL OF YOU\n"),
        ("client 2", b"Hello you\n", b"HELLO YOU\nLL OF YOU\n"),
    ):
        tale.connects(name).accepts(name).quiet().asks(name, line).answers(name, reply).closes(name)
        tale.quiet().leaves(name).quiet()
    return tale.over()


@shows("service/reply", FAIL, "reads-on")
def nobody_ever_answers() -> Recording:
    tale = story(SERIES).starts()
    for name in ("client 1", "client 2"):
        tale.connects(name).forks(name).quiet().asks(name).quiet().leaves(name).quiet()
    return tale.over()


@shows("service/reply", FAIL, "answers-something-else", needs="nothing")
def everybody_gets_the_same() -> Recording:
    tale = story(SERIES).starts()
    for name in ("client 1", "client 2"):
        tale.connects(name).forks(name).quiet().asks(name, f"hello from {name}\n".encode())
        tale.answers(name, b"WELCOME\n").closes(name).exits(name).reaps(name).leaves(name).quiet()
    return tale.over()


@shows("service/reply", FAIL, "accepts-on-wrong-socket")
def nobody_is_ever_let_in() -> Recording:
    tale = story(SERIES).starts().connects("client 1").quiet().asks("client 1").quiet()
    return tale.leaves("client 1").quiet().over()


def heard_and_let_out(imports: tuple[str, ...] | None = None) -> Recording:
    """The line is read, and the connection ends without a word."""
    tale = (
        story(SERIES)
        .starts(imports=imports)
        .connects("client 1")
        .forks("client 1")
        .quiet()
        .asks("client 1")
    )
    tale.closes("client 1").exits("client 1").reaps("client 1").quiet()
    return tale.leaves("client 1").quiet().over()


@shows("service/reply", FAIL, "ends-without-a-word")
def everybody_is_heard_and_let_out_without_a_word() -> Recording:
    return heard_and_let_out(imports=("listen", "socket"))


@shows("service/reply", FAIL, "ends-without-a-word")
def it_reads_from_a_stream_and_never_writes() -> Recording:
    return heard_and_let_out(imports=("fdopen", "listen", "socket", "write"))


@shows("service/reply", FAIL, "reply-in-stream")
def the_reply_stays_in_a_stream() -> Recording:
    return heard_and_let_out(imports=("fdopen", "listen", "socket"))


PYTHONS = (
    "Traceback (most recent call last):\n"
    '  File "server.py", line 20, in serve\n'
    "TypeError: a bytes-like object is required, not 'str'\n"
)
GO_CATCHES = 0xFFFFFFFD7FC1FEFF
JAVAS = (
    'Exception in thread "main" java.lang.NullPointerException: Cannot invoke '
    '"java.nio.channels.SocketChannel.configureBlocking(boolean)" because "client" is null\n'
    "\tat Server.main(Server.java:22)\n"
)


@shows("service/reply", FAIL, "error-in-service")
def an_error_ends_its_child_before_the_reply() -> Recording:
    tale = story(SERIES, "server.py").starts().connects("client 1").forks("client 1").quiet()
    tale.asks("client 1").prints(PYTHONS).closes("client 1").exits("client 1", status=1 << 8)
    return tale.reaps("client 1").quiet().leaves("client 1").quiet().over()


@shows("service/reply", FAIL, "error-in-service")
def an_error_ends_its_child_and_the_parent_keeps_the_connection() -> Recording:
    tale = story(SERIES, "server.py").starts().connects("client 1").forks("client 1").holds("client 1")
    tale.quiet().asks("client 1").prints(PYTHONS).exits("client 1", status=1 << 8).quiet()
    return tale.leaves("client 1").quiet().over()


@shows("service/reply", FAIL, "expects-own-form")
def its_thread_expects_an_object() -> Recording:
    tale = story(SERIES, "server.py").starts().connects("client 1").accepts("client 1", call="accept")
    tale.has_threads(2).quiet().asks("client 1").closes("client 1").has_threads(1)
    tale.prints(PYTHONS.replace("TypeError", "_pickle.UnpicklingError")).quiet()
    return tale.leaves("client 1").quiet().over()


@shows("service/reply", FAIL, "expects-own-form")
def it_waits_for_as_many_bytes_as_the_first_letters_say() -> Recording:
    tale = story(SERIES, "Server.java").starts().connects("client 1").accepts("client 1").quiet()
    tale.asks("client 1").quiet().leaves("client 1")
    tale.prints(
        "java.io.EOFException\n\tat java.base/java.io.DataInputStream.readUTF(DataInputStream.java:1)\n"
    )
    return tale.quiet().over()


@shows("service/reply", FAIL, "reads-on", needs="nothing")
def it_greets_and_then_reads_for_ever() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1")
    tale.answers("client 1", b"Welcome!\n").quiet().asks("client 1").quiet().leaves("client 1")
    tale.exits("client 1").reaps("client 1")
    return tale.quiet().over()


def ended_by(words: str, served: int, status: int = 1 << 8) -> Recording:
    """These words are its last, when so many clients have been served and the next one asks."""
    tale = story(SERIES).starts()
    for number in range(1, served + 1):
        tale.serves(f"client {number}", forks=False)
    last = f"client {served + 1}"
    tale.connects(last).accepts(last, call="epoll_wait").quiet().asks(last).prints(words)
    tale.closes(last).stops_listening().dies(status).quiet().leaves(last).quiet()
    return tale.is_refused("one more").quiet().over()


@shows("service/reply", FAIL, "error-in-service")
def an_error_ends_its_thread_and_the_line_stays_unread() -> Recording:
    tale = story(SERIES, "server.py").starts().connects("client 1").accepts("client 1").prints(PYTHONS)
    return (
        tale.quiet()
        .asks("client 1")
        .leaves_unread("client 1", 6)
        .quiet()
        .leaves("client 1")
        .quiet()
        .over()
    )


@shows("service/reply", FAIL, "error-in-service")
def an_error_ends_its_thread_before_the_line_has_come() -> Recording:
    tale = story(SERIES, "server.py").starts().connects("client 1").accepts("client 1").prints(PYTHONS)
    tale.closes("client 1").quiet().asks("client 1").quiet()
    return tale.leaves("client 1").quiet().over()


@shows("service/reply", FAIL, "error-in-service")
def an_error_ends_it_before_the_first_reply() -> Recording:
    return ended_by(PYTHONS, served=0)


@shows("service/reply", FAIL, "selected-key-stays")
def the_listeners_key_comes_again() -> Recording:
    return ended_by(JAVAS, served=0)


@shows("service/again", FAIL, "selected-key-stays")
def the_listeners_key_comes_again_with_the_second() -> Recording:
    return ended_by(JAVAS, served=1)


@shows("service/again", FAIL, "error-ends-server")
def an_error_ends_it_when_the_second_has_asked() -> Recording:
    return ended_by(PYTHONS, served=1)


@shows("service/again", FAIL, "handler-prints")
def its_handler_prints_in_the_midst_of_a_print() -> Recording:
    error = "RuntimeError: reentrant call inside <_io.BufferedWriter name='<stdout>'>\n"
    return ended_by(f'Traceback (most recent call last):\n  File "server.py", line 9\n{error}', served=1)


@shows("service/reply", FAIL, "thread-not-detached")
def its_first_thread_is_neither_joined_nor_detached() -> Recording:
    return ended_by("terminate called without an active exception\n", served=0, status=signal.SIGABRT)


@shows("service/again", FAIL, "thread-not-detached")
def its_second_thread_takes_the_place_of_the_first() -> Recording:
    return ended_by("terminate called without an active exception\n", served=1, status=signal.SIGABRT)


@shows("service/reply", FAIL, "listener-unwatched")
def it_sleeps_in_poll_while_somebody_waits_at_its_door() -> Recording:
    tale = story(SERIES).starts().sleeps("poll").quiet().connects("client 1").quiet()
    return tale.asks("client 1").quiet().leaves("client 1").quiet().over()


@shows("service/reply", FAIL, "reads-from-listener")
def everybody_is_let_out_unheard() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").closes("client 1").quiet()
    return tale.asks("client 1").quiet().leaves("client 1").quiet().over()


def again(told: Recording, *calls: tuple[str, int, str, int, str]) -> Recording:
    """The same, with what a second run's calls were: name, descriptor, its kind, result, error."""
    accepted = ServiceCall(7, "accept", 3, "listener", 4)
    *before, last = told.events
    found = tuple(ServiceCall(8, *each) for each in calls)
    return replace(told, events=(*before, ServiceCalls(last.at_ns, "server", (accepted, *found)), last))


def is_let_out(words: str = "") -> Recording:
    tale = story(SERIES).starts()
    if words:
        tale.prints(words)
    tale.connects("client 1").forks("client 1").closes("client 1").quiet()
    return tale.asks("client 1").quiet().leaves("client 1").quiet().over()


def is_heard_and_let_out() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").quiet().asks("client 1")
    tale.leaves_unread("client 1", 0).closes("client 1").quiet()
    return tale.leaves("client 1").quiet().over()


@shows("service/reply", FAIL, "status-taken")
def it_asks_in_vain_how_a_program_has_ended() -> Recording:
    return again(is_let_out(), ("wait4", 9, "", -1, "ECHILD"), ("close", 4, "connection", 0, ""))


@shows("service/reply", FAIL, "accept-arguments")
def its_accept_is_given_no_address() -> Recording:
    told = is_let_out()
    *before, last = told.events
    failed = ServiceCall(7, "accept", 3, "listener", -1, "EFAULT")
    return replace(told, events=(*before, ServiceCalls(last.at_ns, "server", (failed,)), last))


@shows("service/reply", FAIL, "reads-too-early")
def it_reads_before_anything_has_come() -> Recording:
    return again(
        is_let_out(), ("read", 4, "connection", -1, "EAGAIN"), ("close", 4, "connection", 0, "")
    )


def early_and_saying(words: str) -> Recording:
    """It reads before anything has come, from a connection that does not block, and says this."""
    return again(
        is_let_out(words), ("recvfrom", 4, "connection", -1, "EAGAIN"), ("close", 4, "connection", 0, "")
    )


@shows("service/reply", FAIL, "reads-too-early")
def its_thread_says_that_it_would_block() -> Recording:
    return early_and_saying(
        "Traceback (most recent call last):\n"
        '  File "server.py", line 9, in serve\n'
        "BlockingIOError: [Errno 11] Resource temporarily unavailable\n"
    )


@shows("service/reply", FAIL, "error-in-service")
def its_thread_says_something_else() -> Recording:
    return early_and_saying(
        "Traceback (most recent call last):\n"
        '  File "server.py", line 9, in serve\n'
        "NameError: name 'up' is not defined\n"
    )


@shows("service/reply", FAIL, "reads-from-listener")
def it_reads_early_and_then_reads_on() -> Recording:
    return again(
        is_let_out(), ("read", 3, "listener", -1, "ENOTCONN"), ("close", 4, "connection", 0, "")
    )


@shows("service/reply", FAIL)
def it_has_read_from_the_connection_after_all() -> Recording:
    return again(is_let_out(), ("read", 4, "connection", 0, ""), ("close", 4, "connection", 0, ""))


@shows("service/reply", FAIL, "reply-in-stream")
def its_stream_is_flushed_when_it_has_closed() -> Recording:
    tale = story(SERIES).starts(imports=("fdopen", "listen", "socket")).connects("client 1")
    tale.accepts("client 1").quiet().asks("client 1").leaves_unread("client 1", 0).closes("client 1")
    told = tale.quiet().leaves("client 1").quiet().over()
    calls = (("read", 4, "connection", 6, ""), ("close", 4, "connection", 0, ""))
    return again(told, *calls, ("write", 4, "", -1, "EBADF"))


@shows("service/reply", FAIL, "closes-too-early")
def it_closes_before_it_writes() -> Recording:
    calls = (
        ("read", 4, "connection", 6, ""),
        ("close", 4, "connection", 0, ""),
        ("write", 4, "", -1, "EBADF"),
    )
    return again(is_heard_and_let_out(), *calls)


@shows("service/reply", FAIL, "no-buffer")
def it_writes_from_an_address_that_is_none() -> Recording:
    read = ("read", 4, "connection", 6, "")
    return again(is_heard_and_let_out(), read, ("write", 4, "connection", -1, "EFAULT"))


@shows("service/reply", FAIL, "no-buffer")
def it_reads_into_a_buffer_that_is_none() -> Recording:
    return again(is_let_out(), ("read", 4, "connection", -1, "EFAULT"))


@shows("service/reply", FAIL, "shuts-down-early")
def its_parent_shuts_the_connection_down() -> Recording:
    return again(is_let_out(), ("shutdown", 4, "connection", 0, ""), ("read", 4, "connection", 0, ""))


@shows("service/reply", FAIL, "writes-elsewhere")
def it_writes_to_the_listener() -> Recording:
    read = ("read", 4, "connection", 6, "")
    return again(is_heard_and_let_out(), read, ("write", 3, "listener", -1, "EPIPE"))


@shows("service/reply", FAIL, "ends-without-a-word")
def it_hands_the_line_to_a_program_that_says_nothing() -> Recording:
    read = ("read", 4, "connection", 6, "")
    told = again(is_heard_and_let_out(), read, ("write", 7, "other", 6, ""))
    *before, made, last = told.events
    assert isinstance(made, ServiceCalls)
    calls = (*made.calls, ServiceCall(9, "read", 0, "other", 1))
    return replace(told, events=(*before, ServiceCalls(made.at_ns, "server", calls), last))


@shows("service/reply", FAIL, "ends-without-a-word")
def it_writes_nowhere() -> Recording:
    read = ("read", 4, "connection", 6, "")
    return again(is_heard_and_let_out(), read, ("close", 4, "connection", 0, ""))


@shows("service/reply", FAIL, "ends-without-a-word")
def it_reads_and_its_close_calls_shutdown() -> Recording:
    read = ("read", 4, "connection", 6, "")
    closed = ("shutdown", 4, "connection", 0, ""), ("close", 4, "connection", 0, "")
    return again(is_heard_and_let_out(), read, *closed)


@shows("service/reply", FAIL, "shuts-down-early")
def it_reads_and_shuts_down_and_then_writes() -> Recording:
    read = ("read", 4, "connection", 6, "")
    shut = ("shutdown", 4, "connection", 0, "")
    return again(is_heard_and_let_out(), read, shut, ("write", 4, "connection", -1, "EPIPE"))


@shows("service/reply", FAIL, "dup2-reversed")
def it_puts_its_terminal_in_the_place_of_the_connection() -> Recording:
    told = is_let_out()
    *before, last = told.events
    calls = (
        ServiceCall(7, "accept", 3, "listener", 4),
        ServiceCall(8, "dup2", 0, "terminal", 4, to=4),
    )
    return replace(told, events=(*before, ServiceCalls(last.at_ns, "server", calls), last))


@shows("service/reply", FAIL, "writes-nothing")
def it_writes_a_reply_of_no_length() -> Recording:
    read = ("read", 4, "connection", 6, "")
    return again(is_heard_and_let_out(), read, ("write", 4, "connection", 0, ""))


def answered_so(*replies: bytes, line: bytes = b"client 1 says Hello\n") -> Recording:
    tale = story(SERIES).starts()
    for number, reply in enumerate(replies, start=1):
        name = f"client {number}"
        tale.connects(name).forks(name).quiet().asks(name, line).answers(name, reply).closes(name)
        tale.exits(name).reaps(name).quiet().leaves(name).quiet()
    return tale.over()


@shows("service/reply", FAIL, "capitalises-some", needs="nothing")
def only_the_first_letter_becomes_a_capital() -> Recording:
    return answered_so(b"Client 1 says Hello\n")


@shows("service/reply", FAIL, "capitalises-some", needs="nothing")
def capitals_become_small() -> Recording:
    return answered_so(b"client 1 says hello\n")


@shows("service/reply", FAIL, "capitalises-all", needs="nothing")
def every_byte_loses_32() -> Recording:
    return answered_so(b"CLIENT\0\x11\0SAYS\0(ELLO\n")


@shows("service/reply", FAIL, "only-zeros", needs="nothing")
def nothing_but_zeros_comes() -> Recording:
    return answered_so(bytes(20))


@shows("service/reply", FAIL, "length-first", needs="nothing")
def two_bytes_with_its_length_come_before_the_reply() -> Recording:
    return answered_so(b"\0\x14CLIENT 1 SAYS HELLO\n")


@shows("service/reply", FAIL, "length-first", needs="nothing")
def its_length_comes_least_byte_first_and_no_newline_behind() -> Recording:
    return answered_so(b"\x13\0\0\0client 1 says Hello")


@shows("service/reply", FAIL, needs="nothing")
def two_other_bytes_come_before_the_reply() -> Recording:
    return answered_so(b"\0\x07CLIENT 1 SAYS HELLO\n")


@shows("service/reply", FAIL, "object-for-bytes", needs="nothing")
def bytes_come_with_their_marks() -> Recording:
    return answered_so(b"b'CLIENT 1 SAYS HELLO\\n'")


@shows("service/reply", FAIL, "object-for-bytes", needs="nothing")
def bytes_come_as_numbers() -> Recording:
    return answered_so(b"[72 69 76 76 79 10]\n", line=b"hello\n")


@shows("service/reply", FAIL, "first-word", needs="nothing")
def only_the_first_word_comes_back() -> Recording:
    return answered_so(b"CLIENT1\n", line=b"client1 says Hello\n")


@shows("service/again", FAIL, "workers-end")
def it_ends_with_its_two_workers() -> Recording:
    tale = story(SERIES).starts().sleeps("wait4").forks_worker().forks_worker().quiet()
    for number in (1, 2):
        name, worker = f"client {number}", SERVER + number
        tale.connects(name).accepts(name, by=worker).quiet().asks(name).answers(name).closes(name)
        tale.worker_ends(worker).leaves(name)
    return tale.stops_listening().dies(1 << 8).quiet().is_refused("client 3").quiet().over()


@shows("service/again", FAIL, "accepts-once")
def go_closes_the_listener_that_nobody_uses() -> Recording:
    tale = story(SERIES, "server.go").starts().is_known(caught=GO_CATCHES)
    tale.sleeps("epoll_wait").quiet().connects("client 1").accepts("client 1", call="epoll_wait")
    tale.quiet().asks("client 1").answers("client 1").closes("client 1").stops_listening().quiet()
    return tale.leaves("client 1").quiet().is_refused("client 2").quiet().over()


@shows("service/again", FAIL, "workers-end")
def each_of_two_workers_serves_once() -> Recording:
    tale = story(SERIES).starts().sleeps("pause").forks_worker().forks_worker().quiet()
    for number in (1, 2):
        name, worker = f"client {number}", SERVER + number
        tale.connects(name).accepts(name, by=worker).quiet().asks(name).answers(name).closes(name)
        tale.worker_ends(worker).quiet().leaves(name).quiet()
    tale.connects("client 3").quiet().asks("client 3").quiet()
    return tale.leaves("client 3").quiet().over()


@shows("service/reply", FAIL, "kills-own-group")
def a_signal_of_its_own_ends_it_before_the_reply() -> Recording:
    return ended_by("", served=0, status=signal.SIGTERM)


@shows("service/again", FAIL, "kills-own-group")
def a_signal_of_its_own_ends_it_with_the_second_client() -> Recording:
    return ended_by("", served=1, status=signal.SIGTERM)


@shows("service/reply", FAIL, "never-awaited")
def nobody_awaits_what_serves() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1", call="epoll_wait").quiet()
    tale.asks("client 1").prints("RuntimeWarning: coroutine 'answer' was never awaited\n").quiet()
    return tale.leaves("client 1").quiet().over()


@shows("service/reply", FAIL, "line-left-unread")
def it_hangs_up_with_the_line_unread() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").quiet().asks("client 1")
    return tale.resets("client 1").quiet().leaves("client 1").quiet().over()


@shows("service/reply", FAIL)
def it_reads_the_line_and_hangs_up() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").quiet().asks("client 1")
    tale.leaves_unread("client 1", 0).closes("client 1").prints("not a number: hello\n").quiet()
    return tale.leaves("client 1").quiet().over()


@shows("service/reply", FAIL)
def it_lets_everybody_out_and_says_why() -> Recording:
    tale = story(SERIES).starts().prints("no more than 0 clients\n").connects("client 1")
    tale.forks("client 1").closes("client 1").quiet().asks("client 1").quiet()
    return tale.leaves("client 1").quiet().over()


@shows("service/reply", FAIL, "bad-pointer")
def its_child_crashes_before_it_reads() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").closes("client 1")
    tale.exits("client 1", status=signal.SIGSEGV).quiet().asks("client 1").quiet()
    return tale.leaves("client 1").quiet().over()


def only_the_hasty(*, handles: bool) -> Recording:
    """A process is born and ends, and its connection ends; a client that asks at once is answered."""
    tale = story(SERIES).starts().has(caught=SIGCHLD if handles else 0).quiet().connects("client 1")
    tale.accepts("client 1").starts_program(waits=True).closes("client 1").sleeps("accept").quiet()
    tale.asks("client 1").quiet().leaves("client 1").quiet()
    tale.connects("hasty").accepts("hasty").asks("hasty").answers("hasty").closes("hasty")
    return tale.sleeps("accept").quiet().leaves("hasty").quiet().over()


@shows("service/reply", FAIL, "read-interrupted")
def the_signal_ends_the_connection_of_who_waits() -> Recording:
    return only_the_hasty(handles=True)


@shows("service/reply", FAIL)
def only_a_client_who_speaks_at_once_is_answered() -> Recording:
    return only_the_hasty(handles=False)


@shows("service/reply", FAIL, "closes-for-thread")
def a_thread_reads_from_what_no_descriptor_leads_to() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1", call="accept").has_threads(2)
    tale.closes_its_descriptor("client 1").quiet()
    tale.asks("client 1").closes("client 1").has_threads(1).quiet()
    return tale.leaves("client 1").quiet().over()


@shows("service/reply", FAIL, "reads-from-listener")
def it_says_that_its_socket_is_not_connected() -> Recording:
    tale = story(SERIES).starts().prints("read: Transport endpoint is not connected\n")
    tale.connects("client 1").forks("client 1").closes("client 1").quiet().asks("client 1").quiet()
    return tale.leaves("client 1").quiet().over()


@shows("service/closes", FAIL, "reads-after-reply")
def it_reads_on_after_its_reply() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").quiet()
    return tale.asks("client 1").answers("client 1").quiet().leaves("client 1").quiet().over()


@shows("service/closes", FAIL, "reads-after-reply")
def a_thread_reads_on_after_its_reply() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").has_threads(2)
    tale.sleeps_in(accept=1, read=1).quiet().asks("client 1").answers("client 1").quiet()
    return tale.leaves("client 1").quiet().over()


@shows("service/closes", FAIL, "passer-keeps-connection")
def who_has_passed_the_connection_keeps_a_copy() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").holds("client 1").quiet()
    tale.asks("client 1").answers("client 1").exits("client 1").quiet()
    return tale.leaves("client 1").quiet().over()


@shows("service/reply", FAIL, "reply-again", needs="nothing")
@shows("service/closes", FAIL, "reply-again")
def the_reply_comes_without_end() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet().asks("client 1")
    return tale.answers("client 1", b"HELLO\n" * 700 + b"HEL").quiet().leaves("client 1").quiet().over()


@shows("service/reply", FAIL, "reply-twice", needs="nothing")
def the_reply_comes_twice() -> Recording:
    return getting(b"HELLO\nHELLO\n")


@shows("service/reply", FAIL, "cr-before-newline", needs="nothing")
def the_reply_ends_by_two_bytes() -> Recording:
    return getting(b"HELLO\r\n")


@shows("service/reply", FAIL, "wide-letters", needs="nothing")
def each_letter_comes_as_two_bytes() -> Recording:
    return getting("HELLO\n".encode("utf-16-be"))


@shows("service/reply", FAIL, "wide-letters", needs="nothing")
def each_letter_comes_as_four_bytes() -> Recording:
    return getting("hello".encode("utf-32"))


def getting(reply: bytes) -> Recording:
    """One client gets this reply to its line, and the end."""
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet().asks("client 1")
    return tale.answers("client 1", reply).closes("client 1").quiet().leaves("client 1").quiet().over()


@shows("service/again", FAIL, "ends-after-so-many")
def it_ends_when_five_have_been_served() -> Recording:
    tale = story(SERIES).starts()
    for number in range(1, 6):
        tale.serves(f"client {number}")
    return tale.dies(0).is_refused("client 6").quiet().over()


@shows("service/closes", FAIL, "pool-has-a-copy")
def a_pool_that_is_forked_late_has_a_copy() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1", 3).holds("client 1").quiet()
    tale.asks("client 1").answers("client 1").quiet().leaves("client 1").quiet()
    for number in (2, 3):
        name = f"client {number}"
        tale.connects(name).accepts(name, by=tale.child_of("client 1")).quiet()
        tale.asks(name).answers(name).closes(name).leaves(name).quiet()
    return tale.over()


@shows("service/closes", FAIL, "forgets-close")
def a_thread_ends_and_closes_nothing() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").has_threads(2)
    tale.sleeps_in(accept=1, read=1).quiet().asks("client 1").answers("client 1")
    tale.has_threads(1).sleeps("accept").sleeps_in(accept=1).quiet()
    return tale.leaves("client 1").quiet().over()


@shows("service/closes", FAIL, needs="nothing")
def the_connection_ends_by_a_reset() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet()
    return tale.asks("client 1").answers("client 1", b"HEL").resets("client 1").quiet().over()


def staying_open(*, closes: bool = True) -> Recording:
    """Clients who leave when they have their reply; then the server closes too, or it does not."""
    tale = story(SERIES).starts().is_asked_for(closes=False)
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).accepts(name).quiet().asks(name).answers(name).quiet()
        (tale.leaves if closes else tale.leaves_behind)(name).quiet()
    return tale.quiet().over()


@shows("service/closes", PASS)
@shows("service/reply", PASS)
@shows("service/again", PASS)
def the_client_closes_and_then_the_server() -> Recording:
    return staying_open()


@shows("service/closes", FAIL, "keeps-connection")
@shows("service/again", PASS)
def the_client_closes_and_the_server_does_not() -> Recording:
    return staying_open(closes=False)


@shows("service/closes", FAIL, "spins-on-goodbye")
def a_thread_of_each_client_reads_on() -> Recording:
    tale = story(SERIES).starts().is_asked_for(closes=False)
    for number in (1, 2):
        name = f"client {number}"
        tale.connects(name).accepts(name, call="accept").has_threads(1 + number)
        look = tale.sleeps_in(accept=1, read=1).quiet if number == 1 else tale.rests
        look().asks(name).answers(name)
        look()
        tale.leaves_behind(name).sleeps_in(accept=1).has_threads(1 + number).spins()
    return tale.over()


@shows("service/closes", FAIL, needs="nothing")
def it_closes_where_it_shall_stay_open() -> Recording:
    return in_a_row(story(SERIES).starts().is_asked_for(closes=False)).over()


@shows("service/closes", PASS)
@shows("reaping/sequential", PASS)
@shows("fork/child-exits", PASS)
def a_child_serves_until_its_client_leaves() -> Recording:
    tale = story(SERIES).starts().is_asked_for(closes=False)
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).forks(name).quiet().asks(name).answers(name).quiet()
        tale.leaves(name).exits(name).reaps(name).quiet()
    return tale.quiet().over()


@shows("service/again", FAIL)
@shows("service/reply", PASS)
def the_fourth_client_is_told_that_there_are_too_many() -> Recording:
    tale = in_a_row(story(SERIES).starts(), count=3).connects("client 4").forks("client 4").quiet()
    tale.asks("client 4").answers("client 4", b"TOO MANY\n").closes("client 4").exits("client 4")
    return tale.quiet().leaves("client 4").quiet().over()


def speaking_first(**terms: Any) -> Recording:
    """The server sends every client the same text, closes, and reads nothing."""
    tale = story(SERIES).starts().is_asked_for(transform="{any}\n", **terms)
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).answers(name, b"200 READ\n").closes(name).quiet().asks(name).quiet()
        tale.leaves(name).quiet()
    return tale.over()


@shows("service/reply", FAIL, "answers-unasked", needs="nothing")
def it_answers_before_it_is_asked() -> Recording:
    return speaking_first()


def answering_a_part(partial: str, rest: str, reply: bytes) -> Recording:
    """The server answers the first part of a request, closes, and reads no more of it."""
    script = {"steps": [{"send": partial + rest, "expect": {"regex": "(?s).+"}}], "partial": partial}
    tale = story(SERIES).starts().is_asked_for(dialogue=script)
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).says(name, partial.encode()).answers(name, reply).closes(name).quiet()
        tale.asks(name).quiet().leaves(name).quiet()
    return tale.over()


@shows("service/reply", FAIL, "one-read-one-line", needs="nothing")
def the_beginning_of_a_request_is_answered() -> Recording:
    return answering_a_part("GET / HTTP/1.0\r\nX: ", "{line}\r\n\r\n", b"HTTP/1.0 404 Not Found\r\n\r\n")


@shows("service/reply", FAIL, "one-read-one-line", needs="nothing")
def the_first_word_of_a_command_is_answered() -> Recording:
    return answering_a_part("PUT file ", "{length}\n{line}", b"ERROR no size\n")


@shows("service/reply", PASS)
def it_shall_answer_before_it_is_asked() -> Recording:
    return speaking_first(unasked=True)


@shows("service/reply", FAIL, "throws-out-silent")
def it_loses_patience_before_the_client_speaks() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").is_seen_let_in("client 1")
    tale.waits(1).closes("client 1").exits("client 1").reaps("client 1").quiet().asks("client 1").quiet()
    return tale.leaves("client 1").quiet().over()


@shows("service/reply", INCONCLUSIVE)
def the_guard_runs_out_in_the_middle_of_a_reply() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").quiet().asks("client 1")
    tale.answers("client 1", b"HEL").never_rests().branches(
        "broken off: a task sleeps with a time limit"
    )
    return tale.breaks_off()


def given_up(said: bytes, call: str) -> Recording:
    """A child sends something, and sleeps for seconds while it holds the connection."""
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet().asks("client 1")
    if said:
        tale.answers("client 1", said)
    tale.sleeps(call, tale.child_of("client 1")).until().leaves("client 1").until()
    return tale.over()


@shows("service/reply", INCONCLUSIVE)
@shows("service/closes", INCONCLUSIVE)
def it_pauses_by_a_clock_in_the_middle_of_a_reply() -> Recording:
    return given_up(b"HEL", "select")


@shows("service/reply", INCONCLUSIVE)
def it_takes_a_nap_before_its_reply() -> Recording:
    return given_up(b"", "nanosleep")


@shows("service/closes", INCONCLUSIVE)
def it_takes_a_nap_between_its_reply_and_the_end() -> Recording:
    return given_up(b"HELLO\n", "nanosleep")


@shows("service/closes", FAIL, "forgets-close")
def it_listens_on_behind_its_reply_until_a_clock_strikes() -> Recording:
    return given_up(b"HELLO\n", "select")


@shows("service/reply", FAIL)
def it_sends_half_a_reply_and_sleeps() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").quiet().asks("client 1")
    return tale.answers("client 1", b"HEL").quiet().leaves("client 1").quiet().over()


@shows("service/again", FAIL, "calls-thread-function")
def it_reads_itself_and_its_thread_begins_nowhere() -> Recording:
    tale = story(SERIES).starts(imports=("listen", "pthread_create")).connects("client 1")
    tale.accepts("client 1").quiet().asks("client 1").answers("client 1").closes("client 1")
    tale.stops_listening().dies(signal.SIGSEGV).quiet().leaves("client 1").quiet()
    return tale.is_refused("client 2").quiet().over()


@shows("service/reply", FAIL, "both-accept")
def parent_and_child_both_go_back_to_accept() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks_worker().closes("client 1").quiet()
    return tale.asks("client 1").quiet().leaves("client 1").quiet().over()


@shows("service/again", FAIL, "dies-after-first")
def it_crashes_with_the_second_client() -> Recording:
    tale = story(SERIES).starts().serves("client 1").connects("client 2").stops_listening()
    return tale.dies(signal.SIGSEGV).resets("client 2").quiet().asks("client 2").quiet().over()


def met_by_tls(how: bytes, answer: bytes) -> Recording:
    """The first client's line is met `how`, and a ClientHello by this `answer`."""
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").quiet().asks("client 1")
    if how:
        tale.answers("client 1", how)
    tale.closes("client 1").quiet().leaves("client 1").branches(
        "client 1 was not answered: no more come"
    )
    greets = "one who begins as TLS does"
    tale.connects(greets).accepts(greets).quiet().asks(greets, b"\x16\x03\x01\x02\x00\x01")
    if answer:
        tale.answers(greets, answer)
    return tale.quiet().leaves(greets).quiet().over()


@shows("service/reply", FAIL, "wants-tls")
def only_a_client_hello_is_answered() -> Recording:
    return met_by_tls(b"", b"\x16\x03\x03\x00\x7a\x02")


@shows("service/reply", FAIL, "wants-tls")
def a_plain_line_is_met_by_an_alert() -> Recording:
    return met_by_tls(b"\x15\x03\x03\x00\x02\x02\x46", b"\x16\x03\x03\x00\x7a\x02")


@shows("service/reply", FAIL, "ends-without-a-word")
def a_client_hello_comes_back_as_it_came() -> Recording:
    return met_by_tls(b"", b"\x16\x03\x01\x02\x00\x01")


@shows("service/reply", FAIL, "ends-without-a-word")
def neither_a_line_nor_a_client_hello_is_answered() -> Recording:
    return met_by_tls(b"", b"")


@shows("service/again", FAIL, "aborts")
def it_aborts_with_the_second_client() -> Recording:
    tale = story(SERIES).starts(imports=("listen", "abort")).serves("client 1").connects("client 2")
    tale.stops_listening().dies(signal.SIGABRT).resets("client 2").quiet().asks("client 2")
    return tale.quiet().over()


@shows("service/reply", FAIL, "pointer-size", needs="nothing")
def of_each_line_its_first_eight_bytes_come_back() -> Recording:
    tale = story(SERIES).starts()
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).forks(name).quiet().asks(name, f"{name} says hello\n".encode())
        tale.answers(name, f"CLIENT {number}".encode()).closes(name).exits(name).reaps(name)
        tale.quiet().leaves(name).quiet()
    return tale.over()


@shows("service/reply", FAIL, "one-byte")
def of_each_line_its_first_byte_comes_back() -> Recording:
    tale = story(SERIES).starts()
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).forks(name).quiet().asks(name, f"{name} says hello\n".encode())
        tale.answers(name, b"C").quiet().leaves(name).exits(name).reaps(name).quiet()
    return tale.over()


@shows("service/reply", FAIL, "reads-standard-input")
def its_child_reads_from_the_terminal() -> Recording:
    tale = story(SERIES).starts(imports=("bind", "listen", "write")).is_known(at_keyboard=True)
    return without_an_answer(tale)


@shows("service/reply", FAIL, "not-watched")
def the_loop_sleeps_and_does_not_look_at_the_line() -> Recording:
    tale = story(SERIES).starts().sleeps("select").quiet().connects("client 1")
    tale.accepts("client 1", call="select").quiet().asks("client 1").leaves_unread("client 1", 6)
    return tale.quiet().leaves("client 1").quiet().over()


def without_an_answer(tale: Story, *, let_in: bool = True) -> Recording:
    """One client asks, and nothing comes."""
    tale.connects("client 1")
    if let_in:
        tale.accepts("client 1", call="read")
    return tale.quiet().asks("client 1").quiet().leaves("client 1").quiet().over()


def waiting_for_an_opponent(call: str) -> Recording:
    """The first of two players is greeted, and not heard before the second one has come."""
    tale = story(SERIES).starts().sleeps(call).connects("client 1").accepts("client 1", call=call)
    tale.answers("client 1", b"Wait for an opponent\n").quiet().asks("client 1")
    tale.leaves_unread("client 1", 6)
    return tale.quiet().leaves("client 1").quiet().over()


@shows("service/reply", FAIL, "accepts-before-reading", needs="nothing")
def a_player_is_greeted_and_waits_for_another() -> Recording:
    return waiting_for_an_opponent("accept")


@shows("service/reply", FAIL, "accepts-before-reading", needs="nothing")
def a_player_waits_for_another_in_accept4() -> Recording:
    return waiting_for_an_opponent("accept4")


@shows("service/reply", FAIL, "accepts-before-reading")
def it_waits_for_a_second_client_first() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1", call="accept").quiet()
    tale.asks("client 1").leaves_unread("client 1", 6).quiet().leaves("client 1").quiet()
    return tale.over()


@shows("service/closes", FAIL, "spins-on-goodbye")
@shows("service/again", FAIL, "spins-on-goodbye")
def it_reads_again_and_again_from_who_has_left() -> Recording:
    tale = story(SERIES).starts().is_asked_for(closes=False).connects("client 1").accepts("client 1")
    tale.quiet().asks("client 1").answers("client 1").quiet().leaves_behind("client 1").runs().spins()
    tale.connects("client 2").spins().asks("client 2").spins()
    return tale.leaves("client 2").spins().over()


@shows("service/reply", FAIL, "waits-for-keyboard")
def the_reply_is_to_be_typed_at_the_server() -> Recording:
    return without_an_answer(story(SERIES).starts().is_known(at_keyboard=True))


@shows("service/reply", FAIL, "waits-for-keyboard")
def nobody_is_let_in_before_a_key_is_pressed() -> Recording:
    tale = story(SERIES).starts().is_known(at_keyboard=True).sleeps("read")
    return without_an_answer(tale, let_in=False)


@shows("service/again", FAIL, "never-woken")
def the_second_waits_for_a_lock_that_the_first_has_kept() -> Recording:
    tale = story(SERIES).starts().sleeps_in(accept=1).quiet().connects("client 1")
    tale.accepts("client 1", call="accept").sleeps_in(accept=1, read=1).quiet().asks("client 1")
    tale.answers("client 1").closes("client 1").sleeps_in(accept=1).quiet().leaves("client 1").quiet()
    tale.connects("client 2").accepts("client 2", call="accept").sleeps_in(accept=1, read=1).quiet()
    tale.asks("client 2").sleeps_in(accept=1, futex=1).quiet().leaves("client 2").quiet()
    return tale.over()


@shows("service/reply", FAIL, "never-woken")
def the_thread_that_has_read_the_line_waits_for_another() -> Recording:
    tale = story(SERIES).starts(threads=2).sleeps_in(accept=1, futex=1).quiet()
    for name in ("client 1", "client 2"):
        tale.connects(name).accepts(name, call="accept").sleeps_in(accept=1, futex=1, read=1).quiet()
        tale.asks(name).sleeps_in(accept=1, futex=2).quiet().leaves(name).quiet()
    return tale.over()


@shows("service/reply", FAIL, "reads-on")
def one_thread_of_several_reads_the_keyboard() -> Recording:
    tale = story(SERIES).starts(threads=2).is_known(at_keyboard=True).sleeps_in(read=2)
    return without_an_answer(tale)


@shows("service/reply", FAIL, "waits-for-keyboard")
def of_a_jvms_threads_the_keyboards_alone_reads() -> Recording:
    tale = story(SERIES).starts(threads=9).is_known(at_keyboard=True).sleeps_in(futex=8, read=1)
    return without_an_answer(tale)


@shows("service/reply", FAIL, "reads-on")
def the_line_is_read_and_more_is_waited_for() -> Recording:
    return without_an_answer(story(SERIES).starts())


@shows("service/reply", FAIL)
def the_line_is_read_and_a_lock_is_waited_for() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1", call="futex").quiet()
    return tale.asks("client 1").quiet().leaves("client 1").quiet().over()


@shows("service/reply", FAIL, "never-gets-to-accept")
def a_loop_without_rest_comes_before_accept() -> Recording:
    tale = story(SERIES).starts().runs().spins().connects("client 1").spins().asks("client 1").spins()
    return tale.leaves("client 1").spins().over()


@shows("service/again", FAIL, "writes-after-goodbye")
def it_writes_to_who_has_left() -> Recording:
    tale = story(SERIES).starts().is_asked_for(closes=False).connects("client 1").accepts("client 1")
    tale.quiet().asks("client 1").answers("client 1").quiet().leaves("client 1").stops_listening()
    return tale.dies(signal.SIGPIPE).quiet().is_refused("client 2").quiet().over()


@shows("service/again", FAIL, "one-shot")
def nobody_listens_while_its_only_client_is_served() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").stops_listening().quiet()
    tale.asks("client 1").answers("client 1").closes("client 1").dies(0).quiet().leaves("client 1")
    return tale.quiet().is_refused("client 2").quiet().over()


@shows("service/closes", FAIL, "resets-when-done", needs="nothing")
def the_connection_is_reset_when_its_line_was_answered() -> Recording:
    tale = story(SERIES).starts()
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).forks(name).quiet().asks(name).answers(name).resets(name).exits(name)
        tale.reaps(name).quiet().leaves(name).quiet()
    return tale.over()


def turning_round(*, waits_for_any: bool) -> Recording:
    """One process has served its first client, and uses the processor since."""
    tale = story(SERIES).starts().sleeps("select" if waits_for_any else "accept").quiet()
    tale.connects("client 1").accepts("client 1", call="select").quiet().asks("client 1")
    tale.answers("client 1").closes("client 1").runs().spins().leaves("client 1").spins()
    tale.connects("client 2").spins().asks("client 2").spins()
    return tale.leaves("client 2").spins().over()


def deaf_since_the_first(*, forks: bool, call: str, queues: int = 1) -> Recording:
    """Its first client was served, and it sleeps in poll() or the like while another one waits."""
    tale = story(SERIES).starts().sleeps(call).quiet().connects("client 1")
    if forks:
        tale.forks("client 1").quiet().asks("client 1").answers("client 1").closes("client 1")
        tale.exits("client 1").reaps("client 1")
    else:
        tale.accepts("client 1", call=call).quiet().asks("client 1").answers("client 1")
        tale.closes("client 1")
    tale.quiet().leaves("client 1").quiet().connects("client 2").queues(queues).quiet()
    return tale.asks("client 2").quiet().leaves("client 2").quiet().over()


@shows("service/again", FAIL, "child-removes-listener")
def its_child_takes_the_listener_out_of_the_epoll() -> Recording:
    return deaf_since_the_first(forks=True, call="epoll_wait")


@shows("service/again", FAIL, "listener-lost")
def its_set_has_lost_the_listener() -> Recording:
    return deaf_since_the_first(forks=False, call="select")


@shows("service/again", FAIL, "listener-lost")
def it_takes_the_listener_out_of_its_own_epoll() -> Recording:
    return deaf_since_the_first(forks=False, call="epoll_wait")


@shows("service/again", FAIL)
def it_sleeps_in_a_read_while_somebody_waits() -> Recording:
    return deaf_since_the_first(forks=False, call="read")


@shows("service/again", FAIL, "closed-in-set")
def what_is_closed_stays_in_the_set_of_select() -> Recording:
    return turning_round(waits_for_any=True)


@shows("service/again", FAIL)
def it_turns_round_for_another_reason() -> Recording:
    return turning_round(waits_for_any=False)


@shows("service/again", FAIL, "thread-ends-program")
def its_first_thread_ends_all() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").has_threads(2).quiet()
    tale.asks("client 1").answers("client 1").closes("client 1").stops_listening().dies(0).quiet()
    return tale.leaves("client 1").quiet().is_refused("client 2").quiet().over()


@shows("service/again", FAIL, "one-shot")
def it_serves_one_client_and_ends() -> Recording:
    tale = story(SERIES).starts().connects("client 1").accepts("client 1").quiet().asks("client 1")
    tale.answers("client 1").closes("client 1").stops_listening().dies(0).quiet().leaves(
        "client 1"
    ).quiet()
    for number in range(2, 9):
        tale.is_refused(f"client {number}").quiet()
    return tale.over()


@shows("service/again", FAIL, "listener-shut-down")
def the_first_child_shuts_the_listener_down_at_its_end() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet().asks("client 1")
    tale.answers("client 1").closes("client 1").exits("client 1").stops_listening().reaps("client 1")
    tale.quiet().leaves("client 1").quiet()
    for number in range(2, 9):
        tale.is_refused(f"client {number}").quiet()
    return tale.over()


@shows("service/again", FAIL, "parent-closes-listener")
@shows("reaping/survives-signal", BLOCKED)
def the_parent_closes_the_listener() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1").stops_listening().quiet()
    tale.asks("client 1").answers("client 1").closes("client 1").exits("client 1").reaps("client 1")
    tale.quiet().leaves("client 1").quiet()
    for number in range(2, 9):
        tale.is_refused(f"client {number}").quiet()
    return tale.over()


def gone_with_its_first_fork(status: int, printed: str = "") -> Recording:
    """The parent has ended when the first client's child is at work."""
    tale = story(SERIES).starts().connects("client 1").forks("client 1").stops_listening()
    tale.dies(status).prints(printed).quiet().asks("client 1").answers("client 1").closes("client 1")
    tale.exits("client 1").reaps("client 1").quiet().leaves("client 1").quiet()
    return tale.is_refused("client 2").quiet().over()


@shows("service/again", FAIL, "parent-exits")
@shows("reaping/survives-signal", BLOCKED)
def the_parent_leaves_its_loop() -> Recording:
    return gone_with_its_first_fork(0)


@shows("service/again", FAIL, "parent-closes-listener")
def the_parent_says_that_its_listener_is_closed() -> Recording:
    return gone_with_its_first_fork(1 << 8, "accept: Bad file descriptor\n")


@shows("service/again", FAIL, "bad-pointer")
def the_parent_crashes_when_it_has_forked() -> Recording:
    return gone_with_its_first_fork(signal.SIGSEGV)


SHORTER, LONGER = "line of 8,000 bytes", "line of 64 KiB"
CRASHED, EXITED = signal.SIGSEGV, 0


def long_lines(
    tale: Story,
    *,
    replies: int | None = None,
    resets: bool = False,
    status: int = EXITED,
    forks: bool = True,
) -> Story:
    """Two clients send long lines; each gets this number of bytes back, and its end."""
    for name, size in ((SHORTER, 8_000), (LONGER, 65_536)):
        tale.connects(name)
        (tale.forks if forks else tale.accepts)(name).quiet()
        if forks:
            tale.freezes()
        tale.asks(name, b"x" * size + b"\n")
        if replies != 0:
            tale.answers(name, (b"X" * size + b"\n")[:replies])
        (tale.resets if resets else tale.closes)(name)
        if forks:
            tale.exits(name, status=status)
        tale.quiet().leaves(name)
        if forks:
            tale.quiet().thaws().reaps(name)
        tale.quiet()
    return tale


@shows("service/clean-close", PASS)
@shows("stream/long-line", PASS)
def long_lines_are_answered_whole() -> Recording:
    return long_lines(story("long line").starts()).serves("after").over()


@shows("service/clean-close", PASS)
@shows("stream/long-line", PASS)
def long_lines_are_answered_in_part_and_closed_in_order() -> Recording:
    return long_lines(story("long line").starts(), replies=1024).serves("after").over()


@shows("service/clean-close", FAIL, "closes-with-unread", needs="nothing")
@shows("stream/long-line", PASS)
def one_buffer_is_answered_and_the_rest_is_reset() -> Recording:
    return long_lines(story("long line").starts(), replies=1024, resets=True).serves("after").over()


@shows("service/clean-close", FAIL, needs="nothing")
def a_whole_reply_is_followed_by_a_reset() -> Recording:
    return long_lines(story("long line").starts(), resets=True).serves("after").over()


@shows("service/clean-close", NOT_APPLICABLE)
@shows("stream/long-line", PASS)
def long_lines_are_turned_away() -> Recording:
    tale = long_lines(story("long line").starts(), replies=0, resets=True)
    return tale.serves("after").over()


@shows("service/clean-close", PASS)
def the_connection_stays_open_after_a_long_line() -> Recording:
    tale = story("long line").starts().is_asked_for(closes=False).connects(SHORTER).forks(SHORTER)
    tale.quiet().freezes().asks(SHORTER, b"x" * 8_000 + b"\n").answers(SHORTER).quiet()
    tale.leaves(SHORTER).exits(SHORTER).quiet().thaws().reaps(SHORTER).quiet()
    return tale.serves("after").over()


def crashes(status: int, what: str = "") -> Recording:
    """The child reads the line and crashes; a sanitizer says `what` it did, if anything."""
    tale = story(SERIES).starts().connects("client 1").forks("client 1").quiet().asks("client 1")
    tale.closes("client 1").exits("client 1", status=status).quiet().leaves("client 1").quiet()
    told = tale.over()
    *before, last = told.events
    said = [Sanitized(last.at_ns, "server", what, "serve() at server.c:16")] if what else []
    return replace(told, events=(*before, *said, last))


@shows("service/reply", FAIL, "null-pointer")
def it_writes_through_a_null_pointer() -> Recording:
    return crashes(signal.SIGSEGV, "SEGV, through a NULL pointer, in fwrite()")


@shows("service/reply", FAIL, "bad-pointer")
def it_writes_where_it_has_no_memory() -> Recording:
    return crashes(signal.SIGSEGV, "SEGV")


@shows("service/reply", FAIL, "beyond-its-array")
def it_overwrites_its_own_return_address() -> Recording:
    return crashes(signal.SIGSEGV, "stack-buffer-overflow, a write of 44 bytes")


@shows("service/reply", FAIL, "stack-is-full")
def its_stack_is_full() -> Recording:
    return crashes(signal.SIGSEGV, "stack-overflow")


@shows("service/reply", FAIL, "divides-by-zero")
def it_divides_by_zero() -> Recording:
    return crashes(signal.SIGFPE)


@shows("service/reply", FAIL, "bad-pointer")
def its_child_crashes_unseen_and_again_in_a_second_run() -> Recording:
    return again(is_let_out(), ("killed by SIGSEGV", -1, "", -1, ""))


@shows("service/reply", FAIL, "null-pointer")
def nobody_saw_it_crash_through_a_null_pointer() -> Recording:
    told = again(is_let_out(), ("killed by SIGSEGV", -1, "", -1, ""))
    *before, last = told.events
    said = Sanitized(last.at_ns, "server", "SEGV, through a NULL pointer", "serve() at server.c:16")
    return replace(told, events=(*before, said, last))
