"""Every requirement against hand-written recordings: when it passes, fails, and says nothing.

The stories lie in `tests/stories`; here is what must hold of all of them, then baselines, levels and
diagnosis.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, cast

import pytest
from msgspec.structs import replace as changed

from harness.engine import catalogue
from harness.judge import decided
from harness.judge.causes import CAUSES, client
from harness.judge.diagnosis import diagnose, written_in
from harness.judge.reply import common_length
from harness.judge.requirement import Judgement, Requirement, Tier, judge_all
from harness.judge.verdict import Verdict, blocked, failed, inconclusive, not_applicable, passed
from harness.record import answers
from harness.record.events import Branched, Proved, Received, Submitted
from harness.record.missing import Missing
from harness.record.recording import Recording
from harness.results.result import decide
from harness.results.rubric import Rubric, exit_status, level
from tests.recordings import INIT, Story, cut, story, unseen, weakened
from tests.stories import (
    BLOCKED,
    CASES,
    FAIL,
    INCONCLUSIVE,
    NOT_APPLICABLE,
    PASS,
    SERIES,
    Case,
    Needs,
    Tell,
    abuse,
    concurrency,
    contract,
    flood,
    fork,
    held_threads,
    idle,
    in_a_row,
    lifecycle,
    moments,
    reaping,
    service,
    stream,
)
from tests.stories.concurrency import (
    one_client_at_a_time,
    the_quick_one_is_answered_at_once,
    the_quick_one_is_refused,
)
from tests.stories.contract import (
    a_runtime_keeps_threads_beside_its_loop,
    a_runtime_starts_its_threads_with_the_first_client,
    it_crashes,
    it_exits_with_its_usage,
    it_listens_and_waits,
    it_sleeps_without_a_listener,
    the_compiler_complains,
    with_threads,
)
from tests.stories.reaping import (
    a_clock_has_the_last_one_reaped,
    all_ten_are_reaped,
    nobody_is_answered_after_a_hundred_clients,
    nobody_waits_for_any_child,
    one_of_a_crowd_is_sent_away,
    one_signal_reaps_one_child,
    one_zombie_waits_for_the_next_accept,
    only_the_first_child_is_reaped,
    the_kernel_reaps_them,
)
from tests.stories.service import (
    it_serves_one_client_and_ends,
    nobody_ever_answers,
    one_process_serves_everybody,
    replying,
    the_last_byte_is_not_capitalised,
)

REQUIREMENTS = catalogue.load().requirements
IDS = [requirement.id for requirement in REQUIREMENTS]
GROUPS = (
    contract,
    service,
    concurrency,
    fork,
    reaping,
    stream,
    abuse,
    flood,
    idle,
    lifecycle,
    moments,
    held_threads,
)  # tell stories


# What must hold of every story


FAILURES = [case for case in CASES if case.outcome is FAIL]


def failures(needs: Needs) -> list[Case]:
    """The stories of failures that rest on this."""
    return [case for case in FAILURES if case.needs == needs]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_story_gets_its_verdict(case: Case) -> None:
    verdict = case.judged_by.decide(case.tell())
    assert (verdict.outcome, verdict.evidence.cause) == (case.outcome, case.cause), verdict.evidence
    assert verdict.evidence.observed


@pytest.mark.parametrize("requirement", IDS)
def test_every_requirement_can_pass_and_fail(requirement: str) -> None:
    assert {PASS, FAIL} <= {case.outcome for case in CASES if case.requirement == requirement}


def test_every_cause_is_told_by_a_story() -> None:
    assert {case.cause for case in CASES} - {""} == set(CAUSES) - set(client.CAUSES)


def test_a_cause_is_told_in_the_words_of_the_submissions_language() -> None:
    cause = CAUSES["reset-is-fatal"]
    in_c, in_python, elsewhere = (cause.told_of(f"server{of}").because for of in (".c", ".py", ".js"))
    assert in_c.startswith("read() fails with ECONNRESET when")
    assert in_python.startswith("recv() raises ConnectionResetError when")
    assert elsewhere.startswith("reading fails when")
    of_a_join = [CAUSES["joins-at-once"].told_of(f"server{of}").look_at for of in (".c", ".cpp")]
    assert ["std::async" in told for told in of_a_join] == [False, True]
    assert CAUSES["leaks-on-fork-failure"].told_of("Server.java").because.startswith("when fork() fails")
    for of in ("server.escript", "server.ml", "server.tcl"):
        assert CAUSES["emfile-is-fatal"].told_of(of) == CAUSES["emfile-is-fatal"].told_of("server.go")


# Of C and its like alone: no other language has what these speak of, or a fork() without it.
OF_C: Final = frozenset(
    {
        *("accept-arguments", "bind-failed", "calls-thread-function", "crashes-on-shortage"),
        *("dup2-reversed", "format-string", "htons-forgotten", "leaks-memory", "pointer-size"),
        *("no-buffer", "reply-in-stream", "strlen-on-data", "writes-nothing", "closed-by-another"),
        *("handler-leaps", "handler-shares-data", "handler-takes-lock", "sigterm-handler-takes-lock"),
    }
)
WORDS_OF_C: Final = re.compile(
    r"\b(?:sizeof|malloc|NULL|SOL_SOCKET|INADDR_\w+|socklen_t|sin_port|perror|strlen|FD_SET\b|fdopen|fgets"
    r"|memset|pthread_\w+|htons|fcntl|dup2|O_NONBLOCK|WIF\w+)\b|\(void \*\)"
)


def test_python_is_told_to_reap_as_python_does() -> None:
    told = CAUSES["once-per-signal"].told_of("server.py")
    assert "NULL" not in told.look_at
    assert "os.waitpid(-1, os.WNOHANG)" in told.look_at


@pytest.mark.parametrize("of", ["Server.java", "main.go", "server.js", "server.rb"])
def test_a_program_that_is_not_in_c_is_told_nothing_of_c(of: str) -> None:
    told = {name: cause.told_of(of) for name, cause in CAUSES.items() if name not in OF_C}
    found = {name: WORDS_OF_C.findall(f"{each.because} {each.look_at}") for name, each in told.items()}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize("of", ["server.c", "server.py", "Server.java", "server.go", ""])
def test_no_cause_shows_how_it_is_written(of: str) -> None:
    told = [cause.told_of(of) for cause in CAUSES.values()]
    texts = [text for cause in told for text in (cause.because, cause.look_at)]
    assert [text for text in texts if "{" in text or "|" in text] == []


@pytest.mark.parametrize("case", FAILURES, ids=str)
def test_a_failure_says_what_was_expected(case: Case) -> None:
    assert case.judged_by.decide(case.tell()).evidence.expected


@pytest.mark.parametrize("case", failures("a proof"), ids=str)
def test_mere_rest_fails_nobody(case: Case) -> None:
    assert case.judged_by.decide(weakened(case.tell(), "resting")).outcome is not FAIL


@pytest.mark.parametrize("case", failures("a proof") + failures("a look"), ids=str)
def test_a_guard_that_ran_out_fails_nobody(case: Case) -> None:
    assert case.judged_by.decide(weakened(case.tell(), "guard")).outcome is not FAIL


@pytest.mark.parametrize("case", failures("a proof") + failures("a look"), ids=str)
def test_what_nobody_looked_at_fails_nobody(case: Case) -> None:
    assert case.judged_by.decide(unseen(case.tell())).outcome is not FAIL


@pytest.mark.parametrize("case", failures("a look"), ids=str)
def test_what_has_gone_needs_no_proof_that_it_stays_away(case: Case) -> None:
    assert case.judged_by.decide(weakened(case.tell(), "resting")).outcome is FAIL


@pytest.mark.parametrize("case", failures("nothing"), ids=str)
def test_bytes_and_an_exit_status_need_no_snapshot(case: Case) -> None:
    assert case.judged_by.decide(unseen(case.tell())).outcome is FAIL


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_story_that_breaks_off_never_passes(case: Case) -> None:
    told = case.tell()
    outcomes = {case.judged_by.decide(cut(told, length)).outcome for length in range(len(told.events))}
    assert not outcomes & {PASS, NOT_APPLICABLE}


def cut_inside_replies(told: Recording) -> Iterator[tuple[Recording, Recording]]:
    """(whole, part): each run ended by the guard after a reply, and amid it where it is right so far."""
    guard = Proved(
        told.end_ns,
        "keeper",
        proof="guard",
        until_ns=None,
        why_not="a task sleeps with a time limit",
        orphans_of=INIT,
        listener=None,
        family=(),
        connections={},
    )
    cause = Branched(told.end_ns, "stage", "broken off: the guard ran out")
    for index, event in told.all(Received):
        for size in {1, len(event.data) // 2, len(event.data) - 1}:
            part = changed(event, data=event.data[:size])
            cut = replace(told, events=(*told.events[:index], part, guard, cause))
            client = cut.client(event.actor)
            if not answers.begins_reply(told.contract, client.sent, client.came):
                continue
            right = max(
                told.contract.replies(client.sent), key=lambda each: common_length(each, client.came)
            )
            rest = changed(part, data=right[len(client.came) :])
            yield replace(told, events=(*told.events[:index], part, rest, guard, cause)), cut


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_reply_that_the_guard_cuts_off_fails_nobody(case: Case) -> None:
    for whole, part in cut_inside_replies(case.tell()):
        if case.judged_by.decide(whole).outcome is not FAIL:
            assert case.judged_by.decide(part).outcome is not FAIL


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=IDS)
def test_an_empty_recording_decides_nothing(requirement: Requirement) -> None:
    assert requirement.decide(story(requirement.scenario).breaks_off()).outcome is INCONCLUSIVE


# What single judgements must tell


def observed(requirement: str, recording: Recording) -> str:
    return catalogue.load().find(requirement).decide(recording).evidence.observed


def test_a_program_that_never_came_to_life_is_not_judged() -> None:
    never = story("starting").over()
    assert catalogue.load().find("contract/starts").decide(never).outcome is INCONCLUSIVE


def test_the_compilers_first_error_comes_first() -> None:
    assert "server.c:3:1: error: expected ';'" in observed("contract/starts", the_compiler_complains())


def test_an_exit_is_told_with_its_status_and_last_words() -> None:
    told = observed("contract/starts", it_exits_with_its_usage())
    assert "exited with status 2" in told
    assert "usage: server PORT" in told


def test_a_crash_is_told_with_its_signal() -> None:
    assert "SIGSEGV" in observed("contract/starts", it_crashes())


def test_the_first_wrong_byte_is_pointed_at() -> None:
    assert "byte 8" in observed("service/reply", the_last_byte_is_not_capitalised())


def test_a_long_reply_is_cut_around_the_difference() -> None:
    told = observed("service/reply", replying(b"HELLO YOU\n" + b"x" * 5000))
    assert len(told) < 200
    assert "x" in told
    assert "5010 bytes" in told


def test_zombies_are_counted_among_the_children() -> None:
    assert "7 of 8" in observed("reaping/sequential", only_the_first_child_is_reaped())
    assert "9 of 10" in observed("reaping/burst", one_signal_reaps_one_child())


def test_the_waiting_client_was_released() -> None:
    verdict = catalogue.load().find("concurrency/silent-client").decide(one_client_at_a_time())
    assert verdict.evidence.facts["released"] is True
    assert "only after a silent one had spoken" in verdict.evidence.observed


def test_the_limit_that_is_told_is_the_number_that_was_seen() -> None:
    told = observed("reaping/long-run", nobody_is_answered_after_a_hundred_clients())
    assert "of 301 clients 100 were answered" in told


def test_what_could_not_be_measured_is_not_told_as_a_fault() -> None:
    busy = "broken off: not measured: this machine was too busy"
    told = observed("concurrency/latency", story("latency").branches(busy).breaks_off())
    assert told == "not measured: this machine was too busy"


def test_a_wait_that_nobody_released_proves_nothing() -> None:
    tale = story("silent client").starts().connects("silent").accepts("silent").quiet()
    tale.connects("quick").quiet().asks("quick").quiet()
    verdict = catalogue.load().find("concurrency/silent-client").decide(tale.over())
    assert verdict.outcome is INCONCLUSIVE


# Baselines


def told(*recordings: Recording) -> dict[str, Verdict]:
    return judge_all(REQUIREMENTS, {recording.scenario: recording for recording in recordings})


def test_whoever_never_starts_is_told_so_once() -> None:
    verdicts = told(it_exits_with_its_usage())
    assert verdicts.pop("contract/starts").outcome is FAIL
    for each in ("contract/design", "contract/idle-timeout", "stream/joined"):  # not asked for
        assert verdicts.pop(each).outcome is NOT_APPLICABLE
    assert {verdict.outcome for verdict in verdicts.values()} == {BLOCKED}
    assert {verdict.blocked_by for verdict in verdicts.values()} == {"contract/starts"}


def test_blocked_names_the_root_and_not_the_nearest() -> None:
    verdicts = told(it_listens_and_waits(), nobody_ever_answers(), one_client_at_a_time())
    assert verdicts["concurrency/last-first"].blocked_by == "service/reply"


def test_a_wrong_answer_is_still_an_answer() -> None:
    padded = replying(b"HELLO YOU\n\0\0\0\0")
    verdicts = told(it_listens_and_waits(), padded, the_quick_one_is_answered_at_once())
    assert verdicts["service/reply"].outcome is FAIL
    assert verdicts["concurrency/silent-client"].outcome is PASS
    assert verdicts["reaping/sequential"].outcome is PASS


def test_a_judgement_may_name_the_baseline_that_it_saw_fail() -> None:
    verdicts = told(it_listens_and_waits(), it_serves_one_client_and_ends(), the_quick_one_is_refused())
    assert verdicts["service/again"].outcome is FAIL
    assert verdicts["concurrency/silent-client"].blocked_by == "service/again"
    assert verdicts["concurrency/people"].blocked_by == "service/again"


def test_a_recording_is_judged_once_for_as_long_as_it_lives() -> None:
    asked: list[Recording] = []

    def counts(seen: Recording) -> Verdict:
        asked.append(seen)
        return passed("so it is")

    counting = replace(catalogue.load().find("service/reply"), judge=counts, needs=())
    others = replace(counting, judge=lambda _: failed("it is not", expected="it is"))
    for number in range(1, 3):
        recording = nobody_ever_answers()
        for _ in range(2):
            judged = judge_all([counting], {counting.scenario: recording})
            assert judged["service/reply"].outcome is PASS
        assert len(asked) == number
        judged = judge_all([others], {others.scenario: recording})
        assert judged["service/reply"].outcome is FAIL
    kept = id(recording)
    assert kept in decided._KNOWN
    asked.clear()
    del recording
    gc.collect()
    assert kept not in decided._KNOWN


def test_nobody_is_blocked_by_a_requirement_that_passes() -> None:
    served = in_a_row(story(SERIES).starts()).over()
    verdicts = told(it_listens_and_waits(), served, the_quick_one_is_refused())
    assert verdicts["service/again"].outcome is PASS
    assert verdicts["concurrency/silent-client"].outcome is INCONCLUSIVE
    assert BLOCKED not in {verdict.outcome for verdict in verdicts.values()}


def test_a_server_that_ends_when_two_are_there_fails_where_one_after_another_are_served() -> None:
    tale = story("silent client").starts().connects("silent").accepts("silent").quiet()
    tale.stops_listening().dies(1 << 8).quiet().is_refused("quick").quiet()
    served = in_a_row(story(SERIES).starts(), forks=False).over()
    verdicts = told(it_listens_and_waits(), served, tale.over())
    assert verdicts["concurrency/silent-client"].outcome is FAIL
    assert verdicts["concurrency/last-first"].blocked_by == "concurrency/silent-client"


def test_a_judgement_that_names_what_is_itself_blocked_is_told_the_root() -> None:
    verdicts = told(it_listens_and_waits(), one_client_at_a_time(), one_of_a_crowd_is_sent_away())
    assert verdicts["concurrency/silent-client"].outcome is FAIL
    assert verdicts["reaping/long-run"].blocked_by == "concurrency/silent-client"


def test_a_baseline_that_could_not_be_told_blocks_nobody() -> None:
    verdicts = told(it_listens_and_waits(), the_quick_one_is_answered_at_once())
    assert verdicts["service/reply"].outcome is INCONCLUSIVE
    assert verdicts["concurrency/silent-client"].outcome is PASS


def test_a_scenario_that_was_not_run_is_inconclusive() -> None:
    assert told(it_listens_and_waits())["reaping/burst"].outcome is INCONCLUSIVE


def test_every_baseline_exists_and_comes_to_an_end() -> None:
    needs = {requirement.id: set(requirement.needs) for requirement in REQUIREMENTS}
    while needs:
        settled = {id_ for id_, wanted in needs.items() if not wanted & set(needs)}
        assert settled, f"these need each other: {sorted(needs)}"
        assert set().union(*needs.values()) <= set(IDS)
        needs = {id_: wanted for id_, wanted in needs.items() if id_ not in settled}


def test_the_order_of_the_requirements_changes_no_verdict() -> None:
    recordings = {
        recording.scenario: recording for recording in (it_listens_and_waits(), nobody_ever_answers())
    }
    assert judge_all(REQUIREMENTS, recordings) == judge_all(REQUIREMENTS[::-1], recordings)


def breaking(error: Exception) -> Requirement:
    def judge(_: Recording) -> Verdict:
        raise error

    return replace(REQUIREMENTS[0], judge=judge)


@pytest.mark.parametrize(
    "error", [Missing("no client"), KeyError("family"), ZeroDivisionError()], ids=repr
)
def test_a_judgement_that_raises_is_inconclusive(error: Exception) -> None:
    assert breaking(error).decide(it_listens_and_waits()).outcome is INCONCLUSIVE


def test_a_judgement_that_gives_no_verdict_is_inconclusive() -> None:
    gives_none = replace(REQUIREMENTS[0], judge=cast("Judgement", lambda _: None))
    verdict = gives_none.decide(it_listens_and_waits())
    assert (verdict.outcome, verdict.evidence.observed.split(":")[0]) == (
        INCONCLUSIVE,
        "forkspec's own judgement broke",
    )


# What counts, and how far it goes


def all_met(**others: Verdict) -> dict[str, Verdict]:
    """Every requirement passes but these; `__` stands for the slash and `_` for the hyphen."""
    named = {key.replace("__", "/").replace("_", "-"): verdict for key, verdict in others.items()}
    assert named.keys() <= set(IDS)
    return {id_: named.get(id_, passed("it did")) for id_ in IDS}


FAILED = failed("it did not", expected="that it does")
DOUBT = inconclusive("the guard ran out")


@pytest.mark.parametrize(
    ("verdicts", "reached"),
    [
        (all_met(contract__starts=FAILED), 0),
        (all_met(service__again=FAILED), 0),
        (all_met(service__reply=DOUBT), 0),
        (all_met(concurrency__silent_client=FAILED), 1),
        (all_met(fork__child_exits=FAILED), 1),
        (all_met(reaping__sequential=FAILED), 2),
        (all_met(reaping__never_blocks=blocked("reaping/survives-signal")), 2),
        (all_met(reaping__burst=FAILED), 3),
        (all_met(stream__silent_goodbye=DOUBT), 2),
        (all_met(stream__half_close=DOUBT), 3),
        (all_met(fork__one_child=not_applicable("no children")), 4),
        (all_met(), 4),
    ],
)
def test_a_level_needs_all_that_lies_below(verdicts: dict[str, Verdict], reached: int) -> None:
    assert level(REQUIREMENTS, verdicts) == reached


BEYOND = all_met(reaping__burst=FAILED)
WITHIN = all_met(reaping__sequential=FAILED)


@pytest.mark.parametrize(
    ("verdicts", "rubric", "status"),
    [
        (all_met(), Rubric(strict=True), 0),
        (BEYOND, Rubric(), 0),
        (BEYOND, Rubric(Tier.ROBUST), 1),
        (BEYOND, Rubric(strict=True), 1),
        (WITHIN, Rubric(), 1),
        (WITHIN, Rubric(Tier.ROBUST), 1),
        (all_met(service__reply=DOUBT), Rubric(), 2),
        (all_met(service__reply=DOUBT, reaping__sequential=FAILED), Rubric(), 1),
        (all_met(reaping__burst=DOUBT), Rubric(), 0),
        (all_met(reaping__burst=DOUBT), Rubric(Tier.ROBUST), 2),
        (all_met(concurrency__people=blocked("concurrency/silent-client")), Rubric(), 1),
        (all_met(fork__one_child=not_applicable("no children")), Rubric(), 0),
    ],
)
def test_the_exit_status_knows_what_counts(
    verdicts: dict[str, Verdict], rubric: Rubric, status: int
) -> None:
    assert exit_status(REQUIREMENTS, verdicts, rubric) == status


@pytest.mark.parametrize(
    ("rubric", "goal"), [(Rubric(), 3), (Rubric(Tier.ROBUST), 4), (Rubric(strict=True), 4)]
)
def test_the_goal_is_what_counts(rubric: Rubric, goal: int) -> None:
    assert rubric.goal == goal


def test_a_selection_is_judged_with_its_baselines_and_shows_the_one_that_failed() -> None:
    recordings = {each.scenario: each for each in (it_listens_and_waits(), nobody_ever_answers())}
    result = decide(REQUIREMENTS, recordings, Rubric(), only=["reaping/sequential"])
    assert [requirement.id for requirement in result.requirements] == [
        "service/reply",
        "reaping/sequential",
    ]
    assert result.verdicts["reaping/sequential"].blocked_by == "service/reply"
    assert result.exit_status == 1


def test_a_selection_says_nothing_about_what_it_leaves_out() -> None:
    recording = it_listens_and_waits()
    result = decide(REQUIREMENTS, {recording.scenario: recording}, Rubric(), only=["contract/starts"])
    assert result.level is None
    assert result.diagnosis.sentence == ""
    assert result.exit_status == 0


# Diagnosis


def diagnosed(*recordings: Recording) -> tuple[str, str, str]:
    by_scenario = {each.scenario: each for each in (it_listens_and_waits(), *recordings)}
    found = diagnose(by_scenario, judge_all(REQUIREMENTS, by_scenario))
    return found.design, found.reaping, found.sentence


def sound_series() -> Recording:
    return in_a_row(story(SERIES).starts()).over()


def silent_for(seconds: float, *, ends: bool) -> Recording:
    """A client is silent for so long; then its connection ends, or its line is not answered."""
    tale = story("patience").starts().connects("silent").accepts("silent").until().waits(seconds)
    tale.branches("the assignment sets no limit for a client's silence")
    if ends:
        tale.closes("silent").rests()
    else:
        tale.asks("silent").quiet()
    return tale.serves("next", forks=False).over()


def test_a_limit_of_the_servers_own_for_silence_is_told() -> None:
    _, _, sentence = diagnosed(sound_series(), silent_for(3, ends=True))
    assert "You disconnect a client that says nothing for 3 s" in sentence
    _, _, sentence = diagnosed(sound_series(), silent_for(3, ends=False))
    assert "You give up a client that says nothing for 3 s, and keep the connection open" in sentence


def test_no_limit_is_told_of_a_server_that_waits() -> None:
    waits = story("patience").starts().connects("silent").accepts("silent").until().waits(9)
    waits.asks("silent").answers("silent").closes("silent").rests().serves("next", forks=False)
    assert "says nothing" not in diagnosed(sound_series(), waits.over())[2]


def test_one_client_at_a_time_is_iterative() -> None:
    design, reaping, sentence = diagnosed(one_process_serves_everybody(), one_client_at_a_time())
    assert (design, reaping) == ("iterative", "")
    assert sentence.startswith("You serve one client at a time")


def test_one_process_that_delays_nobody_is_an_event_loop() -> None:
    tale = story("silent client").starts().connects("silent").quiet().serves("quick", forks=False)
    tale.asks("silent").answers("silent").quiet()
    assert diagnosed(one_process_serves_everybody(), tale.over())[:2] == ("event loop", "")


@pytest.mark.parametrize(
    ("files", "source"),
    [
        (("happy", "Makefile", "server.py"), "server.py"),
        (("client.py", "main.go", "talk.go"), "main.go"),
        (("README",), "alice"),
    ],
)
def test_the_language_of_a_folder_is_that_of_most_sources(files: tuple[str, ...], source: str) -> None:
    told = Submitted(0, "server", files=files, many=len(files))
    seen = replace(nobody_waits_for_any_child(), subject="alice", events=(told,))
    assert written_in({"starting": seen}) == source


def test_a_fork_server_without_wait_reaps_none() -> None:
    design, reaping, sentence = diagnosed(nobody_waits_for_any_child())
    assert (design, reaping) == ("fork", "none")
    assert "reap none of them" in sentence
    assert "waits for none of its children" in sentence


def test_the_lectures_last_handler_reaps_once_per_signal() -> None:
    design, reaping, sentence = diagnosed(sound_series(), one_signal_reaps_one_child())
    assert (design, reaping) == ("fork", "once per signal")
    assert "slide 19 has the same fault" in sentence


@pytest.mark.parametrize(
    ("recordings", "reaping"),
    [
        ((only_the_first_child_is_reaped,), "first only"),
        ((one_zombie_waits_for_the_next_accept,), "at next accept"),
        ((a_clock_has_the_last_one_reaped, all_ten_are_reaped), "periodic"),
        ((sound_series, the_kernel_reaps_them), "by the kernel"),
        ((sound_series, all_ten_are_reaped), "complete"),
    ],
)
def test_the_reaping_is_named(recordings: Sequence[Tell], reaping: str) -> None:
    assert diagnosed(*(tell() for tell in recordings))[1] == reaping


def with_many_hands(tale: Story, threads: int = 1) -> Recording:
    tale.connects("client 1").accepts("client 1").has_threads(threads).quiet()
    return tale.asks("client 1").answers("client 1").closes("client 1").quiet().over()


def adopted_children() -> Recording:
    tale = story(SERIES).starts().connects("client 1").forks("client 1", parent=INIT).quiet()
    return tale.asks("client 1").answers("client 1").closes("client 1").quiet().over()


def over_before_any_look(parent_in: str = "") -> Recording:
    tale = story(SERIES).starts().is_asked_for(transform="{any}\n", unasked=True)
    for number in range(1, 9):
        name = f"client {number}"
        tale.connects(name).calls_a_helper(name, parent_in=parent_in).quiet().leaves(name).quiet()
    return tale.over()


@pytest.mark.parametrize(
    ("recording", "design"),
    [
        (over_before_any_look(), "fork"),
        (over_before_any_look(parent_in="read"), ""),
        (over_before_any_look(parent_in="wait4"), ""),
        (with_many_hands(story(SERIES).starts(workers=4)), "prefork(4)"),
        (with_many_hands(story(SERIES).starts(), threads=2), "threads"),
        (with_many_hands(story(SERIES).starts(threads=5), threads=5), "pool(4)"),
        (with_threads("", {"accept": 4, "futex": 1}, {"accept": 3, "futex": 1, "read": 1}), "pool(4)"),
        (with_threads("", {"accept": 1}, {"accept": 1, "read": 1}), "threads"),
        (a_runtime_keeps_threads_beside_its_loop(), "one process"),
        (a_runtime_starts_its_threads_with_the_first_client(), "one process"),
        (adopted_children(), "double fork"),
        (it_serves_one_client_and_ends(), "one-shot"),
        (it_exits_with_its_usage(), "does not run"),
        (it_sleeps_without_a_listener(), "does not run"),
    ],
)
def test_the_design_is_named(recording: Recording, design: str) -> None:
    found, _, sentence = diagnosed(recording)
    assert found == design
    assert sentence.endswith(".") or not design


def test_nothing_at_all_is_diagnosed_without_a_fuss() -> None:
    assert diagnose({}, {}).sentence == ""


def test_a_cause_is_told_once() -> None:
    sentence = diagnosed(one_process_serves_everybody(), one_client_at_a_time())[2].lower()
    assert sentence.count("you serve one client at a time") == 1
