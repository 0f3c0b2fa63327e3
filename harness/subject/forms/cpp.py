"""C++: all sources of C++ and C beside the one with main(), compiled in one call."""

from typing import Final

from harness.subject.compiling import commands
from harness.subject.form import Form, start_program
from harness.subject.tools import Tool

from . import c

_SUFFIXES: Final = (".cc", ".cpp", ".cxx", ".C")

FORM: Final = Form(
    name="c++",
    language="C++",
    suffixes=_SUFFIXES,
    programs=c.with_main,
    parts=(*c.FORM.suffixes, *_SUFFIXES),
    tools=(Tool("c++", "C++ compiler", others=("g++", "clang++"), package="g++"),),
    commands=commands,
    compiles_files=True,
    newer=("-std=gnu++20", "-std=gnu++2b"),
    start=start_program,
)
