"""Stories of stream/*."""

from __future__ import annotations

import signal
from typing import Any, Final

from harness.record.recording import Recording
from harness.signal_mask import bit
from tests.recordings import Story, story
from tests.stories import (
    BLOCKED,
    FAIL,
    INCONCLUSIVE,
    NOT_APPLICABLE,
    PASS,
    shows,
)
from tests.stories.service import CRASHED, LONGER, SHORTER, long_lines


def goodbyes(tale: Story, *, leaves_zombies: bool = False) -> Recording:
    """Three clients that ask, three that leave without a word, and one more."""
    for number in (1, 2, 3):
        tale.serves(f"talker {number}")
    tale.quiet()
    for name in ("mute 1", "mute 2", "mute 3"):
        tale.connects(name).forks(name).quiet().leaves(name).exits(name)
        if not leaves_zombies:
            tale.reaps(name)
        tale.quiet()
    return tale.quiet().serves("last").over()


@shows("stream/silent-goodbye", PASS)
def nothing_stays_of_those_who_say_nothing() -> Recording:
    return goodbyes(story("silent goodbye").starts())


@shows("stream/silent-goodbye", FAIL, "zombie-on-goodbye")
def a_zombie_stays_of_each_who_says_nothing() -> Recording:
    return goodbyes(story("silent goodbye").starts(), leaves_zombies=True)


@shows("stream/silent-goodbye", FAIL, "child-waits-for-ever")
def the_child_waits_for_one_who_has_gone() -> Recording:
    tale = story("silent goodbye").starts().serves("talker 1").connects("mute 1").forks("mute 1").quiet()
    return tale.leaves("mute 1").quiet().serves("last").over()


@shows("stream/silent-goodbye", FAIL, "spins-on-goodbye")
def the_server_burns_after_a_goodbye() -> Recording:
    tale = story("silent goodbye").starts().serves("talker 1").connects("mute 1").forks("mute 1").quiet()
    tale.leaves("mute 1").runs(tale.child_of("mute 1")).spins()
    return tale.connects("last").forks("last").spins().asks("last").answers("last").spins().over()


def rested_before_it_burnt(*, burns_in_silence: bool) -> Recording:
    """Threads that burn, and were at rest in each look that came at once after a goodbye."""
    tale = story("silent goodbye").starts().serves("talker 1").quiet()
    for name in ("mute 1", "mute 2", "mute 3"):
        tale.connects(name)
        (tale.spins() if burns_in_silence else tale.quiet()).leaves(name).rests()
    return tale.runs().spins().serves("last").over()


@shows("stream/silent-goodbye", FAIL, "spins-on-goodbye")
def threads_burn_after_all_have_gone() -> Recording:
    return rested_before_it_burnt(burns_in_silence=False)


@shows("stream/silent-goodbye", FAIL, "spins-on-eagain")
def threads_ask_whether_those_who_have_gone_say_something() -> Recording:
    return rested_before_it_burnt(burns_in_silence=True)


@shows("stream/silent-goodbye", FAIL, "forks-on-eintr")
def a_child_that_has_no_client_burns() -> Recording:
    tale = story("silent goodbye").starts().is_known(caught=bit(signal.SIGCHLD)).serves("talker 1")
    tale.forks_and_runs_on().connects("mute 1").forks("mute 1").spins().leaves("mute 1")
    return tale.exits("mute 1").reaps("mute 1").spins().serves("last").over()


@shows("stream/silent-goodbye", FAIL, "comes-back-to-accept")
def the_child_of_one_who_has_gone_is_back_in_the_loop() -> Recording:
    tale = story("silent goodbye").starts().serves("talker 1").connects("mute 1").forks("mute 1").quiet()
    child = tale.child_of("mute 1")
    tale.leaves("mute 1").runs(child).spins().accepts_in_vain(child)
    return tale.connects("last").forks("last").spins().asks("last").answers("last").spins().over()


@shows("stream/silent-goodbye", FAIL, "child-in-accept")
def the_child_of_one_who_has_gone_accepts_clients_itself() -> Recording:
    tale = story("silent goodbye").starts().serves("talker 1").connects("mute 1").forks("mute 1").quiet()
    child = tale.child_of("mute 1")
    tale.holds_listener(child).is_known(child, call="accept")
    return tale.leaves("mute 1").quiet().serves("last").over()


@shows("stream/silent-goodbye", FAIL, "goodbye-is-fatal")
def the_server_is_gone_after_a_goodbye() -> Recording:
    tale = story("silent goodbye").starts().serves("talker 1").connects("mute 1").forks("mute 1").quiet()
    tale.leaves("mute 1").exits("mute 1").reaps("mute 1").stops_listening().dies(0).quiet()
    return tale.is_refused("last").quiet().over()


@shows("stream/silent-goodbye", FAIL, "lock-kept")
def the_thread_of_one_who_has_gone_keeps_the_lock() -> Recording:
    tale = story("silent goodbye").starts().serves("talker 1", forks=False)
    for name in ("mute 1", "mute 2"):
        tale.connects(name).accepts(name, call="accept").sleeps_in(accept=1, read=1).quiet()
        tale.leaves(name).closes(name).sleeps_in(accept=1).quiet()
    tale.connects("last").accepts("last", call="accept").sleeps_in(accept=1, read=1).quiet()
    return tale.asks("last").sleeps_in(accept=1, futex=1).quiet().leaves("last").quiet().over()


# Long lines


@shows("stream/long-line", FAIL, "overflows-on-long-line", needs="a look")
@shows("service/clean-close", BLOCKED)
def the_child_crashes_though_its_reply_is_right() -> Recording:
    return long_lines(story("long line").starts(), status=CRASHED).serves("after").over()


@shows("stream/long-line", FAIL, "overflows-on-long-line", needs="nothing")
def the_kernel_reaps_the_crashed_child_and_tells_its_status() -> Recording:
    tale = story("long line").starts().connects(SHORTER).forks(SHORTER).quiet().freezes()
    tale.asks(SHORTER, b"x" * 8_000).resets(SHORTER).vanishes(SHORTER, CRASHED).quiet()
    return tale.leaves(SHORTER).quiet().thaws().quiet().serves("after").over()


@shows("stream/long-line", FAIL, "overflows-on-long-line", needs="nothing")
def the_only_process_crashes() -> Recording:
    tale = story("long line").starts().connects(SHORTER).accepts(SHORTER).quiet()
    tale.asks(SHORTER, b"x" * 8_000).resets(SHORTER).stops_listening().dies(CRASHED).quiet()
    return tale.leaves(SHORTER).is_refused(LONGER).quiet().is_refused("after").quiet().over()


@shows("stream/long-line", INCONCLUSIVE)
def nobody_sees_how_the_child_ends_that_does_not_answer() -> Recording:
    tale = story("long line").starts().connects(SHORTER).forks(SHORTER).quiet().freezes()
    tale.asks(SHORTER, b"x" * 8_000).resets(SHORTER).vanishes(SHORTER).quiet()
    return tale.leaves(SHORTER).quiet().thaws().quiet().serves("after").over()


@shows("stream/long-line", PASS)
def a_filter_beside_the_child_is_ended_by_sigpipe() -> Recording:
    return long_lines(story("long line").starts(), status=signal.SIGPIPE).serves("after").over()


@shows("stream/long-line", FAIL, needs="a look")
def the_server_exits_after_a_long_line() -> Recording:
    tale = long_lines(story("long line").starts(), forks=False).stops_listening().dies(1 << 8).quiet()
    return tale.is_refused("after").quiet().over()


@shows("stream/long-line", FAIL, "error-ends-server", needs="a look")
def an_error_ends_the_server_after_a_long_line() -> Recording:
    tale = long_lines(story("long line").starts(), forks=False)
    tale.prints(
        "Error [ERR_STREAM_WRITE_AFTER_END]: write after end\n    at Socket.end (server.js:9:1)\n"
    )
    return tale.stops_listening().dies(1 << 8).quiet().is_refused("after").quiet().over()


def cut(behind: bytes) -> Recording:
    """Of a line of 8,000 bytes 1,024 come back, and this behind them; a short one is answered."""
    tale = story("long line").starts().connects(SHORTER).forks(SHORTER).quiet()
    tale.asks(SHORTER, b"x" * 8_000 + b"\n").answers(SHORTER, b"X" * 1024 + behind).closes(SHORTER)
    tale.exits(SHORTER).reaps(SHORTER).quiet().leaves(SHORTER).quiet()
    return tale.serves("after").over()


@shows("stream/long-line", FAIL, "sends-beyond", needs="nothing")
def a_long_reply_goes_on_with_what_lay_behind_it() -> Recording:
    return cut(b"\0\x7fELF" + b"x" * 99)


@shows("stream/long-line", PASS)
def a_long_line_is_cut_and_the_server_says_so() -> Recording:
    return cut(b"... (too long)\n")


def given_up(*, resets: bool) -> Recording:
    """A long line is not answered by a thread of the server's, which lives on."""
    tale = story("long line").starts().connects(SHORTER).accepts(SHORTER, call="accept")
    tale.has_threads(2).quiet().asks(SHORTER, b"x" * 8_000 + b"\n").has_threads(1)
    if resets:
        tale.resets(SHORTER)
    tale.quiet().leaves(SHORTER).quiet()
    return tale.serves("after", forks=False).over()


@shows("stream/long-line", FAIL, "long-line-forgotten")
def a_long_line_is_neither_answered_nor_ended() -> Recording:
    return given_up(resets=False)


@shows("stream/long-line", FAIL, "overflows-on-long-line")
def after_a_long_line_the_connection_is_the_keyboard() -> Recording:
    tale = story("long line").starts().connects(SHORTER).accepts(SHORTER, call="accept")
    tale.asks(SHORTER, b"x" * 8_000 + b"\n").is_known(at_keyboard=True).sleeps("read")
    tale.quiet().leaves(SHORTER).quiet()
    return tale.serves("after", forks=False).over()


@shows("stream/long-line", PASS)
def a_long_line_is_turned_away_by_a_thread() -> Recording:
    return given_up(resets=True)


@shows("stream/long-line", FAIL)
def nobody_is_answered_after_a_long_line() -> Recording:
    tale = long_lines(story("long line").starts(), forks=False).sleeps("read").connects("after").quiet()
    return tale.asks("after").quiet().leaves("after").quiet().over()


# All bytes

VALUES = bytes([*range(0x20, 0x100), *range(0x0A), *range(0x0B, 0x20)])
LINE = 2 * VALUES + b"!\n"


def echoing(reply: bytes, **terms: Any) -> Recording:
    """A line with all bytes gets this reply."""
    tale = story("all bytes").starts().is_asked_for(**terms).connects("client").forks("client").quiet()
    tale.asks("client", LINE)
    if reply:
        tale.answers("client", reply)
    tale.closes("client").exits("client").reaps("client")
    return tale.quiet().leaves("client").quiet().over()


@shows("stream/bytes", PASS)
def all_bytes_come_back_and_the_letters_capitalised() -> Recording:
    return echoing(LINE.upper())


@shows("stream/bytes", FAIL, "format-string", needs="nothing")
def conversions_come_back_as_numbers() -> Recording:
    line = b" %X %X" + LINE
    tale = story("all bytes").starts().connects("client").forks("client").quiet().asks("client", line)
    tale.answers("client", line.partition(b"\0")[0].replace(b"%X", b"7FFE12")).closes("client")
    return tale.exits("client").reaps("client").quiet().leaves("client").quiet().over()


@shows("stream/bytes", PASS)
def all_bytes_come_back_as_they_were() -> Recording:
    return echoing(LINE.rstrip())


@shows("stream/bytes", PASS)
def letters_of_latin_1_are_capitalised_too() -> Recording:
    return echoing(bytes(byte - 0x20 if 0xE0 <= byte < 0xF7 else byte for byte in LINE.upper()))


@shows("stream/bytes", PASS)
def all_bytes_come_back_within_a_pattern() -> Recording:
    return echoing(b"you said: " + LINE, transform="you said: {line}\n")


@shows("stream/bytes", NOT_APPLICABLE)
def the_assignment_asks_for_anything() -> Recording:
    return echoing(b"thanks\n", transform="{any}\n")


HTTP: Final = {
    "steps": [{"send": "GET / HTTP/1.0\r\nX: {line}\r\n\r\n", "expect": "HTTP/1.0 {any}\r\n"}]
}
REFUSING: Final = {"steps": [{"send": "{line}\n", "expect": "ERROR what is {any}?\n"}]}


@shows("stream/bytes", NOT_APPLICABLE)
def a_header_with_a_nul_is_not_answered() -> Recording:
    tale = story("all bytes").is_asked_for(dialogue=HTTP).starts().connects("client").forks("client")
    tale.quiet().asks("client", LINE)
    return tale.quiet().leaves("client").exits("client").reaps("client").quiet().over()


@shows("stream/bytes", NOT_APPLICABLE)
def who_sends_no_text_to_a_store_of_words_is_sent_away() -> Recording:
    return echoing(b"", dialogue=REFUSING, closes=False)


@shows("stream/bytes", FAIL, "signed-char", needs="nothing")
def bytes_from_0x80_on_become_nul() -> Recording:
    return echoing(bytes(byte if byte < 0x80 else 0 for byte in LINE.upper()))


@shows("stream/bytes", FAIL, "replaces-bytes", needs="nothing")
def what_is_no_ascii_becomes_a_question_mark() -> Recording:
    return echoing(LINE.upper().decode("ascii", "replace").encode("ascii", "replace"))


@shows("stream/bytes", FAIL, "replaces-bytes", needs="nothing")
def text_ends_at_the_cr() -> Recording:
    return echoing(LINE.decode(errors="replace").upper().partition("\r")[0].encode())


@shows("stream/bytes", FAIL, "replaces-bytes", needs="nothing")
def each_cr_ends_a_line_of_text_that_is_answered_by_itself() -> Recording:
    pieces = LINE.rstrip(b"\n").decode(errors="replace").split("\r")
    said = "".join(f"Echo: {piece}\n" for piece in pieces)
    return echoing(said.encode(), transform="Echo: {line}\n", closes=False)


@shows("stream/bytes", FAIL, "replaces-bytes", needs="nothing")
def each_cr_ends_a_line_that_comes_back_in_capitals() -> Recording:
    text = LINE.rstrip(b"\n").decode("ascii", "replace").replace("\r", "\n").upper()
    return echoing(text.encode("ascii", "replace") + b"\n", closes=False)


@shows("stream/bytes", FAIL, "latin-1-capitals", needs="nothing")
def the_low_byte_of_a_capital_comes_back() -> Recording:
    capitals = (character.upper() for character in LINE.decode("latin-1"))
    return echoing(bytes(ord(each) & 0xFF if len(each) == 1 else 0xDF for each in capitals))


@shows("stream/bytes", FAIL, needs="nothing")
def a_byte_is_mapped_once_so_and_once_otherwise() -> Recording:
    return echoing(LINE.replace(b"\xe9", b"\xc9", 1))


@shows("stream/bytes", FAIL, "drops-nul", needs="nothing")
def the_nul_bytes_are_left_out() -> Recording:
    return echoing(LINE.replace(b"\0", b""))


@shows("stream/bytes", FAIL, "strlen-on-data", needs="nothing")
def the_reply_ends_at_the_nul() -> Recording:
    return echoing(LINE.upper().partition(b"\0")[0])


@shows("stream/bytes", FAIL, "char-for-eof", needs="nothing")
def the_reply_ends_before_0xff() -> Recording:
    return echoing(LINE.upper().partition(b"\xff")[0])


@shows("stream/bytes", FAIL, "strips-blanks", needs="nothing")
def the_blanks_at_its_ends_are_stripped() -> Recording:
    return echoing(LINE.strip().upper() + b"\n")


@shows("stream/bytes", FAIL, "replaces-bytes", needs="nothing")
def the_text_is_stripped_too() -> Recording:
    return echoing(LINE.decode(errors="replace").strip().encode() + b"\n")


@shows("stream/bytes", FAIL, "ends-at-cr", needs="nothing")
def the_line_ends_at_the_cr_and_is_stripped() -> Recording:
    return echoing(LINE.upper().partition(b"\r")[0].strip() + b"\n")


@shows("stream/bytes", FAIL, "ends-at-cr", needs="nothing")
def all_control_characters_before_the_cr_are_stripped_as_by_javas_trim() -> Recording:
    return echoing(LINE.partition(b"\r")[0].strip(bytes(range(0x21))) + b"\n")


@shows("stream/bytes", FAIL, "strlen-on-data", needs="nothing")
def the_first_blank_is_skipped_and_the_reply_ends_at_the_nul() -> Recording:
    return echoing(LINE.upper().partition(b"\0")[0].lstrip())


@shows("stream/bytes", FAIL, "ends-at-cr", needs="nothing")
def each_cr_ends_a_line_that_is_answered_by_itself() -> Recording:
    return echoing(LINE.replace(b"\r", b"\n"), closes=False)


@shows("stream/bytes", PASS)
def a_number_that_may_be_any_stands_before_the_line() -> Recording:
    return echoing(b"1: " + LINE, transform="{any}: {line}\n", closes=False)


@shows("stream/bytes", FAIL, needs="nothing")
def the_line_behind_the_number_is_another() -> Recording:
    return echoing(b"1: " + LINE.upper(), transform="{any}: {line}\n", closes=False)


@shows("stream/bytes", FAIL, "another-encoding", needs="nothing")
def it_is_encoded_otherwise_than_decoded() -> Recording:
    return echoing(LINE.upper().decode("latin-1").encode())


@shows("stream/bytes", FAIL, "another-encoding", needs="nothing")
def all_that_has_capitals_is_encoded_otherwise() -> Recording:
    return echoing(LINE.decode("latin-1").upper().encode())


def with_a_part_unread(call: str) -> Recording:
    """A part of the line was read, and the server sleeps in this call."""
    tale = story("all bytes").starts().sleeps("epoll_wait").quiet().connects("client")
    tale.accepts("client", call=call).quiet().asks("client", LINE).leaves_unread("client", 400).quiet()
    return tale.leaves("client").quiet().over()


@shows("stream/bytes", FAIL, "reads-once-per-edge")
def it_reads_a_part_at_each_edge() -> Recording:
    return with_a_part_unread("epoll_wait")


@shows("stream/bytes", FAIL)
def it_reads_a_part_and_sleeps() -> Recording:
    return with_a_part_unread("pause")


@shows("stream/bytes", FAIL, "ends-at-cr", needs="nothing")
def the_reply_ends_at_the_cr() -> Recording:
    return echoing(LINE.partition(b"\r")[0])


@shows("stream/bytes", FAIL, "ends-at-cr", needs="nothing")
def the_reply_ends_behind_the_cr() -> Recording:
    return echoing(LINE.upper()[: LINE.index(b"\r") + 1])


@shows("stream/bytes", FAIL, needs="nothing")
def the_reply_ends_elsewhere() -> Recording:
    return echoing(LINE.upper()[: LINE.index(b"\r") + 2])


@shows("stream/bytes", BLOCKED)
def it_answers_all_lines_with_the_same_words() -> Recording:
    return echoing(b"WELCOME\n")


@shows("stream/bytes", BLOCKED)
def more_comes_back_than_was_sent() -> Recording:
    return echoing(LINE + b"and more\n")


@shows("stream/bytes", FAIL, needs="nothing")
def a_line_with_all_bytes_is_not_answered() -> Recording:
    return echoing(b"")


def unanswered_as_no_text(printed: str) -> Recording:
    tale = story("all bytes").starts().connects("client").forks("client").quiet().asks("client", LINE)
    tale.closes("client").exits("client").reaps("client").quiet().leaves("client").quiet()
    return tale.prints(printed).over()


@shows("stream/bytes", FAIL, "decodes", needs="nothing")
def a_line_with_all_bytes_is_no_text() -> Recording:
    return unanswered_as_no_text("UnicodeDecodeError: 'ascii' codec can't decode byte 0x80\n")


@shows("stream/bytes", FAIL, "decodes", needs="nothing")
def it_prints_more_after_its_error() -> Recording:
    return unanswered_as_no_text(
        "UnicodeDecodeError: 'utf-8' codec can't decode byte 0x80\nServer Message is \nBye\n"
    )


@shows("stream/bytes", FAIL, "decodes", needs="nothing")
def a_line_with_all_bytes_is_no_text_for_rust() -> Recording:
    return unanswered_as_no_text(
        "thread '<unnamed>' panicked at 'called `Result::unwrap()` on an `Err` value: Error { kind: "
        'InvalidData, message: "stream did not contain valid UTF-8" }\', main.rs:9\n'
    )


@shows("stream/bytes", FAIL, "decodes", needs="nothing")
def a_line_with_all_bytes_is_no_text_for_ruby() -> Recording:
    return unanswered_as_no_text(
        "server.rb:7:in `upcase': input string invalid (ArgumentError)\n\tfrom server.rb:7\n"
    )


@shows("stream/bytes", FAIL, "closes-on-no-text", needs="nothing")
def a_line_that_is_no_text_is_not_answered_and_one_that_is_text_is() -> Recording:
    tale = story("all bytes").starts().connects("client").forks("client").quiet().asks("client", LINE)
    tale.closes("client").exits("client").reaps("client").quiet().leaves("client").quiet()
    reader = "reader of text"
    tale.connects(reader).forks(reader).quiet().asks(reader, b"\xc3\xa9\n").answers(
        reader, b"\xc3\x89\n"
    )
    return tale.closes(reader).exits(reader).reaps(reader).quiet().leaves(reader).quiet().over()


@shows("stream/bytes", FAIL, "error-kept-in-silence")
def a_task_of_the_pool_ends_by_an_error_that_nobody_hears() -> Recording:
    tale = story("all bytes", "server.py").starts(threads=3).sleeps_in(accept=1, futex=2).quiet()
    tale.connects("client").accepts("client", call="accept").sleeps_in(accept=1, futex=1, recvfrom=1)
    tale.quiet().asks("client", LINE).leaves_unread("client", 0).sleeps_in(accept=1, futex=2).quiet()
    return tale.leaves("client").quiet().over()


@shows("stream/bytes", FAIL)
def the_newline_behind_a_nul_is_not_seen() -> Recording:
    tale = story("all bytes").starts().connects("client").forks("client").quiet().asks("client", LINE)
    return tale.quiet().leaves("client").exits("client").reaps("client").quiet().over()


@shows("stream/bytes", FAIL)
def the_reply_stops_and_the_connection_stays_open() -> Recording:
    tale = story("all bytes").starts().connects("client").forks("client").quiet().asks("client", LINE)
    tale.answers("client", LINE[:100]).quiet().leaves("client")
    return tale.exits("client").reaps("client").quiet().over()


# The end of input in mid-line


def halves(tale: Story) -> Story:
    """A client sends half a line, and ends its input."""
    tale.connects("client").forks("client").quiet().asks("client", b"hello").quiet()
    return tale.half_closes("client")


def over_and_out(tale: Story) -> Recording:
    """The client is served, its child exits, and it leaves."""
    tale.closes("client").exits("client").reaps("client").quiet().leaves("client")
    return tale.quiet().over()


@shows("stream/half-close", PASS)
def half_a_line_is_answered() -> Recording:
    return over_and_out(halves(story("half close").starts()).answers("client"))


@shows("stream/half-close", PASS)
def half_a_line_is_answered_before_the_end_of_input() -> Recording:
    tale = story("half close").starts().connects("client").forks("client").quiet()
    return over_and_out(tale.asks("client", b"hello").answers("client"))


@shows("stream/half-close", PASS)
def the_connection_is_closed_for_want_of_a_newline() -> Recording:
    return over_and_out(halves(story("half close").starts()))


@shows("stream/half-close", FAIL, "waits-for-newline")
def the_child_waits_for_a_newline() -> Recording:
    tale = halves(story("half close").starts())
    tale.sleeps("pause", tale.child_of("client")).quiet().leaves("client").quiet()
    return tale.over()


@shows("stream/half-close", FAIL, "leaks-on-goodbye")
def its_thread_has_left_and_the_connection_is_open() -> Recording:
    tale = story("half close").starts().connects("client").accepts("client", call="accept").quiet()
    tale.asks("client", b"hello").quiet().half_closes("client").quiet().leaves("client").quiet()
    return tale.over()


@shows("stream/half-close", FAIL, "spins-on-half-close")
def the_child_reads_nothing_for_ever() -> Recording:
    tale = halves(story("half close").starts())
    return tale.runs(tale.child_of("client")).spins().leaves("client").spins().over()


@shows("stream/half-close", FAIL, "comes-back-to-accept")
def the_child_is_back_in_the_loop_at_the_end_of_the_input() -> Recording:
    tale = halves(story("half close").starts())
    child = tale.child_of("client")
    return tale.runs(child).spins().accepts_in_vain(child).leaves("client").spins().over()


@shows("stream/half-close", PASS)
def half_a_line_is_answered_by_one_who_turns_round_for_another_reason() -> Recording:
    tale = halves(story("half close").starts()).answers("client").closes("client").exits("client")
    return tale.reaps("client").runs().spins().leaves("client").spins().over()


@shows("stream/half-close", FAIL, "floods-on-half-close")
def the_child_writes_for_ever() -> Recording:
    tale = halves(story("half close").starts()).answers("client", b"hello").floods("client")
    return tale.quiet().leaves("client").quiet().over()


def with_all_at_once(*, answered: bool, ends: bool = True) -> Recording:
    """One says a line and its end together; then another's half line is answered."""
    tale, name = story("half close").starts(), "one who says all at once"
    tale.connects(name).forks(name).quiet().asks(name).half_closes(name)
    if answered:
        tale.answers(name)
    if ends:
        tale.closes(name).exits(name).reaps(name)
    return over_and_out(halves(tale.quiet().leaves(name).quiet()).answers("client"))


@shows("stream/half-close", PASS)
def a_line_and_its_end_are_answered() -> Recording:
    return with_all_at_once(answered=True)


@shows("stream/half-close", FAIL, "end-before-line", needs="a look")
def a_line_is_thrown_away_since_its_end_came_too() -> Recording:
    return with_all_at_once(answered=False)


@shows("stream/half-close", PASS)
def a_line_and_its_end_are_not_answered_and_nothing_ends() -> Recording:
    return with_all_at_once(answered=False, ends=False)


@shows("stream/half-close", FAIL)
def nobody_accepts_who_ends_its_input() -> Recording:
    tale = story("half close").starts().connects("client").quiet().asks("client", b"hello").quiet()
    return tale.half_closes("client").quiet().leaves("client").quiet().over()


# A line in two pieces


def in_two_pieces(tale: Story, *replies: bytes, quick: bytes = b"QUICK\n", ends: bool = True) -> Story:
    """A client sends half a line, another asks, then the rest comes; these are the replies."""
    tale.connects("slow").forks("slow").quiet().asks("slow", b"he").quiet()
    tale.connects("quick").forks("quick").quiet().asks("quick", b"quick\n").answers("quick", quick)
    tale.closes("quick").exits("quick").reaps("quick").quiet().asks("slow", b"llo\n")
    for reply in replies:
        tale.answers("slow", reply)
    if ends:
        tale.closes("slow").exits("slow").reaps("slow")
    return tale.quiet().leaves("slow", "quick").quiet()


@shows("stream/fragments", PASS)
def two_pieces_are_one_line() -> Recording:
    return in_two_pieces(story("half line").starts(), b"HELLO\n").over()


@shows("stream/fragments", PASS)
def a_reply_may_come_in_pieces_too() -> Recording:
    return in_two_pieces(story("half line").starts(), b"HEL", b"LO\n").over()


def closed_in_mid_line(reply: bytes, *, by_reset: bool = False) -> Recording:
    tale = story("half line").starts().connects("slow").forks("slow").quiet().asks("slow", b"he")
    if reply:
        tale.answers("slow", reply)
    (tale.resets if by_reset else tale.closes)("slow").exits("slow").reaps("slow").quiet()
    tale.serves("quick").asks("slow", b"llo\n").quiet()
    return tale.leaves("slow").quiet().over()


@shows("stream/fragments", FAIL, "one-read-one-line", needs="nothing")
def half_a_line_is_answered_and_closed() -> Recording:
    return closed_in_mid_line(b"HE")


@shows("stream/fragments", FAIL, "one-read-one-line", needs="nothing")
def half_a_line_is_answered_with_the_whole_buffer() -> Recording:
    return closed_in_mid_line(b"HE" + bytes(30))


@shows("stream/fragments", FAIL, "one-read-one-line", needs="nothing")
def half_a_line_is_answered_backwards() -> Recording:
    return closed_in_mid_line(b"EH")


@shows("stream/fragments", FAIL, "one-read-one-line", needs="nothing")
def half_a_line_is_answered_behind_a_prefix() -> Recording:
    tale = story("half line").starts().connects("slow").forks("slow").quiet().asks("slow", b"he")
    tale.answers("slow", b"You said: HE").closes("slow").exits("slow").reaps("slow").quiet()
    tale.connects("quick").forks("quick").quiet().asks("quick", b"quick\n")
    tale.answers("quick", b"You said: QUICK\n").closes("quick").exits("quick").reaps("quick").quiet()
    return tale.asks("slow", b"llo\n").quiet().leaves("slow", "quick").quiet().over()


def each_piece_is_answered(**terms: Any) -> Recording:
    """Both pieces of a line get an answer of their own, and the connection stays open."""
    tale = story("half line").starts().sleeps("select").is_asked_for(closes=False, **terms).quiet()
    tale.connects("slow").accepts("slow", call="select").quiet().asks("slow", b"he")
    tale.answers("slow", b"ERROR what?\n").quiet()
    tale.connects("quick").accepts("quick", call="select").quiet().asks("quick", b"quick\n")
    tale.answers("quick", b"ERROR what?\n").quiet().asks("slow", b"llo\n")
    tale.answers("slow", b"ERROR what?\n")
    return tale.quiet().leaves("slow", "quick").quiet().over()


@shows("stream/fragments", FAIL, "one-read-one-line")
def each_piece_is_refused_as_a_line_of_its_own() -> Recording:
    return each_piece_is_answered(transform="ERROR {any}?\n")


@shows("stream/fragments", FAIL, "one-read-one-line", needs="nothing")
def a_byte_of_a_length_is_taken_for_all_of_it() -> Recording:
    script = {"steps": [{"send": "{length:u32}{line}", "expect": "{length:u32}{LINE}"}]}
    tale = story("half line").starts().is_asked_for(dialogue=script, closes=False).connects("slow")
    tale.forks("slow").quiet().asks("slow", b"he").closes("slow").exits("slow").reaps("slow").quiet()
    tale.connects("quick").forks("quick").quiet().asks("quick", b"quick\n")
    tale.answers("quick", b"\0\0\0\5QUICK").quiet().asks("slow", b"llo\n").quiet()
    return tale.leaves("slow", "quick").quiet().over()


@shows("stream/fragments", FAIL, "one-read-one-line")
def each_piece_is_refused_in_a_dialogue() -> Recording:
    steps = [{"send": "{line}\n", "expect": "ERROR what?\n"}]
    return each_piece_is_answered(dialogue={"steps": steps})


@shows("stream/fragments", FAIL, "not-watched-again")
def the_rest_lies_there_and_the_loop_sleeps() -> Recording:
    tale = story("half line").starts().sleeps("epoll_wait").quiet().connects("slow")
    tale.accepts("slow", call="epoll_wait").quiet().asks("slow", b"he").quiet()
    tale.connects("quick").accepts("quick", call="epoll_wait").quiet().asks("quick", b"quick\n")
    tale.answers("quick", b"QUICK\n").closes("quick").quiet().asks("slow", b"llo\n")
    return tale.leaves_unread("slow", 4).quiet().leaves("slow", "quick").quiet().over()


@shows("stream/fragments", FAIL, "keeps-last-piece", needs="nothing")
def the_first_piece_is_thrown_away() -> Recording:
    tale = story("half line").starts().connects("slow").forks("slow").quiet().asks("slow", b"he").quiet()
    tale.connects("quick").forks("quick").quiet().asks("quick", b"quick\n").answers("quick", b"QUICK\n")
    tale.closes("quick").exits("quick").reaps("quick").quiet().asks("slow", b"llo\n")
    return tale.answers("slow", b"LLO\n").closes("slow").quiet().leaves("slow", "quick").quiet().over()


@shows("stream/fragments", BLOCKED)
def it_is_answered_before_its_first_piece() -> Recording:
    tale = story("half line").starts().connects("slow").accepts("slow")
    tale.answers("slow", b"HELLO\n").closes("slow").quiet().asks("slow", b"he")
    return tale.quiet().serves("quick").asks("slow", b"llo\n").quiet().over()


@shows("stream/fragments", FAIL, needs="nothing")
def half_a_line_is_broken_off() -> Recording:
    return closed_in_mid_line(b"", by_reset=True)


@shows("stream/fragments", FAIL, needs="nothing")
def each_piece_is_answered_as_a_line() -> Recording:
    tale = story("half line").starts().is_asked_for(closes=False)
    return in_two_pieces(tale, b"HE\n", b"LLO\n").over()


@shows("stream/fragments", FAIL)
def the_whole_line_is_never_answered() -> Recording:
    return in_two_pieces(story("half line").starts(), ends=False).over()


@shows("stream/fragments", BLOCKED)
def the_whole_line_of_another_is_answered_wrongly_too() -> Recording:
    return in_two_pieces(story("half line").starts(), b"HELLO\n\0", quick=b"QUICK\n\0").over()


@shows("stream/fragments", BLOCKED)
def the_pieces_go_astray_to_another() -> Recording:
    return in_two_pieces(story("half line").starts(), b"LLO\n", quick=b"HEQUICK\n").over()


@shows("stream/fragments", NOT_APPLICABLE)
def it_tells_the_time_to_whoever_connects() -> Recording:
    tale = story("half line").starts().is_asked_for(transform="{any}\n", unasked=True)
    tale.connects("slow").forks("slow").answers("slow", b"14:32:50\n").closes("slow").quiet()
    return tale.asks("slow", b"he").quiet().over()


@shows("stream/fragments", INCONCLUSIVE)
def the_second_piece_was_never_sent() -> Recording:
    tale = story("half line").starts().connects("slow").forks("slow").quiet().asks("slow", b"he")
    return tale.quiet().over()


# A client that reads late

LONG = 128 << 10
BUFFERED = 1460


def late_reader(
    tale: Story,
    reply: bytes,
    *,
    waiting: int = BUFFERED,
    takes_all: bool = True,
    end: str = "FIN",
    quick: bytes = b"HELLO\n",
) -> Story:
    """A client sends a long line, and reads the reply only when another has been served."""
    tale.connects("slow").forks("slow").quiet().asks("slow", b"x" * LONG)
    if not takes_all:
        tale.lets_go("slow")
    tale.quiet().asks("slow", b"\n").quiet()
    tale.connects("quick").forks("quick").quiet().asks("quick").answers("quick", quick).closes("quick")
    tale.exits("quick").reaps("quick").quiet().reads_on("slow", waiting)
    if reply:
        tale.answers("slow", reply)
    if end:
        (tale.closes if end == "FIN" else tale.resets)("slow").exits("slow").reaps("slow")
    return tale.quiet().leaves("slow", "quick").quiet()


WHOLE = b"X" * LONG + b"\n"


@shows("stream/large-reply", PASS)
def the_late_reader_gets_everything() -> Recording:
    return late_reader(story("slow reader").starts(), WHOLE).over()


@shows("stream/large-reply", FAIL, "partial-write", needs="a look")
def the_late_reader_gets_what_fitted() -> Recording:
    return late_reader(story("slow reader").starts(), WHOLE[:35_040]).over()


@shows("stream/large-reply", FAIL, "shared-reply-buffer", needs="a look")
def the_rest_of_the_reply_is_another_clients() -> Recording:
    reply = WHOLE[:36_000] + b"~" * (LONG - 36_000) + b"\n"
    return late_reader(story("slow reader").starts(), reply).over()


@shows("stream/large-reply", FAIL)
def the_rest_is_never_written() -> Recording:
    return late_reader(story("slow reader").starts(), WHOLE[:35_040], end="").over()


@shows("stream/large-reply", FAIL, "rest-not-watched")
def the_loop_sleeps_and_the_rest_is_never_written() -> Recording:
    tale = story("slow reader").starts().sleeps("epoll_wait").quiet().connects("slow")
    tale.accepts("slow", call="epoll_wait").quiet().asks("slow", b"x" * LONG).quiet().asks("slow", b"\n")
    tale.quiet().connects("quick").accepts("quick", call="epoll_wait").quiet().asks("quick")
    tale.answers("quick", b"HELLO\n").closes("quick").quiet().reads_on("slow", BUFFERED)
    return tale.answers("slow", WHOLE[:35_040]).quiet().leaves("slow", "quick").quiet().over()


@shows("stream/large-reply", FAIL, needs="a look")
def a_piece_of_the_reply_is_written_twice() -> Recording:
    reply = WHOLE[:50_000] + b"Y" + WHOLE[50_001:]
    return late_reader(story("slow reader").starts(), reply).over()


@shows("stream/large-reply", NOT_APPLICABLE)
def it_takes_a_kilobyte_and_closes() -> Recording:
    tale = story("slow reader").starts()
    return late_reader(tale, WHOLE[:1024], waiting=1024, takes_all=False).over()


@shows("stream/large-reply", NOT_APPLICABLE)
def it_breaks_a_long_line_off() -> Recording:
    return late_reader(story("slow reader").starts(), WHOLE[:30_000], end="RST").over()


@shows("stream/large-reply", NOT_APPLICABLE)
def it_cuts_a_long_line_short() -> Recording:
    return late_reader(story("slow reader").starts(), WHOLE[:4096]).over()


@shows("stream/large-reply", NOT_APPLICABLE)
def it_stops_reading_in_mid_line() -> Recording:
    tale = story("slow reader").starts().connects("slow").forks("slow").quiet()
    tale.asks("slow", b"x" * LONG).leaves_unread("slow", 5000).quiet().asks("slow", b"\n").quiet()
    tale.serves("quick").reads_on("slow", BUFFERED).answers("slow", WHOLE[:40_000])
    return tale.quiet().leaves("slow").quiet().over()


@shows("stream/large-reply", NOT_APPLICABLE)
def it_never_comes_to_the_end_of_a_long_line() -> Recording:
    tale = story("slow reader").starts().connects("slow").forks("slow").quiet()
    tale.asks("slow", b"x" * LONG).quiet().asks("slow", b"\n").runs(tale.child_of("slow")).spins()
    tale.connects("quick").forks("quick").spins().asks("quick").answers("quick").closes("quick").spins()
    return tale.reads_on("slow", 0).answers("slow", WHOLE[:40_000]).spins().over()


@shows("stream/large-reply", BLOCKED)
def a_short_line_is_answered_wrongly_too() -> Recording:
    tale = story("slow reader").starts()
    return late_reader(tale, WHOLE[:-1] + b"?\n", quick=b"HELLO?\n").over()


@shows("stream/large-reply", INCONCLUSIVE)
def nobody_came_to_read() -> Recording:
    tale = story("slow reader").starts().connects("slow").forks("slow").quiet()
    return tale.asks("slow", b"x" * LONG).quiet().over()


# Lines that arrive together

TOGETHER = {
    "two lines": [b"first of two\nsecond of two\n"],
    "three lines": [b"first of three\nsecond of three\nthird of three\n"],
    "one and a half": [b"first before a half\nthe second ", b"comes by halves\n"],
}


def joined(
    replies: dict[str, bytes] | None = None, late: bytes = b"ONE MORE\n", **terms: Any
) -> Recording:
    """Three clients send their lines joined; each gets the right replies unless others are given."""
    tale = story("joined").starts().is_asked_for(**{"closes": False, **terms})
    for name, pieces in TOGETHER.items():
        tale.connects(name).forks(name).quiet()
        for piece in pieces:
            tale.asks(name, piece)
            if piece != pieces[-1]:
                tale.rests()
        came = (replies or {}).get(name, b"".join(pieces).upper())
        if came:
            tale.answers(name, came)
        tale.quiet().asks(name, b"one more\n").answers(name, late).rests()
        tale.leaves(name).exits(name).reaps(name).quiet()
    return tale.over()


@shows("stream/joined", PASS)
def each_of_the_lines_is_answered() -> Recording:
    return joined()


@shows("stream/joined", FAIL, "joined-line-lost")
def the_second_line_is_lost() -> Recording:
    return joined({"two lines": b"FIRST OF TWO\n"})


@shows("stream/joined", FAIL, "joined-line-lost")
def the_half_line_behind_the_first_is_lost() -> Recording:
    return joined({"one and a half": b"FIRST BEFORE A HALF\nCOMES BY HALVES\n"})


@shows("stream/joined", FAIL, "joined-line-waits")
def the_second_line_waits_for_a_third() -> Recording:
    return joined({"two lines": b"FIRST OF TWO\n"}, late=b"SECOND OF TWO\nONE MORE\n")


@shows("stream/joined", FAIL)
def none_of_the_lines_is_answered() -> Recording:
    return joined({"three lines": b""})


@shows("stream/joined", NOT_APPLICABLE)
def a_connection_has_one_line() -> Recording:
    return story("joined").starts().branches("the server closes after its reply").over()


@shows("stream/joined", NOT_APPLICABLE)
def it_answers_whoever_connects() -> Recording:
    return joined(transform="Closed on Sundays.\n", unasked=True)


@shows("stream/joined", NOT_APPLICABLE)
def nobody_knows_where_a_reply_ends() -> Recording:
    return joined(transform="{any}")


@shows("stream/joined", INCONCLUSIVE)
def nobody_sent_joined_lines() -> Recording:
    return story("joined").starts().is_asked_for(closes=False).over()
