"""Every format there is: those of the files here, and those that other packages add."""

import functools
import re
from collections.abc import Collection, Mapping
from typing import Final

from harness import extensions

from .format import Format

_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_FLAG: Final = re.compile(r"--[a-z][a-z0-9-]*")
_EXTENSION: Final = re.compile(r"\w+(\.\w+)*")
_CLASS_PAGE: Final = ("class", "html")
_REPORTS: Final = frozenset({"txt", "html"})  # of each student


@functools.cache
def formats() -> Mapping[str, Format]:
    """Each format by its name, ours first; raises BrokenExtension for a bad one of a package."""
    found = {each.name: each for each in shipped()}
    for added in extensions.installed(extensions.FORMATS, Format):
        if why := _why_not(added.value, found):
            raise added.broken(why)
        found[added.value.name] = added.value
    return found


def of_systems(systems: Collection[str]) -> list[str]:
    """The names of the formats that bring grades back to these course systems."""
    found = formats().items()
    return [name for name, each in found if each.goes_back and each.goes_back.layout in systems]


def shipped() -> list[Format]:
    """The formats of the files here, in the order of the documents."""
    ours = extensions.declared(__package__ or "", "FORMAT", Format)
    return sorted(ours, key=lambda each: (each.place, each.name))


def _why_not(added: Format, known: Mapping[str, Format]) -> str:
    """Why a format cannot stand beside those that are known; "" where it can."""
    flag = added.option.flag if added.option else ""
    flags = {each.option.flag for each in known.values() if each.option}
    files = {(each.class_file, each.extension) for each in known.values() if each.of_class}
    suffixes = {each.extension for each in known.values() if each.of_student}
    reasons = {
        f"{added.name!r} is no name of a format": not _NAME.fullmatch(added.name),
        f"{added.extension!r} is no file's extension": not _EXTENSION.fullmatch(added.extension),
        f"{flag!r} is no option, such as --junit": flag and not _FLAG.fullmatch(flag),
        f"there is a format {added.name} already": added.name in known,
        f"there is an option {flag} already": flag in flags,
        "an option and a function that writes its file belong together": bool(flag)
        != (added.is_of_results or bool(added.of_comparison)),
        f"a class has a file {added.class_file}.{added.extension} already": added.of_class
        and (added.class_file, added.extension) in files | {_CLASS_PAGE},
        f"a class has a file {added.name}.{added.extension} already": added.goes_back
        and (added.name, added.extension) in files | {_CLASS_PAGE},
        f"each student has a file .{added.extension} already": added.of_student
        and added.extension in suffixes | _REPORTS,
    }
    return next((why for why, is_so in reasons.items() if is_so), "")
