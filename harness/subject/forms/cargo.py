"""Rust, by Cargo and without network: what its packages need must be handed in with them."""

from __future__ import annotations

from typing import Final

from harness.subject.form import Form, Shape, Tools, Words
from harness.subject.tools import Tool


def _commands(_: Shape, tools: Tools) -> tuple[Words, ...]:
    return ((tools["cargo"], "build", "--offline"),)


FORM: Final = Form(
    name="cargo",
    language="Rust",
    build_files=("Cargo.toml",),
    suffixes=(".rs",),
    tools=(Tool("cargo"),),
    commands=_commands,
    litter=frozenset({"deps", "build", "incremental"}),
)
