"""The registry of build forms: complete and in an order; strangers' are found, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import pytest

from harness import HarnessError
from harness.extensions import BrokenExtension
from harness.subject import folder, forms
from harness.subject.folder import work_in
from harness.subject.form import Commands, Form, Shape
from harness.subject.shapes import shape_of
from harness.subject.tools import NoTool
from tests.strangers import install

ROOT: Final = Path(__file__).parents[2]
HERE: Final = Path(__file__).parents[1]
FORM: Final = "from harness.subject.form import Form\nFORM = Form(name='{}', {}={})\n"


@pytest.fixture
def fresh() -> Iterator[None]:
    """Registers that are read anew, now and afterwards."""
    registers = (forms.all_forms, forms.of_suffixes, forms.headers, forms.of_build_files, folder.litter)
    for each in registers:
        each.cache_clear()
    yield
    for each in registers:
        each.cache_clear()


def test_every_form_of_this_folder_has_its_place_in_the_order() -> None:
    files = {path.stem for path in (ROOT / "harness" / "subject" / "forms").glob("[!_]*.py")}
    assert len(files) == len(forms.ORDER)
    assert [each.name for each in forms.all_forms()] == list(forms.ORDER)


def test_every_form_is_in_the_users_table() -> None:
    text = (ROOT / "docs" / "handing-in.md").read_text(encoding="utf-8")
    table = text.partition("## What is recognised")[2].partition("\n\nA folder")[0]
    for form in forms.all_forms():
        known_by = [*form.build_files[-1:], *form.suffixes[:1]]
        assert not known_by or any(each in table for each in (*known_by, form.language + " "))


def test_a_tool_out_of_reach_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("closed/cc", "open/gcc"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/closed:{tmp_path}/open")
    monkeypatch.setattr("harness.subject.tools.is_reachable", lambda path: "closed" not in path)
    assert forms.named("c").found_tools("server.c") == {"cc": f"{tmp_path}/open/gcc"}
    (tmp_path / "open" / "gcc").unlink()
    with pytest.raises(NoTool, match=r"^server\.c: .*/closed/cc is out of reach .* install C compiler"):
        forms.named("c").found_tools("server.c")


@pytest.mark.usefixtures("fresh")
def test_a_strangers_form_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE / "stranger")
    (tmp_path / "build.sh").write_text("cc -o server server.c\n")
    (tmp_path / "server.c").write_text("int main(void) { return 0; }\n")
    shape = shape_of(work_in(tmp_path))
    assert (shape.form.name, shape.entry) == ("build-script", Path("build.sh"))
    assert shape.form.commands(shape, {"bash": "/bin/bash"}) == (("/bin/bash", "build.sh"),)
    assert forms.all_forms()[-1] is shape.form


def test_a_command_that_is_one_text_is_no_students_fault() -> None:
    slip = Form(name="mine", commands=cast("Commands", lambda *_: ("ninja",)))
    with pytest.raises(HarnessError, match=r"^the form mine: .* not \('ninja',\)$"):
        slip.commands_for(Shape(slip, Path("build.ninja")), {})


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    ("name", "field", "value", "says"),
    [
        ("cmake", "suffixes", "('.z',)", "there is a form cmake already"),
        ("mine", "build_files", "('Makefile',)", "Makefile belongs to the form make"),
        ("mine", "needs_no_build", "True", "does not say how it is started"),
        ("mine", "suffixes", "('.C',)", r"\.C belongs to the form c\+\+"),
        ("mine", "build_files", "('build.ninja')", "build_files is one text; several are wanted, .*"),
        ("mine", "headers", "('z',)", "'z' is no suffix, such as '.c'"),
    ],
)
def test_a_strangers_form_that_cannot_be_added_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, field: str, value: str, says: str
) -> None:
    package = f"claims_{field}_{len(value)}_{name}"
    install(tmp_path, package, FORM.format(name, field, value), forms=f"mine = {package}:FORM")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BrokenExtension, match=f"^{package}: .*{says}; mend it, or uninstall"):
        forms.all_forms()
