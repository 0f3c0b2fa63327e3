"""What counts as saved: sources, and not what forkspec itself writes beside them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.engine import saved_files

_ASKS = "import sys, pathlib; from harness.engine.saved_files import stamps; "
_ASKS += "open(sys.argv[1], 'w').write('\\n'.join(stamps(pathlib.Path('server.c'))))"


def test_our_own_output_is_no_source(tmp_path: Path) -> None:
    """Of `forkspec watch server.c > log`, which judged again and again."""
    (tmp_path / "server.c").write_text("int main(void) { return 0; }", encoding="utf-8")
    (tmp_path / "server.h").write_text("", encoding="utf-8")
    with (tmp_path / "log").open("wb") as log:
        root = str(Path(__file__).parent.parent.parent)
        asked = [sys.executable, "-c", _ASKS, str(tmp_path / ".seen")]
        subprocess.run(asked, stdout=log, check=True, cwd=tmp_path, env={"PYTHONPATH": root})
    seen = (tmp_path / ".seen").read_text(encoding="utf-8").split()
    assert [Path(each).name for each in seen] == ["server.c", "server.h"]


SAID = "12:00:01  lecture tier: nothing fails"


@pytest.mark.parametrize(
    "log",
    [
        SAID,
        f"\x1b[32m{SAID}\x1b[0m\r\n",  # as script(1) has it
        f"server.c: {SAID}\n" + 100 * "and what it judged\n",
    ],
)
def test_what_has_been_said_is_no_source_wherever_it_went(tmp_path: Path, log: str) -> None:
    """`forkspec watch server.c | tee log` judged without end."""
    server = tmp_path / "server.c"
    server.write_text("int main(void) { return 0; }", encoding="utf-8")
    before = saved_files.stamps(server)
    (tmp_path / "log").write_text(log, encoding="utf-8")
    now = saved_files.stamps(server)
    assert saved_files.changed(before, now, [SAID]) == []
    assert saved_files.changed(before, now, ["12:00:02  lecture tier"]) == ["log"]
    server.write_text("int main(void) { return 1; }", encoding="utf-8")
    assert saved_files.changed(before, saved_files.stamps(server), [SAID]) == ["server.c"]
