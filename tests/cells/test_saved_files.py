"""What counts as saved: sources, and not what forkspec itself writes beside them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
