"""Words of a command line that stay as they are: a start for which nobody loads pydantic.

Typer asks pydantic for each option's value, also for one that was not given. Its import
and its validators take a fifth of the processor time of a start. A typer that asks nobody, or asks in
another way, is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typer import _click
    from typer.core import TyperArgument, TyperOption

_ASKS: Final = "_runtime_param"


def keep_plain(command: _click.Command) -> None:
    """Let a command take plain words as they are, and what was not given as it is by default."""
    parameters = command.get_params  # it adds --help to those that the command declares

    def plain(context: _click.Context) -> Sequence[_click.Parameter]:
        found = parameters(context)
        for each in found:
            if getattr(each, _ASKS, each) is None:
                setattr(each, _ASKS, _Plain())
        return found

    setattr(command, "get_params", plain)  # noqa: B010  (a type checker wants no method assigned)


class _Plain:
    """Stands for typer's own reader of one parameter, which it calls where a word is not plain."""

    def coerce(self, value: object, param: TyperArgument | TyperOption, ctx: _click.Context) -> object:
        """The value that typer's own reader would give back."""
        is_list = param.multiple or param.nargs == -1
        if value is None:
            return () if is_list else None
        kind = param.type_descriptor
        if type(value) is kind.annotation and value is param.default:
            return value
        if kind.parameter_info.parser is None:
            if is_list and kind.annotation == list[str] and isinstance(value, list | tuple):
                if all(map(_is_text, value)):
                    return list(value)
            elif not is_list and kind.annotation is str and _is_text(value):
                return value
        setattr(param, _ASKS, None)
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


def _is_text(value: object) -> bool:
    """Whether it is a text that can be written down: what was no UTF-8 is refused."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeError:
        return False
    return True
