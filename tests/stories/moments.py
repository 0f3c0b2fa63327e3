"""Stories of moments/*."""

from __future__ import annotations

from typing import Any, Final

from harness.record.recording import Recording
from tests.recordings import Story, story
from tests.stories import BLOCKED, FAIL, INCONCLUSIVE, NOT_APPLICABLE, PASS, shows

LAST: Final = "after child first 250"


def forks() -> Story:
    """A client's child runs only once its parent waits again; one more client comes then."""
    tale = story("fork order").starts().serves("as usual")
    tale.connects("parent first").forks("parent first").quiet().asks("parent first").quiet()
    tale.answers("parent first").closes("parent first").exits("parent first").reaps("parent first")
    tale.quiet().leaves("parent first").quiet().has_run_first("parent", 1)
    return tale.serves("after parent first")


def as_usual(tale: Story, *, zombies: int = 0) -> Story:
    """Many clients come, and nobody is held; the children of a few stay zombies."""
    tale.come_and_go("as usual 10", 10)
    for number in range(1, 1 + zombies):
        tale.serves(f"of the crowd {number}", reaped=False)
    tale.quiet().come_and_go("as usual 250", 250).quiet()
    return tale.serves("after as usual")


def a_few_run_first(tale: Story, *, ended: int = 2, reaped: bool = True) -> Story:
    """Two children run before their parent returns from fork(); one more client comes then."""
    for number in (1, 2):
        client = f"child first {number}"
        tale.connects(client).asks(client).forks(client).answers(client).closes(client).exits(client)
        if reaped:
            tale.reaps(client)
        tale.quiet().leaves(client).quiet()
    return tale.has_run_first("child", 2, ended).serves("after child first 2")


def many_run_first(tale: Story, *, unanswered: int = 0) -> Story:
    """Two hundred and fifty more come, and their children run first."""
    tale.come_and_go("child first 250", 250, unanswered=unanswered).quiet()
    return tale.has_run_first("child", 250 - unanswered, 250 - unanswered)


@shows("moments/fork-order", PASS)
def it_does_not_matter_who_runs_first() -> Recording:
    return many_run_first(as_usual(a_few_run_first(forks()))).serves(LAST).over()


@shows("moments/fork-order", FAIL, "pid-entered-late")
def each_place_is_lost_whose_child_ran_first() -> Recording:
    tale = many_run_first(as_usual(a_few_run_first(forks())), unanswered=22)
    tale.connects(LAST).queues(1).sleeps("sigsuspend").quiet().asks(LAST).quiet()
    return tale.leaves(LAST).quiet().over()


@shows("moments/fork-order", FAIL, "pid-entered-late")
def whoever_comes_after_two_is_sent_away() -> Recording:
    tale = forks().has_run_first("child", 2, 2)
    tale.connects("after child first 2").closes("after child first 2").quiet()
    return tale.asks("after child first 2").quiet().leaves("after child first 2").quiet().over()


@shows("moments/fork-order", FAIL, "unknown-child-is-fatal")
def it_dies_when_a_child_has_run_first() -> Recording:
    tale = forks()
    tale.connects("child first 1").asks("child first 1").forks("child first 1")
    tale.answers("child first 1").closes("child first 1").exits("child first 1").dies(256)
    tale.quiet().leaves("child first 1").quiet().has_run_first("child", 1, 1)
    return tale.is_refused("after child first 2").quiet().over()


@shows("moments/fork-order", FAIL)
def who_is_served_late_gets_no_answer() -> Recording:
    tale = story("fork order").starts().serves("as usual")
    tale.connects("parent first").forks("parent first").quiet().asks("parent first").quiet()
    tale.exits("parent first").reaps("parent first").closes("parent first").quiet()
    return tale.leaves("parent first").quiet().has_run_first("parent", 1).over()


@shows("moments/fork-order", FAIL)
def who_is_served_early_gets_no_answer() -> Recording:
    tale = forks()
    for number in (1, 2):
        client = f"child first {number}"
        tale.connects(client).asks(client).forks(client).closes(client).exits(client).reaps(client)
        tale.quiet().leaves(client).quiet()
    return tale.has_run_first("child", 2, 2).serves("after child first 2").over()


@shows("moments/fork-order", FAIL)
def those_that_ran_first_stay_zombies() -> Recording:
    tale = as_usual(a_few_run_first(forks(), reaped=False))
    return many_run_first(tale).serves(LAST).over()


@shows("moments/fork-order", INCONCLUSIVE)
def those_that_ran_first_are_zombies_until_a_clock_strikes() -> Recording:
    tale = as_usual(a_few_run_first(forks(), reaped=False))
    return many_run_first(tale).serves(LAST).until().over()


@shows("moments/fork-order", NOT_APPLICABLE)
def nobody_is_born() -> Recording:
    tale = story("fork order").starts().serves("as usual", forks=False)
    return tale.branches("no process was born for a client: nobody forks").over()


@shows("moments/fork-order", NOT_APPLICABLE)
def nobody_may_be_held() -> Recording:
    tale = story("fork order").starts().serves("as usual")
    return tale.branches("ptrace: Operation not permitted", refused=True).over()


@shows("moments/fork-order", NOT_APPLICABLE)
def another_process_was_waiting_for_it() -> Recording:
    tale = story("fork order").starts().serves("as usual").serves("parent first")
    return tale.has_run_first("parent", 0).serves("after parent first").over()


@shows("moments/fork-order", NOT_APPLICABLE)
def a_child_stays_while_its_parent_is_held() -> Recording:
    return a_few_run_first(forks(), ended=0).over()


@shows("moments/fork-order", NOT_APPLICABLE)
def it_forks_a_helper_that_stays() -> Recording:
    tale = as_usual(a_few_run_first(forks())).come_and_go("child first 250", 250, unanswered=240).quiet()
    return tale.has_run_first("child", 11, 10).serves(LAST).over()


@shows("moments/fork-order", BLOCKED)
def so_many_stay_zombies_whoever_runs_first() -> Recording:
    tale = as_usual(a_few_run_first(forks(), reaped=False), zombies=2)
    return many_run_first(tale).serves(LAST).over()


@shows("moments/fork-order", BLOCKED)
def hundreds_are_not_served_whoever_runs_first() -> Recording:
    tale = a_few_run_first(forks()).come_and_go("as usual 10", 10).quiet()
    tale.come_and_go("as usual 250", 250, unanswered=150).quiet()
    tale.connects("after as usual").queues(1).quiet().asks("after as usual").quiet()
    return tale.leaves("after as usual").quiet().over()


@shows("moments/fork-order", BLOCKED)
def hundreds_end_it_whoever_runs_first() -> Recording:
    tale = a_few_run_first(forks()).come_and_go("as usual 10", 10).quiet()
    tale.come_and_go("as usual 250", 250, unanswered=236).dies(256).quiet()
    return tale.is_refused("after as usual").quiet().over()


@shows("moments/fork-order", INCONCLUSIVE)
def only_a_few_came() -> Recording:
    return as_usual(a_few_run_first(forks())).over()


@shows("moments/fork-order", INCONCLUSIVE)
def one_of_the_crowd_got_no_answer() -> Recording:
    tale = many_run_first(as_usual(a_few_run_first(forks())), unanswered=1)
    return tale.serves(LAST).over()


@shows("moments/fork-order", INCONCLUSIVE)
def no_child_ran_first() -> Recording:
    return forks().over()


def followed(*, trials: int = 2, points: int = 2, imports: tuple[str, ...] | None = None) -> Story:
    """A client comes, and a child ends, while the parent is followed; nobody else ends meanwhile.

    The first newcomer's child is there.
    """
    tale = story("any moment").starts(imports=imports).serves("as usual").joins("stays 0")
    if trials > 0:
        tale.connects("comes 0").forks("comes 0").quiet().was_followed("comes", points)
        tale.gets_its_answer("stays 0").joins("stays 1").gets_its_answer("comes 0")
    if trials > 1:
        tale.joins("ends 1").gets_its_answer("ends 1").was_followed("ends", points)
        tale.gets_its_answer("stays 1").joins("stays 2")
    return tale


def one_came(tale: Story, point: str, result: int = 0, **held: Any) -> Story:
    """A client comes; the parent is held at a point until another client's child has ended."""
    tale.connects("comes 2").forks("comes 2").quiet().asks("stays 2").answers("stays 2")
    tale.closes("stays 2").exits("stays 2").quiet().leaves("stays 2").quiet()
    return tale.was_held(1, "comes", point, result, **held)


def one_ended(tale: Story, point: str, result: int = 0, **held: Any) -> Story:
    """A child has ended; the parent is held at a point until another child has, too."""
    tale.joins("ends 2").gets_its_answer("ends 2").asks("stays 2").answers("stays 2")
    tale.closes("stays 2").exits("stays 2").quiet().leaves("stays 2").quiet()
    return tale.was_held(1, "ends", point, result, **held)


@shows("moments/signal-any-time", PASS)
def the_signal_came_after_close() -> Recording:
    tale = one_came(followed(), "after close", frame="main(), server.c:40").reaps("stays 2").quiet()
    tale.joins("stays 3").gets_its_answer("comes 2").gets_its_answer("stays 3")
    return tale.over()


@shows("moments/signal-any-time", NOT_APPLICABLE)
def the_point_was_not_reached_again() -> Recording:
    tale = one_came(followed(), "after close", reached=False).reaps("stays 2").quiet()
    return tale.joins("stays 3").gets_its_answer("comes 2").gets_its_answer("stays 3").over()


@shows("moments/signal-any-time", FAIL, "wake-up-lost")
def it_sleeps_although_the_child_has_ended() -> Recording:
    tale = one_came(followed(), "before pause").reaps("stays 2").sleeps("pause").quiet()
    tale.connects("stays 3").queues(1).quiet().asks("stays 3").quiet().leaves("stays 3").quiet()
    return tale.asks("comes 2").answers("comes 2").over()


@shows("moments/signal-any-time", FAIL, "handler-takes-lock")
def its_handler_waits_for_the_loop() -> Recording:
    tale = one_came(followed(), "before sendto").sleeps("futex").quiet()
    tale.connects("stays 3").queues(1).quiet().asks("stays 3").quiet().leaves("stays 3").quiet()
    return tale.asks("comes 2").answers("comes 2").over()


@shows("moments/signal-any-time", FAIL, "errno-not-saved")
def it_takes_the_handlers_error_for_its_own() -> Recording:
    tale = one_ended(followed(), "after accept", -11).reaps("stays 2").dies(256).quiet()
    return tale.is_refused("stays 3").quiet().over()


@shows("moments/signal-any-time", FAIL, "handler-leaps")
def its_handler_leaps_out_and_who_came_is_lost() -> Recording:
    return sent_away(imports=("siglongjmp", "socket"))


@shows("moments/signal-any-time", FAIL, "handler-shares-data")
def who_came_just_then_is_sent_away() -> Recording:
    return sent_away()


def sent_away(imports: tuple[str, ...] | None = None) -> Recording:
    """A child ends when another client has just come, and that one gets no answer."""
    tale = followed(imports=imports)
    tale.connects("comes 2").quiet().asks("stays 2").answers("stays 2").closes("stays 2")
    tale.exits("stays 2").quiet().leaves("stays 2").quiet().was_held(1, "comes", "before getpeername")
    tale.reaps("stays 2").closes("comes 2").quiet().joins("stays 3").asks("comes 2").quiet()
    return tale.leaves("comes 2").quiet().over()


def stepped_through(*called: str, instructions: int = 42) -> Story:
    """The handler calls what it must not; then a client has come while the loop was stepped through."""
    tale = followed(trials=1).joins("ends 1").gets_its_answer("ends 1")
    tale.was_followed("ends", 2, called=called).gets_its_answer("stays 1").joins("stays 2")
    tale.connects("comes 2").forks("comes 2").quiet()
    tale.was_followed("comes", 0, within=instructions)
    return tale.gets_its_answer("stays 2").joins("stays 3").gets_its_answer("comes 2")


def one_came_within(tale: Story, function: str, step: int, **held: Any) -> Story:
    """A client comes; the parent is held within a function until another client's child has ended."""
    tale.connects("comes 3").forks("comes 3").quiet().asks("stays 3").answers("stays 3")
    tale.closes("stays 3").exits("stays 3").quiet().leaves("stays 3").quiet()
    return tale.was_held(1, "comes", "within accept", 1, function=function, step=step, steps=41, **held)


@shows("moments/signal-any-time", PASS)
def the_signal_came_within_malloc() -> Recording:
    tale = one_came_within(stepped_through("malloc"), "malloc", 28, frame="main(), server.c:40")
    tale.reaps("stays 3").quiet().joins("stays 4")
    return tale.gets_its_answer("comes 3").gets_its_answer("stays 4").over()


@shows("moments/signal-any-time", FAIL, "handler-shares-data")
def its_handler_is_given_the_loops_memory() -> Recording:
    tale = one_came_within(stepped_through("asprintf"), "malloc", 28, via="asprintf")
    return tale.reaps("stays 3").dies(6).quiet().is_refused("stays 4").quiet().over()


@shows("moments/signal-any-time", FAIL, "handler-takes-lock")
def its_handler_waits_for_a_lock_within_random() -> Recording:
    tale = one_came_within(stepped_through("random"), "random", 6).sleeps("futex").quiet()
    tale.connects("stays 4").queues(1).quiet().asks("stays 4").quiet().leaves("stays 4").quiet()
    return tale.asks("comes 3").answers("comes 3").over()


@shows("moments/signal-any-time", FAIL, "handler-shares-data")
def it_reads_the_handlers_text() -> Recording:
    tale = one_came_within(stepped_through("inet_ntoa"), "inet_ntoa", 41).reaps("stays 3").quiet()
    tale.connects("stays 4").queues(1).quiet().asks("stays 4").quiet().leaves("stays 4").quiet()
    return tale.asks("comes 3").answers("comes 3").over()


@shows("moments/signal-any-time", PASS)
def its_functions_are_its_own() -> Recording:
    tale = followed(trials=1).joins("ends 1").gets_its_answer("ends 1")
    tale.was_followed("ends", 2, is_static=True).gets_its_answer("stays 1").joins("stays 2")
    tale = one_came(tale, "after close").reaps("stays 2").quiet()
    return tale.joins("stays 3").gets_its_answer("comes 2").gets_its_answer("stays 3").over()


@shows("moments/signal-any-time", FAIL, "flag-cleared-late")
def one_stays_a_zombie_although_another_came() -> Recording:
    return one_ended(followed(), "after wait4").joins("stays 3").over()


@shows("moments/signal-any-time", NOT_APPLICABLE)
def nobody_forks_at_any_moment() -> Recording:
    tale = story("any moment").starts().serves("as usual", forks=False)
    return tale.branches("no process was born for a client: nobody forks").over()


@shows("moments/signal-any-time", NOT_APPLICABLE)
def nobody_may_be_followed() -> Recording:
    tale = followed(trials=0).branches("ptrace(): Operation not permitted", refused=True)
    return tale.over()


@shows("moments/signal-any-time", NOT_APPLICABLE)
def it_is_mute_when_it_is_only_followed() -> Recording:
    tale = story("any moment").starts().serves("as usual").joins("stays 0")
    tale.connects("comes 0").quiet().was_followed("comes").gets_its_answer("stays 0")
    tale.connects("stays 1").queues(1).quiet().asks("stays 1").quiet().leaves("stays 1").quiet()
    return tale.over()


@shows("moments/signal-any-time", INCONCLUSIVE)
def it_was_followed_and_no_more() -> Recording:
    return followed(trials=1).breaks_off()


def ended_at_rest(*, points: int = 2, children_stay: bool = False) -> Story:
    """It was followed; then SIGTERM came while it slept, and ended it."""
    tale = story("ended any time").starts().serves("as usual").joins("stays 0")
    tale.connects("comes 0").forks("comes 0").quiet().was_followed("comes", points)
    tale.gets_its_answer("comes 0").joins("ends 0").gets_its_answer("ends 0")
    tale.was_followed("ends", points).gets_sigterm()
    if children_stay:
        return tale.dies(0).quiet().leaves("stays 0").exits("stays 0").reaps("stays 0").quiet()
    return all_end(tale, "stays 0").leaves("stays 0").quiet()


def all_end(tale: Story, *clients: str) -> Story:
    """The server ends, and the children of these clients."""
    for client in clients:
        tale.closes(client).exits(client).reaps(client)
    return tale.dies(15).quiet()


def held_and_ended(
    tale: Story,
    point: str,
    result: int = 0,
    *,
    number: int = 1,
    forks: bool = False,
    of: int = 4,
    **held: Any,
) -> Story:
    """It is started anew, and held at a point when a client comes; there SIGTERM comes."""
    stays, comes = f"stays {number}", f"comes {number}"
    tale.is_killed().starts().joins(stays).connects(comes)
    if forks:
        tale.forks(comes)
    tale.quiet().gets_sigterm().quiet()
    return tale.was_held(number, "comes", point, result, of=of, **held)


@shows("moments/terminate", PASS)
def it_ends_wherever_sigterm_comes() -> Recording:
    tale = held_and_ended(ended_at_rest(), "before accept", of=2)
    all_end(tale, "stays 1").leaves("comes 1", "stays 1").quiet()
    held_and_ended(tale, "after clone", 1, number=2, forks=True, of=2)
    return all_end(tale, "stays 2", "comes 2").leaves("comes 2", "stays 2").quiet().over()


@shows("moments/terminate", PASS)
def its_children_serve_to_the_end_wherever_sigterm_comes() -> Recording:
    tale = held_and_ended(ended_at_rest(children_stay=True), "after clone", 1, forks=True, of=1)
    tale.dies(0).quiet().leaves("comes 1", "stays 1")
    for client in ("comes 1", "stays 1"):
        tale.exits(client).reaps(client)
    return tale.quiet().over()


@shows("moments/terminate", PASS)
def it_leaves_sigterm_alone() -> Recording:
    tale = story("ended any time").starts().serves("as usual")
    return tale.branches("SIGTERM has its default action there").over()


@shows("moments/terminate", FAIL, "newborn-lives-on")
def the_newborn_child_lives_on() -> Recording:
    tale = held_and_ended(ended_at_rest(), "after clone", 1, forks=True)
    all_end(tale, "stays 1").leaves("comes 1", "stays 1").exits("comes 1").reaps("comes 1").quiet()
    return tale.over()


@shows("moments/terminate", FAIL, "sigterm-lost")
def it_falls_asleep_in_spite_of_sigterm() -> Recording:
    tale = held_and_ended(ended_at_rest(children_stay=True), "before accept", 1, forks=True)
    tale.sleeps("accept").quiet().leaves("comes 1", "stays 1")
    return tale.exits("comes 1").reaps("comes 1").exits("stays 1").reaps("stays 1").quiet().over()


@shows("moments/terminate", FAIL, "sigterm-lost")
def it_looks_at_its_flag_only_once_somebody_has_come() -> Recording:
    """SIGTERM comes during fork(), and its handler runs; nobody looks before the loop sleeps."""
    tale = held_and_ended(ended_at_rest(children_stay=True), "after clone", 7, forks=True)
    tale.sleeps("select").is_known(caught=1 << 14, blocked=0).quiet().leaves("comes 1", "stays 1")
    return tale.exits("comes 1").reaps("comes 1").exits("stays 1").reaps("stays 1").quiet().over()


@shows("moments/terminate", FAIL)
def it_has_lost_its_handler_for_sigterm() -> Recording:
    tale = held_and_ended(ended_at_rest(children_stay=True), "after clone", 7, forks=True)
    tale.sleeps("select").is_known(caught=0, blocked=0, ignored=1 << 14).quiet()
    tale.leaves("comes 1", "stays 1")
    return tale.exits("comes 1").reaps("comes 1").exits("stays 1").reaps("stays 1").quiet().over()


@shows("moments/terminate", FAIL, "sigterm-handler-takes-lock")
def its_handler_for_sigterm_waits_for_the_loop() -> Recording:
    tale = held_and_ended(ended_at_rest(), "before sendto").sleeps("futex").quiet()
    return tale.leaves("comes 1", "stays 1").exits("stays 1").quiet().over()


@shows("moments/terminate", FAIL)
def it_waits_for_its_clients_and_then_for_ever() -> Recording:
    tale = story("ended any time").starts().serves("as usual").joins("stays 0")
    tale.was_followed("comes").was_followed("ends").gets_sigterm().quiet().leaves("stays 0")
    tale.exits("stays 0").reaps("stays 0").dies(0).quiet()
    held_and_ended(tale, "before close", forks=True).sleeps("wait4").quiet().leaves("comes 1", "stays 1")
    tale.exits("comes 1").reaps("comes 1").exits("stays 1").reaps("stays 1")
    return tale.sleeps("pause").quiet().over()


@shows("moments/terminate", NOT_APPLICABLE)
def nobody_forks_who_could_be_ended() -> Recording:
    tale = story("ended any time").starts().serves("as usual", forks=False)
    return tale.branches("no process was born for a client: nobody forks").over()


@shows("moments/terminate", NOT_APPLICABLE)
def another_process_forks_than_gets_sigterm() -> Recording:
    tale = story("ended any time").starts().serves("as usual")
    return tale.branches("not its first process forks, which gets SIGTERM").over()


@shows("moments/terminate", NOT_APPLICABLE)
def nobody_may_be_followed_and_ended() -> Recording:
    tale = story("ended any time").starts().serves("as usual").joins("stays 0")
    return tale.branches("ptrace(): Operation not permitted", refused=True).over()


@shows("moments/terminate", NOT_APPLICABLE)
def the_point_was_not_reached_when_it_was_to_end() -> Recording:
    tale = held_and_ended(ended_at_rest(), "before accept", reached=False, of=1)
    return all_end(tale, "stays 1").leaves("comes 1", "stays 1").quiet().over()


@shows("moments/terminate", NOT_APPLICABLE)
def the_machines_port_is_not_free_at_once() -> Recording:
    tale = held_and_ended(ended_at_rest(), "before accept")
    all_end(tale, "stays 1").leaves("comes 1", "stays 1").quiet().is_killed()
    tale.branches("it does not start again at once on its port, which is the machine's here")
    return tale.over()


@shows("moments/terminate", BLOCKED)
def it_cannot_be_started_again_at_once() -> Recording:
    tale = held_and_ended(ended_at_rest(), "before accept")
    all_end(tale, "stays 1").leaves("comes 1", "stays 1").quiet().is_killed()
    return tale.branches("it does not start again at once on its port").over()


@shows("moments/terminate", INCONCLUSIVE)
def it_was_ended_at_one_point_of_four() -> Recording:
    tale = held_and_ended(ended_at_rest(), "before accept")
    return all_end(tale, "stays 1").leaves("comes 1", "stays 1").quiet().over()


@shows("moments/terminate", INCONCLUSIVE)
def it_was_not_followed_before_it_ended() -> Recording:
    return story("ended any time").starts().serves("as usual").joins("stays 0").breaks_off()
