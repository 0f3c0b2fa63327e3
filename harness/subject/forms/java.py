"""Java: all sources beside the class with main(), started in a small and quickly started machine."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from harness.subject.form import FOLDER, Form, Shape, Start, Tools, Words
from harness.subject.tools import Tool

_MAIN: Final = re.compile(r"static\s+(?:public\s+)?void\s+main\s*\(")
_OPTIONS: Final = ("-Xss512k", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xmx256m")


def _programs(texts: Mapping[Path, str]) -> Collection[Path]:
    return [name for name, text in texts.items() if _MAIN.search(text)]


def _commands(shape: Shape, tools: Tools) -> tuple[Words, ...]:
    sources = map(str, shape.sources)
    return ((tools["javac"], "-g", "-encoding", "UTF-8", "-d", FOLDER, *sources),)


def _start(shape: Shape, folder: Path, tools: Tools) -> Start:
    return Start((tools["java"], *_OPTIONS, "-cp", f"{folder}/{FOLDER}", shape.entry.stem))


FORM: Final = Form(
    name="java",
    language="Java",
    suffixes=(".java",),
    programs=_programs,
    parts=(".java",),
    parts_may_start=True,
    tools=(
        Tool("javac", "Java compiler", "default-jdk-headless"),
        Tool("java", package="default-jre-headless"),
    ),
    commands=_commands,
    start=_start,
)
