"""The documents say what the program is."""

from __future__ import annotations

import fnmatch
import importlib
import inspect
import re
import tomllib
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from harness.engine import catalogue
from harness.record.recording_line import SCHEMA
from harness.stage import Stage
from harness.stage.clients import Clients
from harness.stage.look import Look
from harness.stage.rest import Rest
from harness.stage.server import Server
from harness.subject import manifest
from tests.command import run_here

ROOT = Path(__file__).parents[2]


@pytest.fixture
def generate(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """docs/generate.py."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    return importlib.import_module("generate")


def test_requirement_pages_match_the_registry(generate: ModuleType) -> None:
    texts = generate.generated()
    assert {path: path.read_text(encoding="utf-8") for path in texts} == texts, "run `make docs`"
    assert set((ROOT / "docs" / "requirements").rglob("*.md")) == set(texts)


def test_the_man_page_has_every_command_and_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "docs")
    page = importlib.import_module("man_page").page().replace(r"\-", "-")
    helps = run_here("--help").stdout.partition("Commands:")[2]
    commands = [line.split()[0] for line in helps.splitlines() if line.strip()]
    assert len(commands) > 10
    for each in commands:
        assert f".SS forkspec {each} " in page
        for option in re.findall(
            r"^ +(?:-\w, )?(--[\w-]+)", run_here(each, "--help").stdout, re.MULTILINE
        ):
            assert re.search(rf"^\.B .*{option}\b", page, re.MULTILINE), (each, option)
    requests = {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))}
    assert requests <= {".TH", ".SH", ".SS", ".TP", ".PP", ".B"}


def test_the_picture_of_the_rooms_shows_the_imports(generate: ModuleType) -> None:
    assert generate.rooms.FILE.read_text(encoding="utf-8") == generate.rooms.drawn(), "run `make rooms`"


def test_the_table_of_formats_matches_the_registry(generate: ModuleType) -> None:
    assert generate.FORMATS.read_text(encoding="utf-8") == generate.table_of_formats(), "run `make docs`"


def test_the_page_of_recordings_lists_what_can_happen(generate: ModuleType) -> None:
    page = generate.recording_page
    text = page.FILE.read_text(encoding="utf-8")
    assert text == page.page(text), "run `make docs`"
    assert f"`schema` | {SCHEMA};" in text


def test_the_kill_matrix_holds_every_server_or_names_it(generate: ModuleType) -> None:
    matrix = generate.MATRIX.read_text(encoding="utf-8")
    assert matrix == generate.with_missing_named(matrix), "run `make docs`"
    assert re.search(r"As of commit [0-9a-f]{7,}", matrix)


def test_every_link_between_documents_leads_somewhere() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]
    assert broken == []


def test_the_strangers_package_is_installed_as_its_project_says() -> None:
    place = ROOT / "tests" / "stranger"
    project = tomllib.loads((place / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (installed,) = metadata.distributions(name=project["name"], path=[str(place)])
    found = {(each.group, each.name, each.value) for each in installed.entry_points}
    groups = project["entry-points"]
    assert found == {(group, *point) for group, points in groups.items() for point in points.items()}


@pytest.mark.parametrize("guide", ["writing-a-scenario.md", "writing-a-form.md", "writing-a-format.md"])
def test_a_guide_shows_what_stands_in_the_tree(guide: str) -> None:
    folders = (
        "scenarios",
        "servers",
        "harness/subject/forms",
        "harness/report/formats",
        "harness/export/systems",
        "tests/stranger",
        "tests/cells",
    )
    files = [
        path.read_text(encoding="utf-8")
        for folder in folders
        for suffix in ("py", "c", "toml")
        for path in (ROOT / folder).rglob(f"*.{suffix}")
    ]
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    shown = re.findall(r"```(?:python|c|toml)\n(.*?)```", text, re.DOTALL)
    assert len(shown) > 2
    assert [each for each in shown if not any(each in file for file in files)] == []


def test_the_guide_names_what_the_stage_can_do() -> None:
    """Methods and the attributes that a constructor or a launch sets."""
    parts = {"": Stage, "clients": Clients, "server": Server, "rest": Rest, "look()": Look}
    known = {
        f"{part}.{name}".removeprefix(".")
        for part, kind in parts.items()
        for name in {*dir(kind), *re.findall(r"self\.(\w+)", inspect.getsource(kind))}
    }
    text = (
        (ROOT / "docs" / "writing-a-scenario.md")
        .read_text(encoding="utf-8")
        .split("A scenario for a client on trial")[0]
    )
    named = set(re.findall(r"stage\.((?:(?:clients|server|rest|look\(\))\.)?[a-z]\w*)", text))
    assert named - known == set()


DOCUMENTS: Final = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


NAMED: Final = re.compile(r"`((?:[\w-]+/)+[\w.-]*\w(?:\.\w+)?/?)`")
ROOMS: Final = {path.name for path in (ROOT / "harness").iterdir() if path.is_dir()}


def test_every_path_that_is_named_exists() -> None:
    """A path in backticks whose first part is a folder of the tree, or of harness/."""
    gone = []
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8").partition("## Old names and new")[0]
        for named in NAMED.findall(text):
            first = named.partition("/")[0]
            places = [ROOT / named] if (ROOT / first).is_dir() else []
            places += [ROOT / "harness" / named] if first in ROOMS else []
            is_id = any(each.id == named for each in catalogue.every_requirement())
            if places and not is_id and not any(each.exists() for each in places):
                gone.append(f"{document.name}: {named}")
    assert gone == []


def commands() -> list[tuple[str, str]]:
    """The words of every forkspec command shown on a line of its own, or in backticks."""
    shown = re.compile(r"(?:^    |`)forkspec ([a-z][^`\n]*?)(?:`|$|   )", re.MULTILINE)
    texts = ((document.name, document.read_text(encoding="utf-8")) for document in DOCUMENTS)
    return sorted({(name, words) for name, text in texts for words in shown.findall(text)})


@pytest.mark.parametrize(("document", "words"), commands())
def test_a_command_that_is_shown_has_its_options(document: str, words: str) -> None:
    """Its name is a command's, and each of its options stands in what --help says."""
    told = words.partition(" -- ")[0].split()
    name = [word.partition("|")[0] for word in told[: 2 if told[0] == "export" else 1]]
    done = run_here(*name, "--help")
    assert done.returncode == 0, document
    options = {word.partition("=")[0] for word in told if word.startswith("--")}
    assert not {each for each in options if each not in done.stdout}, f"{document}: forkspec {words}"


def test_every_requirement_is_killed_by_a_fault_named_for_it() -> None:
    killed = {entry.kills for entry in manifest.references().values() if entry.kills}
    lecture = {i for e in manifest.references().values() if e.role == "lecture" for i in e.fails}
    assert {r.id for r in catalogue.load().requirements} <= killed | lecture


def test_every_manifest_entry_names_known_requirements_and_files() -> None:
    known = {requirement.id for requirement in catalogue.load().requirements}
    for name, entry in manifest.references().items():
        named = {
            *entry.fails,
            *entry.passes,
            *entry.blocked,
            *entry.not_applicable,
            *entry.shows,
        }
        assert all(fnmatch.filter(known, each) for each in named), name
        assert {*filter(None, [entry.kills])} <= {*entry.fails}, name
        assert (ROOT / "servers" / entry.path).is_file(), name


def test_each_decision_has_a_number_of_its_own() -> None:
    files = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [name.partition("-")[0] for name in files if name[0].isdigit()]
    assert len(numbers) == len(set(numbers)), files
