"""Whether every process that exits is waited for: children, helpers, and children's children."""

from typing import Final

from harness.record.recording import Recording
from harness.record.spelling import called

from . import children, unreaped
from .verdict import Verdict, blocked, failed, not_applicable, passed

_FEWEST: Final = 2  # one alone is reaped at the next accept: reaping/promptly's


def one_after_another(seen: Recording) -> Verdict:
    """Judge that clients who come and go one after another leave no zombie, of whichever parent."""
    last, served = seen.last(), children.served(seen)
    stay = children.zombies(seen)
    if not served and not stay and not children.has_waited(seen):
        return not_applicable(children.none_born(seen))
    if not seen.is_alive(last.proven()):
        return blocked("service/again")
    gone, zombies = children.exited(seen), len(stay)
    if zombies >= _FEWEST:
        return _zombies_stay(seen, zombies, len(gone))
    if leaving := children.leaving_zombies(seen):
        return failed(
            f"{len(leaving)} of {len(served)} children had a zombie below them while they served: a "
            "process that they had started themselves",
            expected="whoever starts a process waits for it",
            cause="child-leaves-zombies",
            by_children=len(leaving),
        )
    alive = {process.pid for process in last.living}
    over = sum(alive.isdisjoint(pids) for _, pids in served)
    if served and not over:
        return not_applicable(children.NONE_EXITS)
    total = max(over, len(gone), 1)
    return passed(f"{total - zombies} of {total} children reaped", zombies=zombies, children=total)


def _zombies_stay(seen: Recording, zombies: int, exited: int) -> Verdict:
    """The failure: children that served, or processes that helped, are zombies."""
    clients = [client for client in seen.clients("client ") if client.came]
    parents = {worker.ppid for worker in children.workers(seen)}
    are_workers = parents.issuperset(zombie.ppid for zombie in children.zombies(seen))
    if are_workers or any(children.is_born(seen, client) for client in clients):
        cause = unreaped.cause(seen, exited)
    else:
        cause = "helper-never-reaped" if zombies >= len(clients) else ""
    process = seen.last().find(seen.root)
    rests = called(process.call) if process is not None and process.call else "user code"
    whose = "children" if zombies == exited else "children that were seen to exit"
    return failed(
        f"{zombies} of {exited} {whose} are zombies, and the server is idle in {rests}",
        expected="no zombie left once the server is idle",
        cause=cause,
        zombies=zombies,
        children=exited,
    )
