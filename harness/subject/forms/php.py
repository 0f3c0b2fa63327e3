"""PHP, started as it is from the command line: the file that no other one includes."""

import re
from typing import Final

from harness.subject.form import Form
from harness.subject.interpreted import not_loaded, started_by
from harness.subject.tools import Tool

_LOADED: Final = re.compile(
    r"""\b(?:require|include)(?:_once)?\b[^;]*?['"](?:[^'"]*/)?([^'"/]+)\.php['"]""", re.MULTILINE
)


FORM: Final = Form(
    name="php",
    language="PHP",
    suffixes=(".php",),
    programs=not_loaded(_LOADED),
    tools=(Tool("php", package="php-cli"),),
    needs_no_build=True,
    start=started_by("php"),
)
