"""Leaves out the folders of the machine that judged, in one pass over what was said there."""

import functools
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import harness

_WORD: Final = re.compile(r"[^\s:\"'`<>()\[\]{},;=|]+")
_BY_CONTENT: Final = re.compile(r"[0-9a-f]{24}")
_FOR_A_WHILE: Final = re.compile(r"forkspec-[a-z]+-\w+.*|tmp[a-z0-9_]{8}")
_CACHES: Final = frozenset({"cache", ".cache"})
_FILE: Final = re.compile(r"[^.]\.[A-Za-z]\w{0,4}\b")
_CUT: Final = "..."


def without_paths(text: str) -> str:
    """What a program says with "..." for our folders and sources'; not what is asked or answered."""
    return _in_words(text, lambda word: _of_sources(_without_our_folders(word)))


def without_our_folders(text: str) -> str:
    """The same with "..." for folders in which forkspec builds and keeps, and for its user's."""
    return _in_words(text, _without_our_folders)


def _in_words(text: str, without: Callable[[str], str]) -> str:
    return _WORD.sub(lambda word: without(word[0]), text) if "/" in text else text


def _without_our_folders(word: str) -> str:
    start = word.find("/")
    if start < 0:
        return word
    parts = word[start:].split("/")
    ours = max((n for n in range(1, len(parts)) if _is_ours(parts[n - 1], parts[n])), default=0)
    for root in _roots():
        if parts[: len(root)] == list(root):
            ours = max(ours, len(root) - 1)
    return word[:start] + "/".join([_CUT, *parts[ours + 1 :]]) if ours else word


def _is_ours(parent: str, name: str) -> bool:
    """Whether a folder is named as those of our cache and our scratch folders are."""
    is_cache = name == "forkspec" and parent in _CACHES
    return is_cache or bool(_BY_CONTENT.fullmatch(name) or _FOR_A_WHILE.fullmatch(name))


@functools.cache
def _roots() -> tuple[tuple[str, ...], ...]:
    """The user's folder, this Python's and forkspec's own, in parts; not the whole machine."""
    known = (Path.home(), Path(sys.prefix), Path(harness.__file__).parent.parent)
    return tuple(tuple(str(each).split("/")) for each in known if each != Path("/"))


def _of_sources(word: str) -> str:
    folders, slash, file = word.rpartition("/")
    is_path = word.startswith("/") and not word.startswith("//") and slash and folders
    return f"{_CUT}/{file}" if is_path and _FILE.search(file) else word
