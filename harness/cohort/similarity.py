"""Tells which hand-ins are the same: identical, or nearly, once comments, layout and names are gone.

No more than that: it compares tokens, and knows no language. It says what to look at, and proves
nothing. (copydetect, a library for it, had its last release in March 2024.)
"""

import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

import harness
from harness.subject import content_store
from harness.subject.archive import is_archive, unpacked
from harness.subject.folder import work_in
from harness.subject.forms import headers, of_suffixes
from harness.subject.packed_folder import opened

from .packed_work import PackedWork, target_of
from .store import Store

_HASH_COMMENTS: Final = frozenset({".py", ".rb", ".pl", ".sh"})
_STRING: Final = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
_SLASHES: Final = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?\*/", re.DOTALL)
_HASHES: Final = re.compile(rf"\"\"\".*?\"\"\"|{_STRING}|#[^\n]*", re.DOTALL)
_TOKEN: Final = re.compile(rf"{_STRING}|[^\W\d]\w*|\d[\w.]*|[^\w\s]")
_MOST_READ: Final = 1 << 20
_SHINGLE: Final = 8  # tokens
_LEAST: Final = 40  # shingles that not everybody has: with fewer, two short programs are alike by chance
_NEARLY: Final = 0.8
_CLASS: Final = 5  # hand-ins: of as many, what half have is the template's or the lecture's


@dataclass(frozen=True, slots=True)
class Alike:
    """Students whose work is alike; `share` is 1 where it is identical but for names and layout."""

    students: tuple[str, ...]
    share: float

    def __str__(self) -> str:
        how = "identical but for names, comments and layout"
        if self.share < 1:
            how = f"nearly identical: {self.share:.0%} of both are the same"
        return f"{', '.join(self.students)}: {how}"


def in_store(store: Store) -> list[Alike]:
    """The students of a class whose work is alike."""
    sources: dict[str, dict[str, str]] = {}
    for row in store.students():
        kept = store.parcel(row.digest) if row.digest else None
        if kept is not None:
            sources[row.name] = source_of(kept[0])
    return alike(sources)


def source_of(parcel: bytes) -> dict[str, str]:
    """The sources in a packed hand-in by their path, archives opened; none where they cannot be."""
    try:
        with tempfile.TemporaryDirectory() as place:
            path = Path(target_of(PackedWork("", parcel), Path(place)))
            if path.is_file() and is_archive(path):
                path = unpacked(path, content_store.cache())
            if path.is_file():
                return {path.name: _text(path)}
            work, suffixes = work_in(opened(path)), headers() | set(of_suffixes())
            return {str(n): _text(work.folder / n) for n in work.own if n.suffix in suffixes}
    except (OSError, harness.HarnessError, ValueError, EOFError):
        return {}


def alike(sources: Mapping[str, Mapping[str, str]]) -> list[Alike]:
    """The students whose sources are alike: identical groups, then pairs that are nearly so."""
    streams = {who: _stream(files) for who, files in sources.items()}
    known = {who: stream for who, stream in streams.items() if len(stream) >= _SHINGLE}
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for who, stream in known.items():
        groups[tuple(_renamed(stream))].append(who)
    found = [Alike(tuple(each), 1.0) for each in groups.values() if len(each) > 1]
    firsts = {each[0]: frozenset(_shingles(known[each[0]])) for each in groups.values()}
    return found + sorted(_nearly(firsts), key=lambda each: -each.share)


def _nearly(shingles: Mapping[str, frozenset[tuple[str, ...]]]) -> Iterator[Alike]:
    times = Counter(shingle for each in shingles.values() for shingle in each)
    template = len(shingles) / 2 if len(shingles) >= _CLASS else len(shingles) + 1
    own = {who: {s for s in each if times[s] <= template} for who, each in shingles.items()}
    owners: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for who, each in own.items():
        for shingle in each:
            owners[shingle].append(who)
    shared = Counter(pair for each in owners.values() for pair in combinations(each, 2))
    for (one, other), count in shared.items():
        both = len(own[one]) + len(own[other]) - count
        if min(len(own[one]), len(own[other])) >= _LEAST and count / both >= _NEARLY:
            yield Alike((one, other), min(count / both, 0.99))


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MOST_READ).decode(errors="replace")


def _stream(files: Mapping[str, str]) -> list[str]:
    """All tokens, without comments; files in an order that their names do not change."""
    streams = [_tokens(text, Path(name).suffix) for name, text in files.items()]
    return [token for stream in sorted(streams) for token in stream]


def _tokens(text: str, suffix: str) -> list[str]:
    comments = _HASHES if suffix in _HASH_COMMENTS else _SLASHES
    return _TOKEN.findall(comments.sub(_without_comment, text))


def _without_comment(match: re.Match[str]) -> str:
    is_text = match[0][0] in "\"'" and not match[0].startswith('"""')
    return match[0] if is_text else " "


def _renamed(stream: Iterable[str]) -> Iterator[str]:
    """These tokens, with each name replaced by the number of its first appearance."""
    numbers: dict[str, str] = {}
    for token in stream:
        is_name = token[0] == "_" or token[0].isalpha()
        yield numbers.setdefault(token, f"name{len(numbers)}") if is_name else token


def _shingles(stream: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(stream[i : i + _SHINGLE]) for i in range(len(stream) - _SHINGLE + 1))
