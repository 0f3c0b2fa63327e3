"""Plain: each folder, archive, source, program or git checkout is one student's, by its name."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from harness.cohort.student_work import STORE, StudentWork, plain
from harness.record.role import Role
from harness.subject.archive import SUFFIXES, is_archive
from harness.subject.forms import headers, of_build_files, of_suffixes
from harness.subject.forms.executable import is_program
from harness.subject.packed_folder import source_name
from harness.subject.roles import hint

from .naming import Layout, Taken, newest_file

_DOCUMENTS: Final = frozenset({
    ".txt", ".md", ".rst", ".pdf", ".doc", ".docx", ".odt", ".rtf", ".tex", ".html", ".htm", ".csv",
    ".tsv", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".json", ".xml", ".yml", ".yaml", ".toml", ".log",
    ".png", ".jpg", ".jpeg", ".gif", ".svg", ".db", ".eml", ".url", ".lnk", ".bak", ".tmp", "",
})  # fmt: skip


def _read(_: Path, entries: Sequence[Path]) -> Taken:
    taken = Taken()
    parts: list[Path] = []
    for path in entries:
        taken.entries.add(path)
        try:
            if why := _why_not(path):
                taken.set_aside(path, why)
            elif path.is_dir() or _is_known(path):
                name = path.name if path.is_dir() else _without_suffix(path)
                taken.students.append(StudentWork(name, {path.name: path}, when=newest_file([path])))
            else:
                parts.append(path)
        except OSError as error:
            taken.set_aside(path, f"cannot be read ({error.strerror})")
    for path in parts:
        _beside(taken, path)
    return taken


def is_part(path: Path) -> bool:
    """Whether a file looks like a part of one student's work: source, a program or a build file."""
    return path.name in of_build_files() or (_is_known(path) and not is_archive(path))


def are_programs(parts: Sequence[Path]) -> bool:
    """Whether such files are several servers, each a program by itself: so not one student's work."""
    forms = [of_suffixes().get(Path(source_name(path.name) or path).suffix) for path in parts]
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in parts}
    alone = all(
        form is not None and path in form.programs({path: texts[path]})
        for form, path in zip(forms, parts, strict=True)
    )
    return alone and len(parts) > 1 and all(hint(path) is Role.SERVER for path in parts)


def _is_known(path: Path) -> bool:
    is_source = path.suffix in of_suffixes() or Path(source_name(path.name)).suffix in of_suffixes()
    return is_source or is_archive(path) or is_program(path)


def _why_not(path: Path) -> str:
    """Why this cannot be a program; "" where it can: an unknown file is judged, and refused."""
    if path.is_dir() and (path / STORE).exists():
        return "results of forkspec"
    if path.name.startswith("."):
        return "hidden: its name begins with a dot"
    if not path.is_dir() and not path.is_file():
        return "a link that leads nowhere" if path.is_symlink() else "no ordinary file"
    return _why_no_program(path) if path.is_file() else ""


def _why_no_program(path: Path) -> str:
    if path.name in of_build_files():
        return "a build file without a student's name; several files need a folder"
    if path.suffix.lower() in _DOCUMENTS and not _is_known(path):
        kind = f"a document ({path.suffix})" if path.suffix else "a file of no known kind"
        return f"{kind}, and no program"
    return ""


def _beside(taken: Taken, path: Path) -> None:
    """Give a header, or a file of no known kind, to the student of its name; alone it is a hand-in."""
    is_header = path.suffix.lower() in headers()
    for index, each in enumerate(taken.students):
        if plain(each.student) == plain(path.stem):
            if is_header and each.first.is_file() and not is_archive(each.first):
                files = {**each.files, path.name: path}
                taken.students[index] = replace(each, files=files, when=newest_file(files.values()))
            else:
                taken.set_aside(path, f"beside {each.first.name}")
            return
    if is_header:
        taken.set_aside(path, "a header without a source of its name")
    else:
        taken.students.append(StudentWork(path.stem, {path.name: path}, when=newest_file([path])))


def _without_suffix(path: Path) -> str:
    """A student's name from a file name; dots may be part of the name."""
    name, suffixes = source_name(path.name) or path.name, [*SUFFIXES, *of_suffixes()]
    known = [each for each in suffixes if name.lower().endswith(each)]
    return (name[: -len(max(known, key=len))] or name) if known else name


LAYOUT: Final = Layout(
    "plain", "a folder, an archive, a source file or a git checkout", _read, is_system=False, place=12
)
