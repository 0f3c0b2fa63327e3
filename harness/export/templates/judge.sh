#!/bin/bash
# Judge all that lies here, but for RESULT and the names behind it: judge.sh RESULT [NAME...]. The report is in RESULT.
set -u
result=$1
assignment=${FORKSPEC_ASSIGNMENT:-/opt/forkspec/assignment.toml}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
chmod 711 "$place"
mkdir "$place/work"
shopt -s dotglob nullglob
for file in *; do
    for own in "$@"; do
        [ "$file" != "$own" ] || continue 2
    done
    cp -a -- "$file" "$place/work/"
done
export FORKSPEC_CACHE="$place/cache"
/opt/forkspec/bin/forkspec autograde "$place/work" --assignment "$assignment" --format @SYSTEM@ --within @WITHIN@ \
    --out "$result" >&2
