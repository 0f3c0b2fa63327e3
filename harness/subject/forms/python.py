"""Python: the file that no other one imports, able to tell on a signal where it stands.

It is started as it is; in a package, where it imports by dots, as its module (-m); where a project file
names the function to call, by a script that calls it, as pip would install it (entry points).
"""

import os
import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from harness.cell.message import HOME
from harness.subject import content_store
from harness.subject.form import Form, Shape, Start, Tools
from harness.subject.tools import NoTool, is_reachable

_IMPORT: Final = re.compile(
    r"^\s*(?:from\s+\.*([\w.]+)\s+import\b|import\s+([\w.]+)|from\s+\.+\s*import\s+(\w+))", re.MULTILINE
)
_FROM_PACKAGE: Final = re.compile(r"^\s*from\s+\.*([\w.]+)\s+import\s+\(?([\w, \t]+)", re.MULTILINE)
_PROJECT_FILES: Final = ("pyproject.toml", "setup.cfg", "setup.py")
_ENTRY_POINT: Final = re.compile(
    r"""(?:^|[\s"'\[,])([\w.-]+)["']?\s*=\s*["']?([\w.]+):(\w+)""", re.MULTILINE
)
_IS_MAIN: Final = re.compile(r"^if\s+__name__\b", re.MULTILINE)
_SCRIPT_TEXT: Final = """import sys
from {module} import {function}

sys.exit({function}())
"""
_RELATIVE: Final = re.compile(r"^\s*from\s+\.", re.MULTILINE)
_VERSION: Final = re.compile(r"python3\.\d+$")
_SCRIPT_FOLDER: Final = ".local/bin"
_TELLS_WHERE: Final = Path(__file__).parent.parent / "python" / "usercustomize.py"


def _programs(texts: Mapping[Path, str]) -> Collection[Path]:
    modules: set[str] = set()
    folders = {part for name in texts for part in name.parts[:-1]}
    for name, text in texts.items():
        paths = {path for found in _IMPORT.findall(text) for path in found if path}
        for package, names in _FROM_PACKAGE.findall(text):
            if package.rpartition(".")[2] in folders:
                paths |= set(re.findall(r"\w+", names))
        modules |= {part for path in paths for part in path.split(".")} - {name.stem}
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
    of_user = f".local/lib/{version[0]}/site-packages/{_TELLS_WHERE.name}" if version else ""
    for_home = {of_user: content_store.keep_file(_TELLS_WHERE)} if of_user else {}
    root, module = _module(shape, folder)
    on_path = {"PYTHONPATH": f"{folder / root}"}
    if script := _script(shape, folder, module or shape.entry.stem):
        name, text = script
        for_home[f"{_SCRIPT_FOLDER}/{name}"] = content_store.keep(name, text.encode())
        return Start((interpreter, f"{HOME}/{_SCRIPT_FOLDER}/{name}"), on_path, for_home)
    if module and _needs_its_package(shape.text, module):
        return Start((interpreter, "-m", module), on_path, for_home)
    return Start((interpreter, f"{folder}/{shape.entry}"), for_home=for_home)


def _needs_its_package(text: str, module: str) -> bool:
    """Whether its imports are by dots, or name the package that it lies in."""
    package = module.partition(".")[0]
    names = (name for found in _IMPORT.findall(text) for name in found)
    return _RELATIVE.search(text) is not None or any(n.partition(".")[0] == package for n in names)


def _module(shape: Shape, folder: Path) -> tuple[Path, str]:
    """The folder that its package lies in, and its module's name; "" where it lies in none."""
    package = shape.entry.parent
    if package == Path():
        return Path(), ""
    while package.parent != Path() and (folder / package.parent / "__init__.py").exists():
        package = package.parent
    parts = shape.entry.relative_to(package.parent).with_suffix("").parts
    return package.parent, ".".join(parts[:-1] if parts[-1] == "__main__" else parts)


def _script(shape: Shape, folder: Path, module: str) -> tuple[str, str] | None:
    """The name and the text of the script that starts its module, where a project file names one."""
    if _IS_MAIN.search(shape.text):
        return None
    files = [path for each in _PROJECT_FILES if (path := folder / each).is_file()]
    told = "\n".join(path.read_text("utf-8", errors="replace") for path in files)
    scripts = {path: (name, function) for name, path, function in _ENTRY_POINT.findall(told)}
    if module not in scripts:
        return None
    name, function = scripts[module]
    return name, _SCRIPT_TEXT.format(module=module, function=function)


FORM: Final = Form(
    name="python",
    language="Python",
    suffixes=(".py",),
    programs=_programs,
    left_out=frozenset({"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".venv", "venv"}),
    needs_no_build=True,
    start=_start,
)
