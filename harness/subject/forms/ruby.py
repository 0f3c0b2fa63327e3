"""Ruby, started as it is: the file that no other one requires."""

import re
from typing import Final

from harness.subject.form import Form
from harness.subject.interpreted import not_loaded, started_by
from harness.subject.tools import Tool

_LOADED: Final = re.compile(
    r"""^\s*(?:require_relative|require|load)\s*\(?\s*['"](?:[^'"]*/)?([^'"/]+?)(?:\.rb)?['"]""",
    re.MULTILINE,
)


FORM: Final = Form(
    name="ruby",
    language="Ruby",
    suffixes=(".rb",),
    programs=not_loaded(_LOADED),
    tools=(Tool("ruby"),),
    needs_no_build=True,
    start=started_by("ruby"),
)
