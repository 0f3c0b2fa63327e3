"""Where a program's source makes the calls that a cause speaks of, as they are written there.

Only text is read. Comments and the insides of strings are left out, and in C and C++ what `main` never
comes to.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

from harness.record.suffixes import CPP, HEADERS

from .call_names import CONSTANTS, NAMES, SIGNALS

MOST: Final = 4
_MOST_BYTES, _MOST_OF_ALL = 100_000, 300_000
_MOST_FUNCTIONS, _MOST_FOUND = 2_000, 200
OF_C: Final = (".c", *CPP, *HEADERS)
_LIKE_C: Final = (*OF_C, ".java", ".kt", ".go", ".rs", ".cs", ".js", ".mjs", ".cjs", ".ts", ".php")
_WITH_HASH: Final = (".py", ".rb", ".pl")
_QUOTED: Final = r'"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])*'"
_NOT_CODE: Final = {
    **dict.fromkeys(
        _LIKE_C, re.compile(rf"//[^\n]*|/\*.*?(?:\*/|\Z)|`[^`]*(?:`|\Z)|{_QUOTED}", re.DOTALL)
    ),
    ".rs": re.compile(
        r'//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\])*(?:"|\Z)', re.DOTALL
    ),  # ' begins a lifetime
    **dict.fromkeys(
        _WITH_HASH,
        re.compile(r'(?<!\$)#[^\n]*|""".*?(?:"""|\Z)|' + rf"'''.*?(?:'''|\Z)|{_QUOTED}", re.DOTALL),
    ),
}
_RECEIVER: Final = r"(?<![\w$])((?:[A-Za-z_$][\w$]{0,60}(?:\.|->|::)){0,6})"
_TERMINALS: Final = ("System.out", "System.err", "sys.std", "process.std", "console", "os.Std")
_OF_PROCESSES: Final = ("", "::", "os.", "Process.", "POSIX::")  # and not a condition's wait()
_NO_CALLS: Final = {  # what is thrown away, or looked at; and a sleep
    "kill": re.compile(r"\(\s*0\b"),  # who passes a signal on to its own group
    "read": re.compile(r"\([^;\n]{0,300}\bMSG_(?:DONTWAIT|PEEK)\b"),
    "poll": re.compile(r"\(\s*(?:NULL|0|nullptr)\s*,\s*(?:0\s*,\s*\d+|NULL\s*,\s*NULL\s*,\s*NULL)"),
}
_TO_TERMINAL: Final = re.compile(r"[^;\n]{0,300}\b(?:stderr|stdout|Stderr|Stdout)\b")
_BEFORE_A_CALL: Final = re.compile(
    r"return|else|new|await|in|not|and|or|do|case|throw|go|defer|yield|raise|if|while|until"
)
_WORD_BEFORE: Final = re.compile(r"([\w>\]]+)[ \t]+\*?$")
_FUNCTION: Final = re.compile(r"\b(\w+)\s*\([^;{}]{0,400}\)[^;{}()]{0,100}\{")
_NO_NEWLINE: Final = re.compile(r"[^\n]")
_KEYWORDS: Final = frozenset({"if", "for", "while", "switch", "catch"})
_NO_HANDLER: Final = re.compile(  # a signal that is sent, blocked, or left to its default action
    r"\b(?:kill|raise|killpg|sigaddset|sigdelset)\s*\([^;\n]*"
    r"|\bsignal\s*\(\s*\w+\s*,\s*SIG_\w+\s*\)|\bSIG\w+\s*,\s*(?:signal\.)?SIG_\w+"
)
_IGNORED: Final = re.compile(r"\b(signal)\s*\(\s*(?:signal\.)?(SIG\w+)\s*,\s*(?:signal\.)?SIG_IGN\b")
_NO_HANDLERS: Final = frozenset({"SIG_IGN", "SIG_DFL", "NULL", "None", "nullptr"})


class _Source:
    """One file: its code without comments and strings, and of C its functions with their bodies."""

    def __init__(self, name: str, code: str) -> None:
        self.name, self.code = name, code
        self.bodies = dict(_bodies(code)) if name.endswith(OF_C) else {}

    def leave_out(self, names: set[str]) -> None:
        """Blank these functions."""
        code = list(self.code)
        for start, end in [at for at, name in self.bodies.items() if name in names]:
            code[start:end] = _NO_NEWLINE.sub(" ", self.code[start:end])
            del self.bodies[start, end]
        self.code = "".join(code)

    def function_at(self, at: int) -> str:
        """The function of C in which this is; "" outside of all."""
        return next((name for (start, end), name in self.bodies.items() if start < at < end), "")

    def placed(self, at: int) -> str:
        """Where in the source this is, in words."""
        within = self.function_at(at)
        line = self.code.count("\n", 0, at) + 1
        return f"{self.name}:{line}" + (f" in {within}()" if within else "")


def call_sites(files: Mapping[str, Path]) -> dict[str, tuple[str, ...]]:
    """By what they do ("read", "fork", or "SIGCHLD" for its handler): "read() at server.c:23 in main()".

    What is done at more than MOST places is left out.
    """
    sources: list[_Source] = []
    for name, path in files.items():
        code = _code(path)
        if code and sum(len(each.code) for each in sources) + len(code) <= _MOST_OF_ALL:
            sources.append(_Source(name, code))
    reached = _reached(sources)
    for source in sources:
        source.leave_out({name for name in source.bodies.values() if name not in reached})
    found: dict[str, list[str]] = {}
    for role, site in (*_calls(sources), *_handlers(sources)):
        found.setdefault(role, []).append(site)
    told = {role: tuple(dict.fromkeys(sites)) for role, sites in sorted(found.items())}
    return {role: sites for role, sites in told.items() if len(sites) <= MOST}


def _code(path: Path) -> str:
    """A file without its comments and strings, of as many lines; "" of no source, and of a huge one."""
    pattern = _NOT_CODE.get(path.suffix)
    try:
        if pattern is None or path.stat().st_size > _MOST_BYTES:
            return ""
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return pattern.sub(lambda found: _NO_NEWLINE.sub(" ", found[0]), text)


def _bodies(code: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Where each function's body begins and ends, and the function's name."""
    end = 0
    for found in islice(_FUNCTION.finditer(code), _MOST_FUNCTIONS):
        if found.start() < end or found[1] in _KEYWORDS:
            continue
        depth, end = 0, len(code)
        for brace in re.finditer("[{}]", code[found.end() - 1 :]):
            depth += 1 if brace[0] == "{" else -1
            if not depth:
                end = found.end() + brace.start()
                break
        yield (found.start(), end), found[1]


def _reached(sources: Iterable[_Source]) -> set[str]:
    """The functions of C that main() comes to, by name; all where there is no main()."""
    words: dict[str, set[str]] = {}
    outside: set[str] = set()
    for source in sources:
        rest = list(source.code)
        for (start, end), name in source.bodies.items():
            words.setdefault(name, set()).update(re.findall(r"\w+", source.code[start:end]))
            rest[start:end] = " " * (end - start)
        outside.update(re.findall(r"\w+", "".join(rest)))
    if "main" not in words:
        return set(words)
    found, new = {"main"}, words["main"] | outside
    while more := (new & words.keys()) - found:
        found |= more
        new = set().union(*(words[name] for name in more))
    return found


def _calls(sources: Sequence[_Source]) -> Iterator[tuple[str, str]]:
    for source in sources:
        begins = {start for start, _ in source.bodies}
        for role, pattern in _patterns(source.name).items():
            for found in islice(pattern.finditer(source.code), _MOST_FOUND):
                at = found.start(2)
                if at not in begins and _is_a_call(role, source, found):
                    called = "" if role in CONSTANTS and found[2].isupper() else "()"
                    yield role, f"{found[1]}{found[2]}{called} at {source.placed(at)}"
        for found in _IGNORED.finditer(source.code):
            yield f"{found[2]} ignored", f"{found[1]}() at {source.placed(found.start())}"
        if source.name.endswith(".go"):
            for found in re.finditer(r"\bgo\s+(?:func\b|[\w.]+\()", source.code):
                yield "thread", f"go at {source.placed(found.start())}"
        if source.name.endswith(".py"):
            for found in re.finditer(r"\bwith\s+([\w.]*[lL]ock\w*)", source.code):
                yield "lock", f"with {found[1]} at {source.placed(found.start())}"


@cache
def _patterns(name: str) -> dict[str, re.Pattern[str]]:
    begun = r"(?:\.new)?(?:\s*<[^<>;]{0,100}>)?(?:[ \t]+\w+)?\s*\("
    end = r"\b(?!\s*[=:,])" if name.endswith((".rb", ".pl")) else begun
    return {
        **{role: re.compile(f"{_RECEIVER}({_any_of(names)}){end}") for role, names in NAMES.items()},
        **{role: re.compile(rf"{_RECEIVER}({_any_of(names)})\b") for role, names in CONSTANTS.items()},
    }


def _any_of(names: str) -> str:
    return "|".join(names.split())


def _is_a_call(role: str, source: _Source, found: re.Match[str]) -> bool:
    """Whether it is called here, and not declared; and whether what it writes to may be a client."""
    before = _WORD_BEFORE.search(source.code, max(0, found.start() - 80), found.start())
    if before and role not in CONSTANTS:
        is_declared = before[1] == "def" if source.name.endswith(_WITH_HASH) else True
        if is_declared and not _BEFORE_A_CALL.fullmatch(before[1]):
            return False
    if role == "wait":
        return found[1] in _OF_PROCESSES
    if no_call := _NO_CALLS.get(role):
        return not no_call.match(source.code, found.end() - 1)
    if role != "write":
        return True
    is_for_all = found[2] == "puts" and not found[1]
    return not (
        is_for_all or found[1].startswith(_TERMINALS) or _TO_TERMINAL.match(source.code, found.end() - 1)
    )


def _handlers(sources: Sequence[_Source]) -> Iterator[tuple[str, str]]:
    """The function that each signal's handler is, where the source names one and no other."""
    for signal in SIGNALS:
        named: set[str] = set()
        many = 0
        for source in sources:
            many += len(re.findall(rf"\b{signal}\b", _NO_HANDLER.sub("", source.code)))
            on = rf"\(\s*(?:signal\.)?{signal}\s*,\s*&?(\w+)"
            for found in islice(re.finditer(on, source.code), MOST):
                named |= {found[1], *_assigned(source.code[: found.start()], found[1])}
                named |= _given(sources, source.function_at(found.start()))
        wheres = {
            name: where
            for name in named - _NO_HANDLERS
            if (where := next(filter(None, (_defined(each, name) for each in sources)), ""))
        }
        if len(wheres) == many == 1:  # else another may be installed later
            ((name, where),) = wheres.items()
            yield signal, f"{name}(), the handler for {signal}, at {where}"


def _given(sources: Sequence[_Source], function: str) -> set[str]:
    """The words that a function which installs a handler is given, wherever it is called."""
    if function in {"", "main"}:
        return set()
    calls = (re.findall(rf"\b{function}\s*\(([^;{{}}]{{0,400}})\)", each.code) for each in sources)
    return {word for found in calls for arguments in found for word in re.findall(r"\w+", arguments)}


def _assigned(code: str, struct: str) -> list[str]:
    """The handler that a struct sigaction has got, by the last assignment to it."""
    set_so = (
        rf"\b{struct}\b(?:(?:\.|->)|\s*=?\s*\{{[^}};]{{0,400}}\.)sa_(?:handler|sigaction)\s*=\s*&?(\w+)"
    )
    return re.findall(set_so, code)[-1:]


def _defined(source: _Source, name: str) -> str:
    at = next((start for (start, _), each in source.bodies.items() if each == name), None)
    if at is None:
        found = re.search(rf"^[ \t]*def {name}\b", source.code, re.MULTILINE)
        at = found.end() if found else None
    return "" if at is None else source.placed(at).partition(" in ")[0]
