"""The registry of formats: all files of the folder; strangers' formats are used or refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cohort.results_folder import ResultsFolder
from harness.engine.assignment_file import AssignmentFile
from harness.export.every_system import SYSTEMS
from harness.extensions import BrokenExtension
from harness.record import recording_line
from harness.report.formats.registry import formats, shipped
from tests.command import run_here
from tests.recordings import story
from tests.strangers import install

ROOT = Path(__file__).parents[2]
NO_FORMAT = {"__init__", "format", "registry"}
FORMAT = """\
from harness.report.formats.format import Format, Option
FORMAT = Format({}, says="mine")
"""


@pytest.fixture
def fresh() -> Iterator[None]:
    """A registry that is read anew, now and afterwards."""
    formats.cache_clear()
    yield
    formats.cache_clear()


def test_every_file_of_the_folder_is_a_format_of_its_name() -> None:
    names = {path.stem for path in (ROOT / "harness" / "report" / "formats").glob("*.py")}
    assert {each.name for each in shipped()} == names - NO_FORMAT
    names = {path.stem for path in (ROOT / "harness" / "export" / "systems").glob("*.py")}
    assert set(SYSTEMS) == names - NO_FORMAT


def test_the_readme_names_every_option() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    flags = {each.option.flag for each in shipped() if each.option}
    assert flags - set(re.findall(r"--[a-z0-9-]+", text)) == set()


def test_documents_name_every_format_of_a_class_and_every_export() -> None:
    grading = (ROOT / "docs" / "grading.md").read_text(encoding="utf-8")
    chosen = [each for each in shipped() if each.is_for_a_class and not each.is_always_written]
    assert [
        each.name for each in chosen if f"`{each.name}`" not in grading.replace("--format ", "")
    ] == []
    exporting = (ROOT / "docs" / "exporting.md").read_text(encoding="utf-8")
    assert [name for name in SYSTEMS if f"| `{name}` |" not in exporting] == []


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A server that does not start, as `check --record` keeps it."""
    file = tmp_path / "seen.jsonl"
    file.write_text(recording_line.to_line(story("starting").ends_at_once(1 << 8, "no luck").over()))
    return file


@pytest.mark.usefixtures("fresh")
def test_a_strangers_format_has_its_option(
    tmp_path: Path, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "tests" / "stranger")
    done = run_here("judge", recording, "--summary", tmp_path / "s.tsv", "--json", tmp_path / "r.json")
    assert done.returncode == 1, done.stderr
    name, level, first, *_ = (tmp_path / "s.tsv").read_text(encoding="utf-8").split("\t")
    assert (name, level, first) == ("server.c", "0", "contract/starts")
    assert (tmp_path / "r.json").exists()
    assert re.search(r"blackboard\|summary\W", run_here("grade", "--help").stdout)


@pytest.mark.usefixtures("fresh")
def test_a_strangers_format_is_written_for_a_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "tests" / "stranger")
    assert list(formats())[-1] == "summary"
    ResultsFolder(tmp_path, AssignmentFile(), ["summary"]).write_class([])
    assert (tmp_path / "gradebook.tsv").read_text(encoding="utf-8") == ""


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ("'junit', 'x'", "there is a format junit already"),
        ("'Mine!', 'x'", "'Mine!' is no name of a format"),
        ("'mine', '../x'", r"'\.\./x' is no file's extension"),
        ("'mine', 'x', option=Option('-m', ''), of_results=str", "'-m' is no option, such as --junit"),
        (
            "'mine', 'x', option=Option('--json', ''), of_results=str",
            "there is an option --json already",
        ),
        ("'mine', 'x', option=Option('--mine', '')", "an option and a function .* belong together"),
        ("'mine', 'x', of_results=str", "an option and a function .* belong together"),
        ("'mine', 'csv', of_class=str", r"a class has a file gradebook\.csv already"),
        ("'mine', 'html', of_class=str, class_file='class'", r"a class has a file class\.html already"),
        ("'mine', 'txt', of_student=str", r"each student has a file \.txt already"),
    ],
)
def test_a_strangers_format_that_takes_what_is_anothers_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fields: str,
    says: str,
    request: pytest.FixtureRequest,
) -> None:
    package = "claims_" + re.sub(r"\W+", "_", request.node.name)
    install(tmp_path, package, FORMAT.format(fields), formats=f"mine = {package}:FORMAT")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BrokenExtension, match=f"^{package}: .*{says}; mend it, or uninstall"):
        formats()


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--seed", "the format mine wants the option --seed, which the command has itself"),
        (None, "no luck"),
    ],
)
def test_a_format_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str | None, says: str
) -> None:
    fields = f"'mine', 'x', option=Option('{option}', ''), of_results=str"
    code = FORMAT.format(fields) if option else "raise ValueError('no luck')\n"
    package = f"unusable_{len(code)}"
    install(tmp_path, package, code, formats=f"mine = {package}:FORMAT")
    monkeypatch.syspath_prepend(tmp_path)
    done = run_here("judge", "nothing")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert says in done.stderr
