"""How each shape is made into something that starts: the commands, and the tools they need."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import harness

from .shapes import Form, Shape

DEBUG: Final = ("-g", "-gdwarf-4")  # addr2line misnames headers in DWARF 5
SANITIZE: Final = ("-fsanitize=address", "-fno-omit-frame-pointer")
FLAGS: Final = (*DEBUG, "-O1", "-pthread", "-Wall")
PROGRAM: Final = "forkspec-program"
_PROGRAM: Final = f"{{folder}}/{PROGRAM}"
_FOLDER: Final = "forkspec-build"
_COMPILERS: Final = {"c": ("cc", "gcc", "clang"), "c++": ("c++", "g++", "clang++")}
_PACKAGE_OF: Final = {
    "cc": "gcc", "c++": "g++", "make": "make", "cmake": "cmake", "meson": "meson", "cargo": "cargo",
    "go": "golang-go", "javac": "default-jdk-headless", "java": "default-jre-headless", "node": "nodejs",
}  # fmt: skip
_WORD_FOR: Final = {"cc": "C compiler", "c++": "C++ compiler", "javac": "Java compiler"}


class NoTool(harness.HarnessError):
    """A compiler or interpreter is missing on this machine; the text says how to get it."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """`commands` run one after another in a copy of the work; `start` are the words that start it.

    "{folder}" in `start` stands for where the result lies; without `start` a program among what was
    built is the server. Of the `alternatives` each is tried when what came before made no program.
    """

    commands: tuple[tuple[str, ...], ...] = ()
    start: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, ...], ...] = ()


def recipe(shape: Shape, name: str) -> Recipe:
    """The recipe for a shape.

    Raises:
        NoTool: what it needs is not here, or out of the subject's reach; `name` is told with it.
    """
    entry = f"{{folder}}/{shape.entry}"
    match shape.form:
        case "c" | "c++":
            found = Recipe((compile_words(shape, name),), (_PROGRAM,))
        case "make":
            make = tool("make", name)
            found = Recipe(((make,),), alternatives=((make, "all"), (make, "server")))
        case "cmake":
            cmake = tool("cmake", name)
            prepare = (cmake, "-S", ".", "-B", _FOLDER, "-DCMAKE_BUILD_TYPE=Debug")
            found = Recipe((prepare, (cmake, "--build", _FOLDER)))
        case "meson":
            meson = tool("meson", name)
            found = Recipe(((meson, "setup", _FOLDER), (meson, "compile", "-C", _FOLDER)))
        case "cargo":
            found = Recipe(((tool("cargo", name), "build", "--offline"),))
        case "go":
            found = Recipe(((tool("go", name), "build", "-o", PROGRAM, "."),), (_PROGRAM,))
        case "java":
            found = _java(shape, name)
        case "node":
            found = Recipe((), (tool("node", name), entry))
        case "shell":
            found = Recipe((), ("/bin/sh", entry))
        case _:
            found = Recipe((), (entry,))
    return found


def _java(shape: Shape, name: str) -> Recipe:
    sources = map(str, shape.sources)
    words = (tool("javac", name), "-g", "-encoding", "UTF-8", "-d", _FOLDER, *sources)
    options = ("-Xss512k", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xmx256m")
    start = (tool("java", name), *options, "-cp", f"{{folder}}/{_FOLDER}", shape.entry.stem)
    return Recipe((words,), start)


def compile_words(
    shape: Shape, name: str, flags: tuple[str, ...] = (), program: str = PROGRAM
) -> tuple[str, ...]:
    """One call of the compiler for all sources of a shape."""
    form: Form = shape.form if shape.form in _COMPILERS else "c"
    sources = [str(source) for source in shape.sources]
    found = compiler(form) or tool(_COMPILERS[form][0], name)
    return (found, *FLAGS, *flags, "-o", program, *sources, "-lm")


def compiler(form: str) -> str | None:
    """The compiler for "c" or "c++", None when there is none."""
    found = (shutil.which(name) for name in _COMPILERS[form])
    return next((path for path in found if path), None)


def tool(name: str, of: str, path: str = "") -> str:
    """A program of this machine that the subject's uid can reach; at this path, if one is given.

    Raises:
        NoTool: there is none; the text says what needs it and how to get it.
    """
    places = [str(Path(path).parent)] if path else _places()
    found = [each for place in places if (each := shutil.which(name, path=place))]
    for each in found:
        if is_reachable(os.path.realpath(each)):
            return each
    word, package = _WORD_FOR.get(name, name), _PACKAGE_OF.get(name, name)
    begin = f"{of}: " if of else ""
    if found:
        raise NoTool(
            f"{begin}{found[0]} is out of reach for the ordinary user that builds and servers run as; "
            f"install {word} for all (Debian, Ubuntu: apt-get install {package})"
        )
    if path:
        raise NoTool(f"{begin}no {path} on this machine")
    raise NoTool(
        f"{begin}no {word} on this machine; install one (Debian, Ubuntu: apt-get install {package})"
    )


def is_reachable(path: str) -> bool:
    """True when the subject, another user than root, may enter every folder above."""
    if os.getuid() != 0:
        return os.access(Path(path).parent, os.X_OK)
    return all(folder.stat().st_mode & 0o001 for folder in Path(path).parents)


def _places() -> list[str]:
    return os.environ.get("PATH", os.defpath).split(":")
