"""C++: all sources of C++ and C beside the one with main(), compiled in one call.

As C++, all of them. Where that fails the sources of C are compiled as C, as extern "C" wants it.
"""

from collections.abc import Iterable
from typing import Final

from harness.subject.compiling import commands
from harness.subject.form import Form, Words, start_program
from harness.subject.tools import Tool

from . import c

_SUFFIXES: Final = (".cc", ".cpp", ".cxx", ".C")
_STANDARDS: Final = ("-std=gnu++20", "-std=gnu++2b")


def _otherwise(words: Words) -> Iterable[Words]:
    standards = () if any(word.startswith("-std=") for word in words) else _STANDARDS
    for standard in standards:
        yield (*words, standard)
    in_c = [("-x", "c", word, "-x", "none") if word.endswith(".c") else (word,) for word in words]
    mixed = tuple(word for group in in_c for word in group)
    if mixed != words:
        yield mixed
        for standard in standards:
            yield (*mixed, standard)


FORM: Final = Form(
    name="c++",
    language="C++",
    suffixes=_SUFFIXES,
    headers=(".hh", ".hpp", ".hxx"),
    programs=c.with_main,
    parts=(*c.FORM.suffixes, *_SUFFIXES),
    tools=(Tool("c++", "C++ compiler", others=("g++", "clang++"), package="g++"),),
    commands=commands,
    compiles_files=True,
    otherwise=_otherwise,
    start=start_program,
)
