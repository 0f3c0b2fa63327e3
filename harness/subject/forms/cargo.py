"""Rust, by Cargo and without network: what its packages need must be handed in with them.

Where there is no Cargo the compiler is called itself; then there are no packages at all.
"""

from pathlib import Path
from typing import Final

from harness.subject.form import Form, Shape, Tools, Words
from harness.subject.tools import Tool

from . import rust

_COMPILER: Final = "rustc"


def _commands(shape: Shape, tools: Tools) -> tuple[Words, ...]:
    cargo = tools["cargo"]
    if Path(cargo).name == _COMPILER:
        source = shape.program or shape.base / "src" / "main.rs"
        return (rust.compile_words(cargo, source.relative_to(shape.base)),)
    return ((cargo, "build", "--offline"),)


FORM: Final = Form(
    name="cargo",
    build_files=("Cargo.toml",),
    builds="rust",
    tools=(Tool("cargo", others=(_COMPILER,)),),
    commands=_commands,
    litter=frozenset({"deps", "build", "incremental"}),
)
