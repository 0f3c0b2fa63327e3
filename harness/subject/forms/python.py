"""Python: the file that no other one imports, able to tell on a signal where it stands.

It is started as it is; in a package, where it imports by dots, as its module (-m).
"""

import os
import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from harness.subject import content_store
from harness.subject.form import Form, Shape, Start, Tools
from harness.subject.tools import NoTool, is_reachable

_IMPORTED: Final = re.compile(r"^\s*(?:from\s+\.?(\w+)[\w.]*\s+import|import\s+(\w+))", re.MULTILINE)
_RELATIVE: Final = re.compile(r"^\s*from\s+\.", re.MULTILINE)
_VERSION: Final = re.compile(r"python3\.\d+$")
_STANDS: Final = Path(__file__).parent.parent / "python" / "usercustomize.py"


def _programs(texts: Mapping[Path, str]) -> Collection[Path]:
    modules: set[str] = set()
    for name, text in texts.items():
        modules |= {a or b for a, b in _IMPORTED.findall(text)} - {name.stem}
    return [name for name in texts if name.stem not in modules]


@cache
def _interpreter() -> str:
    """A Python that the subject's uid can reach, this or the system's; raises NoTool without one."""
    this = os.path.realpath("/proc/self/exe")
    for candidate in (this, "/usr/bin/python3", "/usr/local/bin/python3"):
        real = os.path.realpath(candidate)
        if Path(real).exists() and is_reachable(real):
            return real
    raise NoTool(
        "no Python that an ordinary user can reach: install the system's python3, "
        "or run forkspec as an ordinary user"
    )


def _start(shape: Shape, folder: Path, _: Tools) -> Start:
    interpreter = _interpreter()
    version = _VERSION.search(interpreter)
    of_user = f".local/lib/{version[0]}/site-packages/{_STANDS.name}" if version else ""
    for_home = {of_user: content_store.keep_file(_STANDS)} if of_user else {}
    root, module = _module(shape, folder)
    if module:
        return Start((interpreter, "-m", module), {"PYTHONPATH": f"{folder / root}"}, for_home)
    return Start((interpreter, f"{folder}/{shape.entry}"), for_home=for_home)


def _module(shape: Shape, folder: Path) -> tuple[Path, str]:
    """The folder that its package lies in, and its module's name; "" where it needs none."""
    package = shape.entry.parent
    if package == Path() or not _RELATIVE.search(shape.text):
        return Path(), ""
    while package.parent != Path() and (folder / package.parent / "__init__.py").exists():
        package = package.parent
    parts = shape.entry.relative_to(package.parent).with_suffix("").parts
    return package.parent, ".".join(parts[:-1] if parts[-1] == "__main__" else parts)


FORM: Final = Form(
    name="python",
    language="Python",
    suffixes=(".py",),
    programs=_programs,
    left_out=frozenset({"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".venv", "venv"}),
    needs_no_build=True,
    start=_start,
)
