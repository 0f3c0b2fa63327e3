#!/bin/bash
# The setup of AutoTest: upload the folder, and start this once, as root.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bash "$here/install-forkspec.sh"
install -m 755 "$here/custom-test.sh" /opt/forkspec/custom-test.sh
