"""The evidence of an appeal, as files: a summary to read, and recordings to judge again."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Final

from harness.record import recording_line
from harness.results.appeal import Appeal, builds
from harness.results.result import Result

from . import text
from .formats.json import as_json
from .printable import printable

_WIDTH: Final = 100


def summary(appeal: Appeal) -> str:
    """The outcome of an appeal, in two lines."""
    counted = ", ".join(f"{outcome.value} {times}" for outcome, times in appeal.outcomes.most_common())
    came = (
        "the same every time" if set(appeal.outcomes) == {appeal.outcome} else "NOT the same every time"
    )
    told = f"{appeal.student}: {appeal.requirement}: {appeal.outcome.value} when the class was judged"
    return printable(f"{told}\n{len(appeal.since)} times again: {counted}: {came}")


def packed(appeal: Appeal, machine: Mapping[str, str]) -> bytes:
    """A zip archive; `machine` is what there is to say of this one, by name."""
    files: dict[str, bytes] = {
        "summary.txt": "\n".join(_about(appeal, machine)).encode(),
        "then.txt": _report(appeal.then).encode(),
        "then.jsonl": _recordings(appeal.then).encode(),
        "handed-in.tar.gz": appeal.parcel,
    }
    for number, result in enumerate(appeal.since, start=1):
        files[f"again/{number:02}.txt"] = _report(result).encode()
        files[f"again/{number:02}.jsonl"] = _recordings(result).encode()
    files["again/results.json"] = as_json(appeal.since).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _about(appeal: Appeal, machine: Mapping[str, str]) -> Iterator[str]:
    yield summary(appeal)
    yield ""
    build = ", ".join(sorted(builds(appeal.then))) or "nothing was built"
    is_same = builds(appeal.then) == frozenset().union(*map(builds, appeal.since))
    same = "the same build" if is_same else "ANOTHER build: the compiler has changed"
    cells = sorted({each.cell for each in appeal.since})
    yield f"forkspec      {appeal.version}, then and now"
    yield f"build         {build}; {same}"
    yield f"cell          {appeal.then.cell} then, {', '.join(cells)} now"
    for name, finding in machine.items():
        yield f"{name:<13} {printable(finding)}"
    yield ""
    yield "summary.txt      this"
    yield "then.txt         the report, and then.jsonl what was seen, when the class was judged"
    yield "again/NN.txt     the same of each repetition; again/results.json all of them for scripts"
    yield "handed-in.tar.gz what was handed in, exactly"
    yield ""
    yield "To judge what was seen again: forkspec judge then.jsonl"
    yield "To repeat it: tar xzf handed-in.tar.gz, then"
    yield f"forkspec check FOLDER --only {appeal.requirement} --repeat {len(appeal.since)}"
    yield ""


def _report(result: Result) -> str:
    return text.plain(lambda out: text.show(result, out), _WIDTH) + "\n"


def _recordings(result: Result) -> str:
    return "".join(f"{recording_line.to_line(each)}\n" for each in result.recordings.values())
