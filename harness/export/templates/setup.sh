#!/bin/bash
# Install forkspec @VERSION@ in /opt/forkspec: once, as root, when the image is made. Its wheels lie beside this file;
# only an interpreter and a compiler that the image lacks are fetched, from the distribution's own archive.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
place=/opt/forkspec

python() {
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2> /dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

tools() {
    command -v cc && command -v c++ && command -v make && command -v prlimit
}

if ! python > /dev/null || ! tools > /dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    apt-get install --yes --no-install-recommends gcc g++ libc6-dev make util-linux
    for version in 3.13 3.12 3.11; do
        python > /dev/null || apt-get install --yes --no-install-recommends "python$version" "python$version-venv" || true
    done
fi
if ! python=$(python); then
    echo "forkspec: no Python from 3.11 to 3.13 here, and none to be had by apt-get: choose an image with Ubuntu 22.04 or later" >&2
    exit 1
fi

"$python" -m venv --without-pip --clear "$place"
pip=("$here"/wheels/pip-*.whl)
"$place/bin/python" "${pip[0]}/pip" install --quiet --disable-pip-version-check --no-cache-dir \
    --no-index --find-links "$here/wheels" --require-hashes --requirement "$here/requirements.txt"
chmod -R go+rX "$place"
chmod 700 "$here"
"$place/bin/forkspec" --version
