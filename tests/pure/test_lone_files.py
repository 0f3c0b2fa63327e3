"""A lone source is started and built with the sources beside it that it loads."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from harness.subject import forms
from harness.subject.beside import named_beside, parts_beside

LOADED: Final = {
    "server.py": ("import helper\n", {"helper.py": "import deeper\n", "deeper.py": ""}),
    "by_package.py": ("from tools import f\n", {"tools/__init__.py": "", "tools/deep.py": ""}),
    "server.rb": ("require 'socket'\nrequire_relative 'shout'\n", {"shout.rb": ""}),
    "server.js": ("const up = require('./lib/up')\n", {"lib/up.js": ""}),
    "server.php": ("<?php require_once __DIR__ . '/up.php';\n", {"up.php": "<?php\n"}),
    "server.pl": ("use Up;\n", {"Up.pm": "package Up; 1;\n"}),
}  # fmt: skip


def hand_in(folder: Path, name: str, text: str, others: dict[str, str]) -> Path:
    for path, content in {name: text, **others}.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(content)
    return folder / name


@pytest.mark.parametrize("name", LOADED)
def test_what_a_lone_source_loads_comes_along_and_nothing_else(name: str, tmp_path: Path) -> None:
    text, others = LOADED[name]
    suffix = Path(name).suffix
    source = hand_in(tmp_path, name, text, {**others, f"older{suffix}": "", f"socket2{suffix}": ""})
    assert set(map(str, named_beside(source))) == set(others)


@pytest.mark.parametrize(
    ("name", "text", "part", "inner"),
    [
        (
            "Server.java",
            "new Thread(new Handler(s)).start(); // for Client",
            "Handler.java",
            "class Handler {}",
        ),
        ("server.rs", "mod shout;\nfn main() {}\n", "shout.rs", "pub fn up() {}\n"),
    ],
)
def test_a_lone_source_is_built_with_the_parts_that_it_names(
    name: str, text: str, part: str, inner: str, tmp_path: Path
) -> None:
    mains = {"Client.java": "static public void main(String[] a)", "client.rs": "fn main() {}\n"}
    source = hand_in(tmp_path, name, text, {part: inner, **mains})
    assert parts_beside(source, forms.of_suffixes()[source.suffix]) == [Path(part)]
