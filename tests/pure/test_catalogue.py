"""The catalogue: files of one name, ids and scenarios named twice, and what is in the wrong folder."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import harness
from harness.engine import catalogue
from harness.extensions import BrokenExtension
from harness.judge.story import TOLD, Group
from harness.record.role import Role
from harness.subject.places import shipped
from tests.strangers import install

BURST: Final = '''"""A client's own burst."""

from harness.record.recording import Recording
from harness.judge.requirement import requirement
from harness.judge.verdict import Verdict, passed
from harness.stage import ClientStage, client_scenario


@client_scenario
async def {scenario}(desk: ClientStage) -> None:
    """Nothing."""


@requirement(
    "{id}", scenario={scenario}, slide="1", tier="lecture", says="S.", why="W.", by_hand="B", needs=()
)
def test_it(seen: Recording) -> Verdict:
    return passed("so it is")
'''


@pytest.fixture
def scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of scenarios that the catalogue is loaded from."""
    folder = tmp_path / "scenarios"
    shutil.copytree(shipped("scenarios"), folder)
    monkeypatch.setattr("harness.engine.catalogue.shipped", lambda _: folder)
    catalogue._all.cache_clear()
    yield folder
    catalogue._all.cache_clear()


@pytest.fixture
def fresh() -> Iterator[None]:
    """A catalogue that is read anew, now and afterwards."""
    catalogue._all.cache_clear()
    yield
    catalogue._all.cache_clear()


def put(path: Path, scenario: str, identifier: str) -> None:
    path.write_text(BURST.format(scenario=scenario, id=identifier))


def test_two_files_of_one_name_are_two_modules(scenarios: Path) -> None:
    put(scenarios / "client" / "burst.py", "many_clients", "client/many")
    ids = [each.id for each in catalogue.load(Role.CLIENT).requirements]
    assert "client/many" in ids
    assert not [each for each in ids if not each.startswith("client/")]
    assert catalogue.find("reaping/burst") in catalogue.load().requirements


@pytest.mark.parametrize(
    ("place", "scenario", "identifier", "says"),
    [
        ("client/burst.py", "more", "client/closes", "a second requirement client/closes"),
        ("more.py", "more", "service/reply", "a second requirement service/reply"),
        ("client/more.py", "conversation", "client/more", "a second scenario named conversation"),
        ("client/more.py", "burst", "client/more", "a second scenario named burst"),
        ("client/more.py", "more", "service/more", "service/more is not asked of a client"),
        ("more.py", "more", "client/more", "client/more is not asked of a server"),
        ("more.py", "more", "strange/more", "no known group: strange/more"),
    ],
)
def test_what_is_named_twice_or_lies_elsewhere_is_refused(
    scenarios: Path, place: str, scenario: str, identifier: str, says: str
) -> None:
    put(scenarios / place, scenario, identifier)
    with pytest.raises(harness.HarnessError, match=says):
        catalogue.load()


@pytest.mark.usefixtures("fresh")
def test_a_strangers_scenario_stands_among_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "stranger")
    found = catalogue.load()
    ids = [each.id for each in found.requirements]
    theirs = ids.index("concurrency/two-silent")
    assert ids[theirs - 1].startswith("concurrency/")
    assert found.requirements[theirs].scenario in found.scenarios
    assert catalogue.role_of(["two silent"]) is Role.SERVER


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    ("scenario", "identifier", "says"),
    [
        ("more", "client/closes", "a second requirement client/closes"),
        ("burst", "client/more", "a second scenario named burst"),
        ("more", "strange/more", "a requirement of no known group: strange/more"),
    ],
)
def test_a_strangers_scenario_that_takes_a_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scenario: str, identifier: str, says: str
) -> None:
    package = f"takes_{scenario}_{identifier.replace('/', '_')}"
    code = BURST.format(scenario=scenario, id=identifier)
    install(tmp_path, package, code, scenarios=f"mine = {package}")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BrokenExtension, match=f"^{package}: its extension mine .*: {says}; mend it"):
        catalogue.load()


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    ("place", "wrong", "says"),
    [
        ('slide="1"', "slide=18", "TypeError: slide=18 of reaping/more is no text, such as .*"),
        ('tier="lecture"', 'tier="extra"', "ValueError: 'extra' is not a valid Tier"),
        ("needs=()", 'needs=("contract/ports",)', "reaping/more needs contract/ports, and there is .*"),
    ],
)
def test_a_strangers_slip_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, wrong: str, says: str
) -> None:
    code = BURST.format(scenario="more", id="reaping/more")
    assert place in code
    package = f"slips_{len(wrong)}"
    install(tmp_path, package, code.replace(place, wrong), scenarios=f"mine = {package}")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BrokenExtension, match=f"^{package}: its extension mine .*: {says}; mend it"):
        catalogue.load()


@pytest.mark.usefixtures("fresh")
def test_a_strangers_module_without_a_requirement_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "declares_none", "", scenarios="mine = declares_none")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BrokenExtension, match="declares_none declares no requirement"):
        catalogue.load()


def test_every_group_has_its_place_in_the_story_and_in_the_guide() -> None:
    assert sorted(TOLD) == sorted(Group)
    guide = Path(__file__).parents[2] / "docs" / "writing-a-scenario.md"
    listed = (
        guide.read_text(encoding="utf-8").partition("before the slash is one of")[2].partition(".")[0]
    )
    servers = [group.value for group in Group if group.role is Role.SERVER]
    assert re.findall(r"`([a-z]+)`", listed) == servers
