"""Gives commands their options for the registered formats: --json, --junit, --html ..., and --format.

The options are made when a command line is read, not when forkspec is imported. So an extension that
cannot be used is told in one sentence, as every other error is.
"""

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

import harness
from harness.report import output_file
from harness.report.formats.format import Format
from harness.report.formats.registry import formats
from harness.results.compare_result import CompareResult
from harness.results.result import Result

Outputs = Mapping[str, Path]


def takes_outputs(command: Callable[..., None]) -> Callable[..., None]:
    """Put an option for each format that has one in the place of the command's parameter `outputs`.

    The command gets a mapping: the file that was named, by the format's name.
    """
    return _LateOptions(command, "outputs", _output_options, _named_files)


def takes_comparison_outputs(command: Callable[..., None]) -> Callable[..., None]:
    """As `takes_outputs`, for the formats that can tell a comparison."""
    return _LateOptions(command, "outputs", _comparison_options, _named_files)


def takes_formats(command: Callable[..., None]) -> Callable[..., None]:
    """Put --format in the place of the command's parameter `formats`: it gets the chosen names."""
    return _LateOptions(command, "formats", _format_option, _chosen_names)


def takes_system(command: Callable[..., None]) -> Callable[..., None]:
    """Put --format in the place of the command's parameter `system`: a course system's name."""
    return _LateOptions(command, "system", _system_option, lambda given: given["system"])


def write_outputs(outputs: Outputs, results: Sequence[Result], runs: int) -> Iterator[str]:
    """Write the named files, from the results of `runs` runs of each subject; yield what failed."""
    for name, path in outputs.items():
        each = formats()[name]
        try:
            if each.of_results is not None:
                output_file.write(path, each.of_results(results))
            if each.pages_of_results is not None:
                each.pages_of_results(path, results[::runs])
        except output_file.UnwritableFile as error:
            yield str(error)


def write_comparison(outputs: Outputs, found: CompareResult) -> None:
    """Write the named files; raises UnwritableFile that tells all that failed."""
    failures = []
    for name, path in outputs.items():
        each = formats()[name]
        try:
            if each.of_comparison is not None:
                output_file.write(path, each.of_comparison(found))
        except output_file.UnwritableFile as error:
            failures.append(str(error))
    if failures:
        raise output_file.UnwritableFile("; ".join(failures))


class _LateOptions:
    """A command of which one parameter becomes options when its signature is read."""

    def __init__(
        self,
        command: Callable[..., None],
        parameter: str,
        options: Callable[[], list[inspect.Parameter]],
        gathered: Callable[[Mapping[str, Any]], object],
    ) -> None:
        functools.update_wrapper(self, command)
        self._command, self._parameter = command, parameter
        self._options, self._gathered = options, gathered

    @property
    def __signature__(self) -> inspect.Signature:
        own = inspect.signature(self._command, eval_str=True)
        parameters: list[inspect.Parameter] = []
        for each in own.parameters.values():
            parameters += self._options() if each.name == self._parameter else [each]
        _refuse_double_flags(own, parameters)
        return own.replace(parameters=parameters)

    def __call__(self, **given: Any) -> None:
        mine = {each.name: given.pop(each.name) for each in self._options()}
        self._command(**given, **{self._parameter: self._gathered(mine)})


def _output_options() -> list[inspect.Parameter]:
    return _file_options(each for each in formats().values() if each.is_of_results)


def _comparison_options() -> list[inspect.Parameter]:
    return _file_options(each for each in formats().values() if each.of_comparison is not None)


def _file_options(of: Iterable[Format]) -> list[inspect.Parameter]:
    return [
        _parameter(
            _file(each.name),
            Annotated[
                Path | None,
                typer.Option(each.option.flag, help=each.option.help, metavar=each.option.metavar),
            ],
        )
        for each in of
        if each.option is not None
    ]


def _named_files(given: Mapping[str, Any]) -> dict[str, Path]:
    files = {name: given.get(_file(name)) for name in formats()}
    return {name: file for name, file in files.items() if file is not None}


def _format_option() -> list[inspect.Parameter]:
    names = {name: name for name, each in formats().items() if each.is_for_a_class}
    choice: Any = StrEnum("choice", names)  # type: ignore[misc]  # the registry knows the names
    option = typer.Option("--format", help="Write this, too; repeatable.")
    return [_parameter("formats", Annotated[list[choice] | None, option])]


def _chosen_names(given: Mapping[str, Any]) -> list[str]:
    return [str(each) for each in given["formats"] or ()]


def _system_option() -> list[inspect.Parameter]:
    names = [name for name, each in formats().items() if each.course_system]
    option = typer.Option("--format", help=f"{' or '.join(names)}.")
    return [_parameter("system", Annotated[str, option], inspect.Parameter.empty)]


def _parameter(name: str, annotation: object, default: object = None) -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _file(name: str) -> str:
    return f"{name.replace('-', '_')}_file"


def _refuse_double_flags(own: inspect.Signature, parameters: Sequence[inspect.Parameter]) -> None:
    """A format may not take an option that the command has itself."""
    flags = {f"--{name.replace('_', '-')}" for name in own.parameters} | {"--help"}
    names = {each.name for each in parameters}
    for each in formats().values():
        if each.option and each.option.flag in flags and _file(each.name) in names:
            raise harness.HarnessError(
                f"the format {each.name} wants the option {each.option.flag}, which the command has "
                "itself; uninstall the package that adds it"
            )
