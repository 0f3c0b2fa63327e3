"""Notes on the subject itself in a recording: its files, its start, where it stood."""

import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace as changed

from harness.cell.subject_protocol import LaunchReport
from harness.observe.elf import in_source
from harness.record.events import AtPoint, Event, Standing, Started, Stood, Submitted
from harness.record.imports import TOLD_APART
from harness.record.journal import Journal
from harness.record.spelling import CALL_OTHERS
from harness.stage import Scenario
from harness.stage.reported import note_listener, note_proof, proof_of
from harness.subject.build import included
from harness.subject.call_sites import OF_C, call_sites
from harness.subject.imports import callee, imported
from harness.subject.launch import most_processes
from harness.subject.lines import callees, chain, frames, lines
from harness.subject.subject import Subject
from harness.subject.submission import files_of

_MODULE: Final = re.compile(r"-m ([\w.]+)")
_WORDS: Final = re.compile(r"[\w.+/-]+")
_MOST_FILES, _MOST_WORDS, _MOST_SOURCES = 12, 4096, 100
_JOINS: Final = {"pthread_join": "pthread_join", "thrd_join": "thrd_join", "_ZNSt6thread4joinEv": "join"}


def note_hand_in(journal: Journal, subject: Subject) -> None:
    """Write down the files that were handed in, the commands that build and start them, and the day."""
    files = files_of(subject.source)
    journal.note(
        Submitted,
        "server",
        files=tuple(files[:_MOST_FILES]),
        many=len(files),
        built=subject.built_by[:_MOST_WORDS],
        start=subject.started_by[:_MOST_WORDS],
        day=time.strftime("%Y-%m-%d"),
        calls=call_sites(_sources(subject)),
    )


def _sources(subject: Subject) -> dict[str, Path]:
    """The sources to search for calls: the files handed in, or one C file with what it includes.

    Empty where a command was given, and no file.
    """
    path, names = subject.source.path if subject.source else None, files_of(subject.source)
    if path is None or not names:
        return {}
    if not path.is_dir():
        return {each.name: each for each in (included(path) if path.suffix in OF_C else [path])}
    return {name: path / name for name in names[:_MOST_SOURCES] if not (path / name).is_symlink()}


def note_start(journal: Journal, subject: Subject, scenario: Scenario, launched: LaunchReport) -> None:
    """Write down a start of the server: how it went, and where the server listens."""
    journal.note(
        Started,
        "server",
        root=launched.root,
        limit=most_processes(subject, scenario.clients),
        told=subject.port,
        stays=launched.stays,
        hides=launched.hides,
        runaway=launched.runaway,
        vain=launched.vain or None,
        vain_on=launched.vain_on if launched.vain else None,
        arguments=tuple(subject.arguments),
        typed=subject.typed or None,
        by_variables=subject.by_variables,
        build=subject.build,
        imports=imports(subject),
        no_hand_in=bool(subject.source and subject.source.command) or None,
        named=_named(subject) or None,
    )
    note_proof(journal, proof_of(launched.report))
    if launched.listener is not None and launched.root is not None:
        note_listener(journal, launched.listener)


def _named(subject: Subject) -> tuple[str, ...]:
    """The programs of the system that an assignment's command names, also within a word for a shell."""
    told = " ".join(subject.source.asked_to_run) if subject.source else ""
    own = {Path(each).name for each in files_of(subject.source)}
    words = dict.fromkeys(Path(each).name for each in _WORDS.findall(told))
    modules = _MODULE.findall(told)
    return tuple(each for each in words if each not in own and (each in modules or shutil.which(each)))


def imports(subject: Subject) -> tuple[str, ...] | None:
    """The functions of TOLD_APART that the program takes from a library; None if it is not known."""
    if subject.folder is None or not Path(subject.argv[0]).is_relative_to(subject.folder):
        return None
    found = imported(subject.argv[0])
    return None if found is None else tuple(sorted(found & TOLD_APART))


def with_lines(subject: Subject, events: Sequence[Event]) -> Iterator[Event]:
    """These events, with addresses in the program translated into lines of its source."""
    stood = [each for event in events if isinstance(event, Stood | AtPoint) for each in event.standing]
    addresses = dict.fromkeys(each for standing in stood for each in standing.addresses)
    called = callees(subject, addresses)
    place = lines(subject, list(dict.fromkeys([*addresses, *called.values()])))
    for event in events:
        if isinstance(event, Stood | AtPoint):
            standing = tuple(_with_lines(subject, each, place, called) for each in event.standing)
            if isinstance(event, AtPoint):
                standing = tuple(
                    changed(with_lines, call=_written(subject, each, place) or each.call)
                    for each, with_lines in zip(event.standing, standing, strict=True)
                )
            yield changed(event, standing=standing)
        else:
            yield event


def _written(subject: Subject, standing: Standing, place: Mapping[int, tuple[str, ...]]) -> str:
    """The library function that makes this system call, as the source has it; "" if not known."""
    own = next((each for each in standing.addresses if each in place), None)
    name = in_source(callee(subject.argv[0], own + 1)) if own is not None else ""
    return name if name in CALL_OTHERS else ""


def _with_lines(
    subject: Subject, standing: Standing, place: Mapping[int, tuple[str, ...]], called: Mapping[int, int]
) -> Standing:
    call, addresses = standing.call, standing.addresses
    if call == "futex":
        for n, address in enumerate(addresses):  # one of a call that is over may stand before it
            if address in place and (join := _JOINS.get(callee(subject.argv[0], address + 1))):
                call, addresses = join, addresses[n:]
                break
    found = chain(addresses, place, called)
    placed = found or tuple(frames(subject, standing.told))
    return Standing(standing.pid, call, placed, vain=standing.vain)
