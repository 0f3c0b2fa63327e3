"""JavaScript, started by Node as it is."""

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from harness.subject.form import Form
from harness.subject.interpreted import started_by
from harness.subject.tools import Tool

_IMPORTED: Final = re.compile(r"""(?:\brequire\s*\(\s*|\bfrom\s+|\bimport\s+)['"](\.[^'"]*)['"]""")


def _programs(texts: Mapping[Path, str]) -> Collection[Path]:
    """The files that no other one loads."""
    loaded = {
        os.path.normpath(name.parent / path)
        for name, text in texts.items()
        for path in _IMPORTED.findall(text)
    }
    return [name for name in texts if not _ways_to_load(name) & loaded]


def _ways_to_load(name: Path) -> set[str]:
    ways = {str(name), str(name.with_suffix(""))}
    return ways | {str(name.parent)} if name.stem == "index" and name.parent.parts else ways


FORM: Final = Form(
    name="node",
    language="Node",
    suffixes=(".js", ".mjs", ".cjs"),
    programs=_programs,
    carried=frozenset({"node_modules"}),
    tools=(Tool("node", package="nodejs"),),
    needs_no_build=True,
    start=started_by("node"),
)
