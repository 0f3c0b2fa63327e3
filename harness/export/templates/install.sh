#!/bin/bash
# Install forkspec @VERSION@, its assignment and its start: once, as root, where what is handed in will be judged.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bash "$here/setup.sh"
install -m 644 "$here/assignment.toml" /opt/forkspec/assignment.toml
install -m 755 "$here/judge.sh" /opt/forkspec/judge.sh
