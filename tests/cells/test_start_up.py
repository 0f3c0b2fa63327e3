"""What a command loads before it begins: everybody waits for it."""

from __future__ import annotations

import subprocess
import sys


def test_who_wants_no_page_waits_for_none() -> None:
    code = "import sys, harness.cli; sys.exit(bool({'jinja2'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)
