"""Every pair of settings of an assignment's file works together, or is refused with a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from itertools import combinations
from typing import Any, Final

import msgspec
import pytest
from msgspec import to_builtins

from harness.engine import assignment_file as assignment
from harness.engine import setting_pairs as together
from harness.engine.assignment_file import AssignmentFile, UnusableAssignment, of_text
from harness.record.dialogue import Dialogue

STEPS: Final = 'dialogue.steps = [{ send = "SET {line}\\n", expect = "OK {any}\\n" }]'
HIDDEN: Final = 'feedback.hidden = ["reaping/burst"]'
OBSERVED: Final = 'feedback.before_deadline = "observed"'
DEADLINE: Final = "feedback.deadline = 2027-01-31"
POINTS: Final = 'points."service/reply" = 2'

# One line for each setting, with a value that is not the usual one, after what it cannot do without.
WRITTEN: Final[Mapping[str, tuple[str, ...]]] = {
    "missing_is_zero": ("missing_is_zero = true",),
    "surprise": ("surprise = 3",),
    "late.deadline": ("late.deadline = 2027-01-31",),
    "late.free_days": ("late.deadline = 2027-01-31", "late.free_days = 2"),
    "late.percent_per_day": ("late.deadline = 2027-01-31", "late.percent_per_day = 10"),
    "late.most_percent": ("late.deadline = 2027-01-31", "late.most_percent = 50"),
    "name": ('name = "Week 3"',),
    "tier": ('tier = "robust"',),
    "most_points": (POINTS, "most_points = 1"),
    "points": (POINTS,),
    "award": ('award = [{ points = 3, name = "style", text = "by hand" }]',),
    "references": ('references."service/reply" = "page 12"',),
    "hints": ('hints."service/reply" = "Look."',),
    "submission.entry": ('submission.entry = "server.c"',),
    "submission.role": ('submission.role = "client"',),
    "submission.build": ('submission.build = "make"',),
    "submission.run": ('submission.run = "./server {port}"',),
    "submission.port": ("submission.port = 7",),
    "submission.environment": ('submission.environment.A = "1"',),
    "submission.packages": ('submission.packages = ["numpy"]',),
    "submission.files": ('submission.files."etc/a.conf" = "port {port}"',),
    "limits.memory_mb": ("limits.memory_mb = 512",),
    "limits.all_memory_mb": ("limits.all_memory_mb = 512",),
    "limits.cpu_s": ("limits.cpu_s = 5",),
    "limits.descriptors": ("limits.descriptors = 64",),
    "limits.file_mb": ("limits.file_mb = 2",),
    "limits.start_s": ("limits.start_s = 5",),
    "limits.most_s": ("limits.most_s = 60",),
    "contract.transform": ('contract.transform = "{any}\\n"',),
    "contract.greeting": ('contract.greeting = "220 {any}\\n"',),
    "contract.line_ending": ('contract.line_ending = "\\r\\n"',),
    "contract.closes": ("contract.closes = false",),
    "contract.design": ('contract.design = "fork"',),
    "contract.unasked": ('contract.transform = "{any}\\n"', "contract.unasked = true"),
    "contract.at_half_close": ("contract.at_half_close = true",),
    "contract.port": ('contract.port = "any"',),
    "contract.idle_timeout_s": ("contract.idle_timeout_s = [5, 10]",),
    "contract.most_at_once": ("contract.most_at_once = 5",),
    "contract.unseen": ('contract.unseen = "fail"',),
    "dialogue.steps": (STEPS,),
    "dialogue.opening": (STEPS, 'dialogue.opening = [{ send = "", expect = "HI\\n" }]'),
    "dialogue.partial": (STEPS, 'dialogue.partial = "SET "'),
    "dialogue.between": (STEPS, 'dialogue.between = "<{any}>\\n"'),
    "dialogue.ready": ('dialogue.ready = "listening"',),
    "dialogue.ready_in": ('dialogue.ready = "listening"', 'dialogue.ready_in = "log"'),
    "feedback.before_deadline": (DEADLINE, OBSERVED),
    "feedback.deadline": (OBSERVED, DEADLINE),
    "feedback.hidden": (HIDDEN,),
    "feedback.until": (HIDDEN, "feedback.until = 2027-02-15"),
}
SPEAKS: Final = {"transform", "greeting", "line_ending", "unasked", "at_half_close"}
SCRIPT: Final = {"steps", "opening", "partial", "between"}
OF_SERVERS: Final = {
    "contract.greeting",
    "contract.unasked",
    "contract.at_half_close",
    "contract.design",
    "contract.port",
    "contract.idle_timeout_s",
    "contract.most_at_once",
    "contract.unseen",
    "dialogue.ready",
    "dialogue.ready_in",
}
REFUSED: Final = {
    *(frozenset({f"contract.{one}", f"dialogue.{two}"}) for one in SPEAKS for two in SCRIPT),
    *(frozenset({"submission.role", f"dialogue.{key}"}) for key in SCRIPT),
    *(frozenset({"submission.role", key}) for key in OF_SERVERS),
    frozenset({"contract.at_half_close", "contract.unasked"}),
    frozenset({"contract.at_half_close", "contract.closes"}),
}
PAIRS: Final = list(combinations(WRITTEN, 2))


def settings_of(kind: type[msgspec.Struct], table: str = "") -> Iterator[str]:
    """Every setting that the file's structs have, as "table.key"."""
    for field in msgspec.structs.fields(kind):
        inner = field.type
        is_table = isinstance(inner, type) and issubclass(inner, msgspec.Struct)
        if is_table and not table:
            yield from settings_of(inner, f"{field.name}.")
        else:
            yield f"{table}{field.name}"


def read(*keys: str) -> AssignmentFile:
    lines = dict.fromkeys(line for key in keys for line in WRITTEN[key])
    return of_text("\n".join(lines), "week3.toml")


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every single value that was settled; an award by its name."""
    if isinstance(value, Dialogue):
        value = to_builtins(value)
    if is_dataclass(value):
        inner = {field.name: getattr(value, field.name) for field in fields(value)}
        inner.pop("text", None) if isinstance(value, AssignmentFile) else None
        yield from leaves(inner, path)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from leaves(each, (*path, str(key)))
    elif isinstance(value, tuple) and value and is_dataclass(value[0]):
        for each in value:
            yield (*path, each.name), each
    else:
        yield path, value


def heeded(settings: AssignmentFile) -> dict[tuple[str, ...], Any]:
    """What differs from an empty file's settings."""
    usual = dict(leaves(of_text("", "week3.toml")))
    missing = object()
    return {path: value for path, value in leaves(settings) if usual.get(path, missing) != value}


def test_every_setting_has_its_line() -> None:
    assert set(settings_of(assignment._File)) == set(WRITTEN)


def test_every_rule_names_settings_that_there_are() -> None:
    named = {key for pair in together.CLASHES for key in pair} | set(together.NEEDS)
    assert named - set(WRITTEN) == {'submission.role = "client"'}


@pytest.mark.parametrize("key", WRITTEN)
def test_a_setting_is_heeded(key: str) -> None:
    assert heeded(read(key))


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=map(" and ".join, PAIRS))
def test_two_settings_work_together_or_are_refused(one: str, other: str) -> None:
    if frozenset({one, other}) in REFUSED:
        with pytest.raises(UnusableAssignment) as refused:
            read(one, other)
        assert "[" in str(refused.value)
        return
    together_, alone = heeded(read(one, other)), (heeded(read(one)), heeded(read(other)))
    for path in {*alone[0], *alone[1]}:
        assert together_.get(path) in [each[path] for each in alone if path in each], path


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("most_points = 5", "week3.toml:1: most_points: there is nothing that gives points"),
        (
            "[feedback]\nuntil = 2027-01-31",
            "week3.toml:2: [feedback] until: nothing is hidden until then",
        ),
        (
            f"[feedback]\n{DEADLINE.partition('.')[2]}",
            "[feedback] deadline: before_deadline does not say",
        ),
        (
            "[contract]\nunasked = true",
            "week3.toml:2: [contract] unasked: a reply that nobody has asked",
        ),
        (
            f'[contract]\ngreeting = "hi"\n[dialogue]\n{STEPS.partition(".")[2]}',
            "week3.toml:2: [contract] greeting: what the server says first stands in [dialogue] opening",
        ),
    ],
)
def test_what_would_be_ignored_is_told(written: str, said: str) -> None:
    with pytest.raises(UnusableAssignment) as refused:
        of_text(written, "week3.toml")
    assert said in str(refused.value)
