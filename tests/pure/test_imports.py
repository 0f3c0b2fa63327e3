"""Which modules import which, beyond what import-linter can say."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_modules_import_each_other() -> None:
    """Not even for their types: TYPE_CHECKING hides a circle from the interpreter, not from a reader."""
    modules = {_name(path): path for path in (ROOT / "harness").rglob("*.py")}
    graph = {name: _imported(name, path) & modules.keys() for name, path in modules.items()}
    TopologicalSorter(graph).prepare()


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imported(name: str, path: Path) -> set[str]:
    """All that a module imports, absolute; of a package from which it takes a module, that module."""
    package = name.split(".") if path.stem == "__init__" else name.split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            source = ".".join([*base, *filter(None, [node.module])])
            inner = {f"{source}.{alias.name}" for alias in node.names}
            are_modules = {
                each for each in inner if (ROOT / each.replace(".", "/")).with_suffix(".py").is_file()
            }
            found |= are_modules or {source}
    return found - {name}
