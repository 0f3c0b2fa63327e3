"""Generates what course systems give for a class, by their own published naming rules.

Written from the rules alone, so that what reads hand-ins is held to the systems and not to itself:
Canvas lib/content_zipper.rb and Attachment.make_unique_filename, Moodle
mod/assign/classes/downloader.php, Blackboard's "Assignment File Download", Brightspace's and
Gradescope's exports of submissions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

Files = dict[str, bytes]


@dataclass(frozen=True)
class Person:
    """A student: the files of each attempt by name, the newest last; and text that was typed."""

    name: str
    number: int
    attempts: tuple[Files, ...]
    text: str = ""
    is_late: bool = False
    login: str = ""


@dataclass
class Export:
    """All entries of an export by path, and what is expected to be read from it.

    `files` are the names of the newest attempt, by the key of the student; `nothing` lists the students
    whose work cannot be judged.
    """

    entries: Files = field(default_factory=dict)
    files: dict[str, set[str]] = field(default_factory=dict)
    nothing: set[str] = field(default_factory=set)


def canvas(people: list[Person], *, anonymous: bool = False) -> Export:
    """`[name, LATE, id].join("_")`, then the attachment's number and its name."""
    made, attachment = Export(), 901_100
    for each in people:
        name = re.sub(r"_(\d+)_", r"\1", "".join(reversed(each.name.partition(" "))).lower())
        who = [] if anonymous else [name]
        late = ["LATE"] if each.is_late else []
        number = f"anon_{each.number:x}Zq"[:10] if anonymous else str(each.number)
        prefix = re.sub(r"[^\w]", "", "_".join([*who, *late, number]))
        key = number.removeprefix("anon_")
        if each.attempts:
            made.files[key] = set(each.attempts[-1])
            for file, data in each.attempts[-1].items():
                attachment += 3
                given = renamed(file, len(each.attempts) - 1)
                made.entries[f"{prefix}_{attachment}_{given}"] = data
        else:
            made.files[key] = {f"{prefix}_text.html"}
            made.nothing.add(key)
            made.entries[f"{prefix}_text.html"] = each.text.encode()
    return made


def renamed(file: str, attempt: int) -> str:
    """A file's name at its nth attempt after the first: the number goes before all suffixes."""
    if not attempt:
        return file
    suffixes = re.search(r"(\.[A-Za-z][A-Za-z0-9]*)*(\.[A-Za-z0-9]*)$", file)
    end = suffixes[0] if suffixes else ""
    return f"{file.removesuffix(end)}-{attempt}{end}"


def moodle(people: list[Person], *, folders: bool = True, blind: bool = False) -> Export:
    """`clean_filename(name with spaces for underscores _ number)`, the plugin, and the file."""
    made = Export()
    for each in people:
        name = "Participant" if blind else each.name.replace("_", " ")
        prefix = f"{name}_{each.number}_assignsubmission"
        between = "/" if folders else "_"
        key = str(each.number)
        if each.attempts:
            flat = {file.rpartition("/")[2]: data for file, data in each.attempts[-1].items()}
            files = each.attempts[-1] if folders else flat
            made.entries |= {f"{prefix}_file{between}{file}": data for file, data in files.items()}
            made.files[key] = {f"{prefix}_file"} if folders else set(files)
        if each.text:
            made.entries[f"{prefix}_onlinetext{between}onlinetext.html"] = each.text.encode()
        if each.text and not each.attempts:
            made.files[key] = {f"{prefix}_onlinetext" if folders else "onlinetext.html"}
            made.nothing.add(key)
    return made


def blackboard(people: list[Person], *, title: str = "Week 3_server") -> Export:
    """All attempts, each with a text file that tells of it."""
    made = Export()
    for each in people:
        login = each.login or f"s_{each.number}"
        count = max(len(each.attempts), 1)
        for index in range(count):
            prefix = f"{title}_{login}_attempt_2026-11-0{index + 1}-10-00-00"
            files = each.attempts[index] if each.attempts else {}
            report = (
                f"Name: {each.name} ({login})\nAssignment: {title}\n\nSubmission Field:\n{each.text}\n"
            )
            made.entries[f"{prefix}.txt"] = report.encode()
            made.entries |= {f"{prefix}_{file}": data for file, data in files.items()}
            made.files[login] = set(files) or {f"{prefix}.txt"}
        if not each.attempts:
            made.nothing.add(login)
    return made


def brightspace(people: list[Person], *, student_first: bool = True) -> Export:
    """A folder for each attempt, and a table of contents."""
    made = Export({"index.html": b"<table></table>"})
    for each in people:
        numbers = (each.number, 55501) if student_first else (55501, each.number)
        for index, files in enumerate(each.attempts):
            folder = f"{numbers[0]}-{numbers[1]} - {each.name} - Nov {index + 1}, 2026 1000 AM"
            made.entries |= {f"{folder}/{file}": data for file, data in files.items()}
            made.files[str(each.number)] = {folder}
    return made


def gradescope(people: list[Person]) -> Export:
    """A folder for each submission, and who submitted it."""
    made, lines = Export(), ["---"]
    for each in people:
        folder = f"submission_{each.number}"
        made.entries |= {f"{folder}/{file}": data for file, data in (each.attempts or ({},))[-1].items()}
        name = "".join(
            f"\\x{byte:02x}" if byte < 32 else chr(byte)
            for byte in each.name.encode("latin-1", "ignore")
        )
        lines += [f"{folder}:", "  :submitters:", f'  - :name: "{name}"', f"    :sid: '{each.number}'",
                  "  :created_at: 2026-11-01 10:00:00.000000000 Z"]  # fmt: skip
        made.files[str(each.number)] = {folder} if each.attempts else set()
        if not each.attempts:
            made.nothing.add(str(each.number))
    made.entries["submission_metadata.yml"] = "\n".join(lines).encode()
    return made


def plain(people: list[Person]) -> Export:
    """A folder for each student, called by the name."""
    made = Export({"points.csv": b"name,points\n", "task.pdf": b"%PDF"})
    for each in people:
        folder = each.name
        made.entries |= {
            f"{folder}/{file}": data for file, data in (each.attempts or ({"only.md": b""},))[-1].items()
        }
        made.files[each.name] = {folder}
    return made


SYSTEMS: Final[dict[str, Callable[[list[Person]], Export]]] = {
    "canvas": canvas,
    "canvas-anonymous": lambda people: canvas(people, anonymous=True),
    "moodle": moodle,
    "moodle-flat": lambda people: moodle(people, folders=False),
    "moodle-blind": lambda people: moodle(people, blind=True),
    "blackboard": blackboard,
    "brightspace": brightspace,
    "brightspace-other-order": lambda people: brightspace(people, student_first=False),
    "gradescope": gradescope,
    "plain": plain,
}
