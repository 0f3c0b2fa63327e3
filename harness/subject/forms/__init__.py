"""All build forms: one file each in this folder, and those that installed packages add.

A form declares itself: its file holds a `FORM`, and nothing else names it. This file says in which order
the forms are tried.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

import harness
from harness import extensions
from harness.subject.form import Form
from harness.subject.tools import Tool

ORDER: Final = (
    "c", "c++", "python", "java", "node", "rust", "perl", "ruby", "php",
    "make", "cmake", "meson", "cargo", "go", "shell", "executable",
)  # fmt: skip
"""Of a folder with build files of two forms the first of them counts; forms not named here come last."""
_SEVERAL: Final = ("build_files", "suffixes", "headers", "parts", "left_out", "carried", "litter")


@cache
def all_forms() -> tuple[Form, ...]:
    """Every form, in the order in which they are tried.

    Raises:
        HarnessError: two forms lay claim to one name, suffix or build file; or one cannot be started.
        BrokenExtension: the same, or worse, of a form that another package adds.
    """
    forms: list[Form] = []
    for each in extensions.declared(__name__, "FORM", Form, by_each=True):
        if refused := _objection(each, forms):
            raise harness.HarnessError(f"the form {each.name}: {refused}")
        forms.append(each)
    for extension in extensions.installed(extensions.FORMS, Form):
        if refused := _objection(extension.value, forms):
            raise extension.broken(refused)
        forms.append(extension.value)
    return tuple(sorted(forms, key=_place))


def named(name: str) -> Form:
    """The form of that name."""
    return next(each for each in all_forms() if each.name == name)


def languages() -> str:
    """The languages of all forms, as a user reads them."""
    *others, last = [each.language for each in all_forms() if each.language]
    return f"{', '.join(others)} and {last}"


@cache
def of_suffixes() -> Mapping[str, Form]:
    """The forms by the suffixes of their sources."""
    return MappingProxyType({suffix: each for each in all_forms() for suffix in each.suffixes})


@cache
def headers() -> frozenset[str]:
    """The suffixes of the headers of all forms."""
    return frozenset(suffix for each in all_forms() for suffix in each.headers)


@cache
def of_build_files() -> Mapping[str, Form]:
    """The forms by the names of their build files, in the order in which they are tried."""
    return MappingProxyType({name: each for each in all_forms() for name in each.build_files})


def tool_named(name: str) -> Tool:
    """The tool of this name, as a form describes it; any program may be named."""
    told = (tool for each in all_forms() for tool in each.tools if tool.name == name)
    return next(told, Tool(name))


def _place(form: Form) -> int:
    return ORDER.index(form.name) if form.name in ORDER else len(ORDER)


def _objection(form: Form, before: list[Form]) -> str:
    """Why it cannot be added to the earlier forms, in words; "" where it can."""
    if form.needs_no_build and form.start is None:
        return f"the form {form.name} needs no build, and does not say how it is started"
    for name in _SEVERAL:
        if isinstance(getattr(form, name), str):
            return f"{name} is one text; several are wanted, such as ({getattr(form, name)!r},)"
    for suffix in (*form.suffixes, *form.headers, *form.parts):
        if not suffix.startswith("."):
            return f"{suffix!r} is no suffix, such as '.c'"
    for each in before:
        if each.name == form.name:
            return f"there is a form {form.name} already"
        both = {*each.suffixes, *each.build_files} & {*form.suffixes, *form.build_files}
        if both:
            return f"{min(both)} belongs to the form {each.name}"
    return ""
